package org.cdshooks.runtime.store;

import java.util.Optional;
import org.cdshooks.runtime.task.Execution;

/**
 * What is stored in the middle of the work on a claim.
 *
 * @param execution the execution with its events
 * @param cursor replaces the task's cursor
 * @param timer replaces the waiting run of the task's timer: what the hook asked for by {@code nextDue}
 * @param revision the revision of the task that the hook saw: if the task has another one now, the timer is left as it is,
 *     for it is that of the new revision; 0 replaces it in any case
 */
public record Progress(Execution execution, Optional<String> cursor, Optional<Due> timer, long revision) {
    /**
     * Makes progress that doesn't ask for the revision of the task.
     *
     * @param execution the execution with its events
     * @param cursor replaces the task's cursor
     * @param timer replaces the waiting run of the task's timer
     */
    public Progress(Execution execution, Optional<String> cursor, Optional<Due> timer) {
        this(execution, cursor, timer, 0);
    }
}
