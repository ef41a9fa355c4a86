package org.cdshooks.runtime.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * Where tasks and executions are. Every implementation passes the same contract test.
 *
 * <p>The methods that change something are the transitions of an execution's life. <b>Each is one atomic step</b>, safe
 * to run twice, and costs O(log n) at most: nothing here looks at all tasks or all executions.
 *
 * <pre>
 *        accept / timer rings              claim                    settle
 * (none) ─────────────► SCHEDULED ──► ENQUEUED ──► DOING(lease, token) ──► DONE
 *                           ▲                        │   │
 *                           └── retry, back-off ─────┘   └── tries used up / rejected / 3 crashes ──► FAILED
 * </pre>
 *
 * <p>So an unfinished execution is always in exactly one of three places: it waits for its time (SCHEDULED), it waits for
 * a worker (ENQUEUED), or it is under a lease (DOING).
 *
 * <p><b>Durability.</b> What {@link #putTask}, {@link #replaceTask}, {@link #removeTask}, {@link #accept}, {@link #replay}, {@link
 * #abort}, {@link #removeExecutions}, {@link #pause} and {@link #setMaintenance} have returned from survives {@code kill -9}, in stores that survive it at all. The other
 * transitions may be forgotten in a crash, in order: then the execution is where it was before, and is run again. A later
 * transition is never kept without the earlier ones.
 *
 * <p><b>Threads.</b> All methods may be called from any thread, virtual ones included, and may be interrupted without harm
 * to the store. Time is the store's own clock.
 *
 * <p>Every method throws {@link StoreUnavailableException} when the store can't be reached or can't be written; then nothing
 * is acknowledged.
 */
public interface TaskStore extends AutoCloseable {
    /**
     * How often an execution may crash its node before it becomes FAILED: a poison pill must not circle for ever. The last of
     * these crashes counts only if nothing else ran on the node, so that no execution fails for what another one did.
     */
    int MAX_CRASHES = 3;

    /** How many revisions of a task are kept, the newest included. */
    int KEPT_REVISIONS = 20;

    /** Begins each part of {@link #durability} that an operator should mend. */
    String WARNING = "WARNING";

    // ------------------------------------------------------------------------------------------------------ tasks

    /**
     * Creates or replaces a task, and in the same step its waiting timer: an execution of this task that waits for its
     * timer to ring is replaced by the given one, or removed if none is given. Other executions stay.
     *
     * <p>A revision is given once under an id, also if the task is removed and made anew: so it tells what was seen from
     * everything that came later.
     *
     * <p>If it differs so that {@linkplain TaskRecord#looksLike a user can see it}, the task as it was is kept as one of its
     * {@linkplain #revisions revisions}, in the same step.
     *
     * @param task the task; revision and creation time are set here
     * @param timer the next run of its timer, to wait until {@code due}
     * @return the task as stored
     */
    TaskRecord putTask(TaskRecord task, Optional<Due> timer);

    /**
     * Replaces a task as {@link #putTask} does, unless somebody has changed it since it was seen. So two nodes that change
     * one task at the same time don't undo each other's work unseen.
     *
     * @param seen the task as it was seen; empty if there was none
     * @param task the task; revision and creation time are set here
     * @param timer the next run of its timer
     * @return the task as stored; empty if it is not as it was seen, and nothing was done
     */
    default Optional<TaskRecord> replaceTask(Optional<TaskRecord> seen, TaskRecord task, Optional<Due> timer) {
        return replaceTask(seen, task, seen.filter(before -> !before.looksLike(task)), timer);
    }

    /**
     * Replaces a task, and keeps as its revision what the caller says that it was: for those who know better what a user can
     * see, or must not keep what was stored.
     *
     * @param seen the task as it was seen; empty if there was none
     * @param task the task
     * @param former the task as it was seen, in the form in which it is kept; empty if nobody can see a change
     * @param timer the next run of its timer
     * @return the task as stored; empty if it is not as it was seen, and nothing was done
     */
    Optional<TaskRecord> replaceTask(
            Optional<TaskRecord> seen, TaskRecord task, Optional<TaskRecord> former, Optional<Due> timer);

    /**
     * Reads a task.
     *
     * @param id its id
     * @return the task, if there is one
     */
    Optional<TaskRecord> task(TaskId id);

    /**
     * Lists the last {@value #KEPT_REVISIONS} revisions of a task.
     *
     * @param id its id
     * @return the revisions, newest first, each with its secrets as they are stored; empty if there is no such task
     */
    List<TaskRevision> revisions(TaskId id);

    /**
     * Returns a task as it was when it had a revision.
     *
     * @param id its id
     * @param number a revision that it had
     * @return what it was; empty if that is not kept any more, or it never had that revision
     */
    Optional<TaskRevision> revision(TaskId id, long number);

    /**
     * Removes a task with its executions, its revisions, its cursor and what is remembered of deliveries. Work under way on it is
     * refused when it settles. All is gone at once for everybody; a store may {@linkplain #eraseRemoved erase} it later.
     *
     * @param id its id
     * @return whether there was one
     */
    boolean removeTask(TaskId id);

    /**
     * Lists tasks, oldest first.
     *
     * @param after the id of the last task of the page before; empty for the first page
     * @param limit how many at most
     * @return the tasks; fewer than the limit if there are no more. An unknown {@code after} gives an empty page
     */
    List<TaskRecord> tasks(Optional<TaskId> after, int limit);

    /**
     * Returns the last cursor stored for a task.
     *
     * @param id its id
     * @return the cursor, in the hook type's own words
     */
    Optional<String> cursor(TaskId id);

    // --------------------------------------------------------------------------------------------------- new work

    /**
     * Stores a new execution and queues it. When this returns {@link AcceptResult.Stored}, it is durable.
     *
     * @param execution the execution; if its timestamp is taken, the next free one is used
     * @param terms duplicates, limits, cursor
     * @return what became of it; a {@link AcceptResult.Duplicate} is durable as well, for the first delivery is
     */
    AcceptResult accept(Execution execution, AcceptTerms terms);

    /**
     * Returns timers whose time has come, earliest first, without changing anything.
     *
     * @param max how many at most
     * @return what is to {@linkplain #ring ring}
     */
    List<Due> dueTimers(int max);

    /**
     * Returns timers of some hook types whose time has come, earliest first, without changing anything. Timers of other types
     * are not looked at, however many there are. If more are due, each type gets an equal part.
     *
     * @param types the hook types that the caller can ring
     * @param max how many at most
     * @return what is to {@linkplain #ring ring}
     */
    List<Due> dueTimers(Set<String> types, int max);

    /**
     * Lets a timer that is due and can't ring wait for a while longer, so that nobody finds it again before that. May be
     * forgotten when the store is opened again. Does nothing if it is not due.
     *
     * @param key the waiting run
     * @param time how long from now
     */
    void holdTimer(ExecutionKey key, Duration time);

    /**
     * Counts timers that wait and that a node can't ring since it does not have their hook types.
     *
     * @param types the hook types that the node has
     * @return how many timers are of other types
     */
    long timersBeside(Set<String> types);

    /**
     * Rings a timer: in one step its execution stops waiting and is queued or recorded, and the next run begins to wait.
     * So a crash can't end a schedule, and N nodes that ring it make one run. What waited was made before its task was stored:
     * only now it is known under which revision it is accepted, which is that of the ring.
     *
     * @param ring what is to be done
     * @return what was done
     */
    RingResult ring(Ring ring);

    /**
     * Queues executions whose back-off is over, earliest first.
     *
     * @param max how many at most
     * @return how many there were
     */
    int promoteRetries(int max);

    /**
     * Returns when the store itself needs somebody next. Asked often, so it is one question.
     *
     * @return the times
     */
    NextTimes nextTimes();

    /**
     * As {@link #nextTimes()}, but timers count only if they are of some hook types.
     *
     * @param types the hook types that the caller can ring
     * @return the times
     */
    NextTimes nextTimes(Set<String> types);

    /**
     * Returns when the next timer or retry is due.
     *
     * @return the time, which may have passed; empty if nothing waits for a time
     */
    default Optional<Instant> nextDue() {
        return nextTimes().due();
    }

    // --------------------------------------------------------------------------------------------------- workers

    /**
     * Takes executions from the queue and puts them under lease. First come, first served within a task; between tasks
     * none waits behind the queue of another.
     *
     * <p>What {@link #accept} and {@link #replay} have queued is claimed only once no crash of the service undoes it: a target
     * hears of nothing that the store may forget.
     *
     * <p>A claim counts as {@link ClaimPhase#RUNNING} from the start, so that work that begins at once costs no step more;
     * that of a {@linkplain Claim#isSuspect suspect} counts as {@link ClaimPhase#HELD}.
     *
     * @param max how many at most; a store may give fewer than there are, and more at the next call
     * @param maxPerTask how many of one task may be under lease at the same time, on all nodes together; others of it
     *     wait in the queue
     * @param lease how long until somebody else may {@linkplain #recover recover} them
     * @return what was taken, status DOING; empty if nothing can be
     */
    List<Claim> claim(int max, int maxPerTask, Duration lease);

    /**
     * Notes how far the work on a claim is. The work begins only after this has returned, so that the store knows of the work
     * when the node dies.
     *
     * @param claim what is to be worked on
     * @param phase how far the work is from now on
     * @return false if the claim is lost; then nothing was noted
     */
    boolean setPhase(Claim claim, ClaimPhase phase);

    /**
     * Renews leases.
     *
     * @param claims what is being worked on
     * @param lease how long from now
     * @return those that are lost: expired and recovered, aborted or removed; whoever works on them should stop
     */
    List<Claim> extend(Collection<Claim> claims, Duration lease);

    /**
     * Stores what an execution has yielded while it is worked on, so that a crash after it does not compute it anew.
     *
     * @param claim what is being worked on
     * @param progress the execution with its events; cursor and timer
     * @return false if the claim is lost; then nothing was stored
     */
    boolean checkpoint(Claim claim, Progress progress);

    /**
     * Ends the work on a claim. Everything in the settlement happens in the same step. An execution that has come to the end of
     * an {@linkplain ClaimPhase#ISOLATED isolated} attempt is no suspect any more: its crashes are forgotten.
     *
     * @param claim what was worked on
     * @param settlement what came of it
     * @return false if the claim is lost; then nothing was stored, and the late result is refused
     */
    boolean settle(Claim claim, Settlement settlement);

    /**
     * Lets the first execution do something, and no other within a time. The same execution is answered the same again, so
     * this is safe to run twice. A crash may forget a claim as it may forget other transitions for which nobody waits: in
     * order, together with all that came after. Claims are not copied into another store.
     *
     * @param scope among whom it is done once
     * @param key names what is to be done
     * @param execution who wants to do it
     * @param window how long others are kept from it, from the first time
     * @param insteadOf the execution that has had it and did not do it, so that it goes to the one that asks
     * @return who is to do it
     */
    ExecutionKey firstToDo(
            String scope, String key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf);

    /**
     * Gives claims back to the head of the queue as if they had not been taken: no attempt, no crash.
     *
     * @param claims what was not begun
     */
    void release(Collection<Claim> claims);

    /**
     * Queues executions whose lease has expired. What that says of them tells their {@linkplain ClaimPhase#crashesAfter phase}:
     * with the third crash an execution becomes FAILED.
     *
     * @param max how many at most
     * @return how many there were
     */
    int recover(int max);

    /**
     * Returns when the earliest lease expires.
     *
     * @return the time; empty if nothing is under lease
     */
    default Optional<Instant> nextLeaseEnd() {
        return nextTimes().leaseEnd();
    }

    /**
     * Holds the executions of a task, on all nodes: none is {@linkplain #claim claimed} until then, everything else goes on.
     * What is under lease stays so. They wait in their order, and cost the others nothing. Putting the task anew changes
     * nothing of it.
     *
     * @param id the task
     * @param until when they go on by themselves, soon after; now or earlier lets them go on now
     * @return false if there is no such task
     */
    boolean pause(TaskId id, Instant until);

    /**
     * Tells whether the executions of a task are held.
     *
     * @param id the task
     * @return until when; empty if they are not, or there is no such task
     */
    Optional<Instant> pausedUntil(TaskId id);

    /**
     * Stops or allows {@linkplain #claim claims} on all nodes; everything else goes on. Kept until it is changed again.
     *
     * @param enable whether nothing is claimed from now on
     */
    void setMaintenance(boolean enable);

    /**
     * Tells whether claims are stopped on all nodes.
     *
     * @return true during maintenance
     */
    boolean isMaintenance();

    /**
     * Tells a worker, soon after, whenever there may be something to {@linkplain #claim claim} or the next due time has
     * become earlier. Called often and from any thread, also the store's own, so it only raises a flag.
     *
     * @param listener replaces the one before
     */
    void onWork(Runnable listener);

    // ------------------------------------------------------------------------------------------------ many nodes

    /**
     * Returns how long a node may sleep without looking whether there is something to do. Where nodes share a store, one may
     * die between a step and telling the others of it.
     *
     * @return the longest sleep
     */
    Duration maxSleep();

    /**
     * Agrees with all nodes on a value, for good: the one that was offered first.
     *
     * @param name what the value is
     * @param offered this node's own
     * @return the value of all nodes
     */
    String agree(String name, String offered);

    /**
     * Tells that a node is alive, and who else is.
     *
     * @param node the name of the node, unique among all processes that ever use this store
     * @param alive how long it counts as alive without telling so again; zero or less if it leaves
     * @return the names of all nodes that are alive, this one included unless it leaves
     */
    List<String> nodes(String node, Duration alive);

    /**
     * Takes the right to listen for a task. One node has it at a time; a node that has it already gets it renewed.
     *
     * <p>A right ends when it is given back, when its task is removed, and when its time is over and somebody takes it, be it
     * the same node. From then on what is {@linkplain AcceptTerms#by said by it} is refused. Who is late and finds the right
     * untaken may still speak, for nobody else does.
     *
     * @param id the task
     * @param node the name of the node
     * @param lease how long from now, if it is not renewed
     * @return the right; its epoch is the same when it is renewed, and greater than that of every right before of this id when
     *     it is a new one. Empty if another node has it, or there is no such task
     */
    Optional<ListenRight> listen(TaskId id, String node, Duration lease);

    /**
     * Renews rights to listen. All rights of a node are renewed in one call, so that their number does not decide whether
     * the node is in time.
     *
     * @param rights the rights
     * @param lease how long from now
     * @return the rights that have ended, or whose time is over; those are not renewed
     */
    List<ListenRight> renewListening(Collection<ListenRight> rights, Duration lease);

    /**
     * Gives the right to listen back, so that another node may take it at once. Does nothing if it has ended.
     *
     * @param right the right
     */
    void endListening(ListenRight right);

    /**
     * Tells of changes of tasks that other nodes have made. Called from the store's own threads, so it only takes a note.
     *
     * @param listener replaces the one before
     */
    void onTaskChange(TaskChangeListener listener);

    // ------------------------------------------------------------------------------------------ what people ask for

    /**
     * Queues a finished execution again, to run under the newest config of its task.
     *
     * @param key which
     * @return the execution as queued; empty if there is none, or it is not finished
     */
    default Optional<Execution> replay(ExecutionKey key) {
        return replay(key, ReplayConfig.NOW);
    }

    /**
     * Queues a finished execution again.
     *
     * @param key which
     * @param config under which config of its task it runs; noted with it
     * @return the execution as queued; empty if there is none, or it is not finished
     */
    Optional<Execution> replay(ExecutionKey key, ReplayConfig config);

    /**
     * Ends an unfinished execution as FAILED, wherever it is. Work under way on it is refused when it settles. The
     * waiting run of a timer can't be aborted: stop its task.
     *
     * @param key which
     * @param reason for the user
     * @return the execution as stored; empty if there is none, it is finished or a timer's waiting run
     */
    Optional<Execution> abort(ExecutionKey key, String reason);

    /**
     * Removes finished executions of a task that are too many: of DONE ones the newest {@code keepDone} stay, of FAILED
     * ones the newest {@code keepFailed}.
     *
     * @param id the task
     * @param keepDone how many DONE ones stay
     * @param keepFailed how many FAILED ones stay
     * @return how many were removed
     */
    int clean(TaskId id, int keepDone, int keepFailed);

    /**
     * Removes all executions of a task but the waiting run of its timer.
     *
     * @param id the task
     * @return how many were removed
     */
    int removeExecutions(TaskId id);

    /**
     * Erases some of what {@link #removeTask} and {@link #removeExecutions} have taken away and left in the store. Each node
     * calls this again and again, so what a node leaves that dies is erased by another one.
     *
     * @return whether there is more for this node to erase now
     */
    default boolean eraseRemoved() {
        return false;
    }

    /**
     * Reads an execution.
     *
     * @param key which
     * @return the execution with its status
     */
    Optional<Execution> execution(ExecutionKey key);

    /**
     * Finds the key of an execution of a task, which names only its timestamp.
     *
     * @param id the task
     * @param timestamp the timestamp
     * @return the execution with its status
     */
    Optional<Execution> execution(TaskId id, long timestamp);

    /**
     * Lists executions of a task, newest first.
     *
     * @param id the task
     * @param before only those with an earlier timestamp; {@link Long#MAX_VALUE} for the first page
     * @param limit how many at most
     * @return the executions with their status
     */
    List<Execution> executions(TaskId id, long before, int limit);

    /**
     * Counts executions of a task.
     *
     * @param id the task
     * @return the counts; zeros for an unknown task
     */
    TaskCounts counts(TaskId id);

    /**
     * Returns the counts of the whole store, in constant time.
     *
     * @return the counts
     */
    StoreCounts counts();

    /**
     * Returns what is remembered of requests beside executions.
     *
     * @return the log of requests
     */
    RequestLog requests();

    // --------------------------------------------------------------------------------------------------- the store

    /**
     * Tells in words what this store can lose and when.
     *
     * @return one sentence for the operator
     */
    String durability();

    /**
     * Tells what is wrong with the store now.
     *
     * @return the problem in words; empty if it works
     */
    Optional<String> problem();

    /**
     * Tells whether the store has stopped for good in this process, which has to be started again.
     *
     * @return false as long as the store goes on by itself when its problem is over
     */
    default boolean hasStopped() {
        return false;
    }

    /** Writes what is not written and lets go of everything. Called once, when no other call is under way. */
    @Override
    void close();
}
