package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;

/** What people ask of executions. Every method may be called from any thread and returns when the change is durable. */
public interface Executions {

    /**
     * Lists executions of a task, newest first.
     *
     * @param task the task
     * @param before only those with an earlier timestamp; {@link Long#MAX_VALUE} for the first page
     * @param limit how many at most
     * @return the executions
     */
    List<Execution> list(TaskId task, long before, int limit);

    /**
     * Reads an execution.
     *
     * @param task the task
     * @param timestamp its timestamp
     * @return the execution
     */
    Optional<Execution> find(TaskId task, long timestamp);

    /** What came of a wish. */
    sealed interface Outcome {
        /**
         * It was fulfilled.
         *
         * @param execution the execution as it is now
         */
        record Done(Execution execution) implements Outcome {}

        /** There is no such execution. */
        record NotFound() implements Outcome {}

        /**
         * The execution is in a state in which this can't be.
         *
         * @param reason in words, with the way out
         */
        record Refused(String reason) implements Outcome {}
    }

    /**
     * Runs a finished execution again, under the newest config of its task.
     *
     * @param task the task
     * @param timestamp its timestamp
     * @return what came of it
     */
    default Outcome replay(TaskId task, long timestamp) {
        return replay(task, timestamp, ReplayConfig.NOW);
    }

    /**
     * Runs a finished execution again.
     *
     * @param task the task
     * @param timestamp its timestamp
     * @param config under which config of its task; refused if that is not kept any more
     * @return what came of it
     */
    Outcome replay(TaskId task, long timestamp, ReplayConfig config);

    /**
     * Replays all finished executions of a task that match, under the newest config of the task.
     *
     * @param task the task
     * @param which which of them
     * @param by who wants it, in words
     * @return what came of it
     */
    default ReplayStart replayAll(TaskId task, ReplayFilter which, String by) {
        return replayAll(task, which, ReplayConfig.NOW, by);
    }

    /**
     * Replays all finished executions of a task that match, in the order in which they came in. Goes on in the background of this node, until it is done, {@linkplain #stopReplay stopped}, or the service
     * ends; what has been queued by then stays queued.
     *
     * @param task the task
     * @param which which of them
     * @param config under which config of the task; those for which it is not kept any more are not replayed
     * @param by who wants it, in words
     * @return what came of it
     */
    ReplayStart replayAll(TaskId task, ReplayFilter which, ReplayConfig config, String by);

    /**
     * Tells what is known here of replays of many.
     *
     * @param task the task
     * @return the one that is under way and the one that ended last, on this node and since its start
     */
    Replays replays(TaskId task);

    /**
     * Stops the replay of many that is under way here.
     *
     * @param task the task
     * @param by who stops it, in words
     * @return the replay; empty if none is under way
     */
    Optional<ReplayReport> stopReplay(TaskId task, String by);

    /**
     * Which executions are replayed.
     *
     * @param status {@code DONE} or {@code FAILED}
     * @param from the first timestamp, in nanoseconds since the epoch
     * @param to the timestamp behind the last one
     * @param error what the last error must have in it; empty for any
     * @param limit how many at most; of more, the newest
     */
    record ReplayFilter(ExecutionStatus status, long from, long to, String error, int limit) {
        /** How many one replay may have. */
        public static final int MAX = 10_000;

        boolean matches(Execution execution) {
            long timestamp = execution.key().timestamp();
            return execution.status() == status
                    && timestamp >= from
                    && timestamp < to
                    && execution.lastError().contains(error);
        }
    }

    /**
     * How far a replay of many has come.
     *
     * @param since when it began
     * @param startedBy who wanted it
     * @param ended when it ended; empty while it is under way
     * @param matched how many match, as far as is known
     * @param replayed how many have been queued
     * @param skipped how many had changed since they were found, or were gone
     * @param refused how many were not, since the config under which they were to run is not kept any more
     * @param stoppedBy who stopped it; empty if nobody did
     * @param problem why it ended before all was done, if nobody stopped it; empty if it did not
     */
    record ReplayReport(
            Instant since,
            String startedBy,
            Optional<Instant> ended,
            int matched,
            int replayed,
            int skipped,
            int refused,
            Optional<String> stoppedBy,
            Optional<String> problem) {}

    /**
     * The replays of many of a task.
     *
     * @param running the one that is under way
     * @param last the one that ended last
     */
    record Replays(Optional<ReplayReport> running, Optional<ReplayReport> last) {}

    /** What came of the wish to replay many. */
    sealed interface ReplayStart {
        /**
         * It is under way.
         *
         * @param report how it begins
         */
        record Started(ReplayReport report) implements ReplayStart {}

        /** There is no such task. */
        record NoSuchTask() implements ReplayStart {}

        /**
         * It can't be now.
         *
         * @param reason in words, with the way out
         */
        record Refused(String reason) implements ReplayStart {}
    }

    /**
     * Stops an unfinished execution: it ends as FAILED; a worker that is at it is interrupted.
     *
     * @param task the task
     * @param timestamp its timestamp
     * @return what came of it
     */
    Outcome stop(TaskId task, long timestamp);

    /**
     * Removes all executions of a task but the waiting run of its timer.
     *
     * @param task the task
     * @return how many were removed
     */
    int removeAll(TaskId task);
}
