package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;

/**
 * The life of tasks: created, changed, started, stopped, removed. What the API and, in a CDS installation, the
 * synchronisation call. Every method may be called from any thread and returns when the change is durable.
 */
public interface Tasks {
    /** A pause until then is one until somebody resumes the task. Every store can hold this time. */
    Instant LAST_PAUSE = Instant.parse("2200-01-01T00:00:00Z");

    /**
     * Creates a task or changes it, and starts it. The config is checked whole before anything is stored.
     *
     * @param id its id
     * @param type the name of its hook type
     * @param config its options: those of the type, of the sink and of the service
     * @return the task
     * @throws org.cdshooks.api.config.InvalidConfigException with everything that is wrong; nothing was stored. An unknown
     *     type is a problem of option {@code type}, an unknown sink of option {@code sink}
     */
    TaskView put(TaskId id, String type, Map<String, ConfigValue> config);

    /**
     * Checks a task as {@link #put} does, and stores nothing: for those who put several and want all or none.
     *
     * @param id its id
     * @param type the name of its hook type
     * @param config its options
     * @throws org.cdshooks.api.config.InvalidConfigException with everything that is wrong
     */
    void check(TaskId id, String type, Map<String, ConfigValue> config);

    /**
     * Tries out what a task would do: its hook, its filters and its mapping run, on a hook made for it; nothing is stored, and no
     * sink is called. What its hook asks of others while it executes, such as a server that it polls, it does ask.
     *
     * @param id its id
     * @param input what is tried
     * @param draft the config to try it with, in which blanked secrets stand for stored ones; empty for the stored config
     * @return what it would do; empty if there is no such task
     * @throws org.cdshooks.api.config.InvalidConfigException with everything that is wrong with the config
     */
    Optional<Rehearsal> rehearse(TaskId id, Rehearsal.Input input, Optional<Map<String, ConfigValue>> draft);

    /**
     * Reads a task.
     *
     * @param id its id
     * @return the task
     */
    Optional<TaskView> find(TaskId id);

    /**
     * Lists what a task was, as far as it is kept.
     *
     * @param id its id
     * @return its revisions, newest first; empty if there is no such task
     */
    List<RevisionView> revisions(TaskId id);

    /**
     * Lists tasks, oldest first.
     *
     * @param after the last one of the page before; empty for the first page
     * @param limit how many at most
     * @return the tasks
     */
    List<TaskView> list(Optional<TaskId> after, int limit);

    /**
     * Removes a task with its executions.
     *
     * @param id its id
     * @return the task as it was
     */
    Optional<TaskView> remove(TaskId id);

    /**
     * Starts a task; starting a started one starts it anew.
     *
     * @param id its id
     * @return the task
     * @throws org.cdshooks.api.config.InvalidConfigException if its type does not take its config any more
     */
    Optional<TaskView> start(TaskId id);

    /**
     * Stops a task: its timer and listener end; requests to its endpoint are still answered and stored, and end as skipped.
     *
     * @param id its id
     * @return the task
     */
    Optional<TaskView> stop(TaskId id);

    /**
     * Stops a task as {@link #stop} does, and refuses requests to its endpoint, until it is started.
     *
     * @param id its id
     * @param drain whether what it has accepted by then is still executed; if not, it ends as skipped
     * @return the task
     */
    Optional<TaskView> disable(TaskId id, boolean drain);

    /**
     * Suspends a task for a reason of the service's own: its timer and listener end, requests to its endpoint are refused, and
     * what it has accepted is executed, until it is started. Does nothing if the task is stopped, or is another revision.
     *
     * @param id its id
     * @param revision the revision that the reason is about
     * @param reason why, for the user
     * @return the task
     */
    Optional<TaskView> suspend(TaskId id, long revision, String reason);

    /**
     * Pauses a task: requests are answered and stored, its timer rings and its listener listens, and nothing of it is
     * executed until it is resumed or the time comes. What is worked on ends in its time. Survives restarts and changes of
     * the task.
     *
     * @param id its id
     * @param until when it goes on by itself; not later than {@link #LAST_PAUSE}
     * @return the task
     */
    Optional<TaskView> pause(TaskId id, Instant until);

    /**
     * Ends the pause of a task, if there is one.
     *
     * @param id its id
     * @return the task
     */
    Optional<TaskView> resume(TaskId id);

    /**
     * Tells when a task's timer will ring.
     *
     * @param id its id
     * @param from after this time
     * @param count how many at most
     * @return the times; fewer if the schedule ends, none if the task has no timer; empty if there is no such task
     */
    Optional<List<Instant>> schedule(TaskId id, Instant from, int count);
}
