package org.cdshooks.runtime.store;

import java.util.Optional;
import org.cdshooks.runtime.task.Execution;

/**
 * What is stored in the middle of the work on a claim.
 *
 * @param execution the execution with its events
 * @param cursor replaces the task's cursor
 * @param timer replaces the waiting run of the task's timer: what the hook asked for by {@code nextDue}
 */
public record Progress(Execution execution, Optional<String> cursor, Optional<Due> timer) {}
