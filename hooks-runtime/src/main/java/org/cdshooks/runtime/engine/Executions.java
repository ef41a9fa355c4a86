package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;

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
    Outcome replay(TaskId task, long timestamp);

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
