package org.cdshooks.runtime.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * All that a store holds, on its way out or in: for moving it to another store. While it is open nobody else uses the store.
 *
 * <p>What is read page by page is asked for from {@link #FIRST} on, and then from where the page before says, until it says
 * {@link #LAST}. Pages are small in memory, whatever is stored.
 *
 * <p>What is brought in becomes part of the store between {@link #begin} and {@link #end}. Until the end the store can't be
 * used otherwise, and a later {@link #undo} takes it out again; so whoever was killed in between begins anew.
 *
 * <p>For one thread. Every method throws {@link StoreUnavailableException} when the store can't be reached or written.
 */
public interface StoreContents extends AutoCloseable {
    /** Where the first page begins. */
    String FIRST = "";

    /** Where nothing comes any more. */
    String LAST = "";

    /**
     * A part of something.
     *
     * @param items the part, which may be empty although more comes
     * @param next where the next one begins; {@link #LAST} if this was the last
     */
    record Page<T>(List<T> items, String next) {}

    /**
     * A task.
     *
     * @param record the task, with revision and creation time
     * @param revisions its revisions, newest first
     * @param cursor its cursor
     * @param pausedUntil until when its executions are held
     */
    record TaskContents(
            TaskRecord record, List<TaskRevision> revisions, Optional<String> cursor, Optional<Instant> pausedUntil) {}

    /** Where an execution is, when nobody works on any. */
    enum Place {
        /** The waiting run of the task's timer. */
        TIMER,
        /** Waits for another attempt. */
        RETRY,
        QUEUE,
        DONE,
        FAILED
    }

    /**
     * An execution.
     *
     * @param key its key
     * @param place where it is
     * @param due when it is due, in nanoseconds since the epoch, if it waits for its time
     * @param order tells who comes first within the queue of a task
     * @param crashes how often work on it ended in a crash or a lost lease
     * @param json its JSON, of which status and timestamp may be older than those here
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record ExecutionContents(ExecutionKey key, Place place, long due, long order, int crashes, byte[] json) {}

    /**
     * A delivery that is remembered.
     *
     * @param execution the execution that it made; it may have been cleaned since
     * @param hash names it
     * @param expires when it is forgotten, in nanoseconds since the epoch
     */
    record DeliveryContents(ExecutionKey execution, DeliveryHash hash, long expires) {}

    /**
     * Says which store this is.
     *
     * @return words for the operator, without secrets
     */
    String words();

    // ----------------------------------------------------------------------------------------------------- out

    /**
     * Reads tasks, oldest first.
     *
     * @param from where the page begins
     * @return a page
     */
    Page<TaskContents> tasks(String from);

    /**
     * Reads executions of a task.
     *
     * @param id the task
     * @param from where the page begins
     * @return a page
     */
    Page<ExecutionContents> executions(TaskId id, String from);

    /**
     * Reads what is remembered of deliveries, of all tasks. One may come twice.
     *
     * @param from where the page begins
     * @return a page
     */
    Page<DeliveryContents> deliveries(String from);

    /**
     * Counts tasks.
     *
     * @return how many there are
     */
    long taskCount();

    /**
     * Counts the executions of a task.
     *
     * @param id the task
     * @return the counts; zeros for an unknown task
     */
    TaskCounts counts(TaskId id);

    /**
     * Tells whether claims are stopped.
     *
     * @return true during maintenance
     */
    boolean isMaintenance();

    // ----------------------------------------------------------------------------------------------------- in

    /**
     * Takes out what was brought in by somebody who did not come to the end.
     *
     * @return how many tasks that were
     */
    int undo();

    /** Begins to bring in. */
    void begin();

    /**
     * Tells whether there is a task.
     *
     * @param id the task
     * @return true if there is
     */
    boolean hasTask(TaskId id);

    /**
     * Brings a task in, behind those that are there.
     *
     * @param task the task; its id is new here
     */
    void addTask(TaskContents task);

    /**
     * Brings executions of a task in.
     *
     * @param id a task that has been brought in
     * @param executions some of its executions
     */
    void addExecutions(TaskId id, List<ExecutionContents> executions);

    /**
     * Brings in what is remembered of deliveries.
     *
     * @param deliveries of tasks that have been brought in
     */
    void addDeliveries(List<DeliveryContents> deliveries);

    /**
     * Ends: all that was brought in is durable, and the store may be used.
     *
     * @param maintenance whether claims are stopped; they stay stopped if they are
     */
    void end(boolean maintenance);

    @Override
    void close();
}
