package org.cdshooks.runtime.store;

import java.time.Instant;
import java.util.Optional;
import org.cdshooks.runtime.task.Execution;

/** How the work on a claim ended. The status of the execution is set by the store. */
public sealed interface Settlement {
    /**
     * Returns the execution as it is to be stored.
     *
     * @return the execution
     */
    Execution execution();

    /**
     * It is DONE.
     *
     * @param execution the execution
     * @param cursor replaces the task's cursor
     * @param timer replaces the waiting run of the task's timer
     */
    record Done(Execution execution, Optional<String> cursor, Optional<Due> timer) implements Settlement {}

    /**
     * It waits for another attempt.
     *
     * @param execution the execution
     * @param due when it is queued again
     */
    record Retry(Execution execution, Instant due) implements Settlement {}

    /**
     * It is FAILED.
     *
     * @param execution the execution
     */
    record Failed(Execution execution) implements Settlement {}

    /**
     * Makes a plain end.
     *
     * @param execution the execution
     * @return DONE without cursor and timer
     */
    static Done done(Execution execution) {
        return new Done(execution, Optional.empty(), Optional.empty());
    }
}
