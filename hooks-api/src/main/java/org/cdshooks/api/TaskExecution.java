package org.cdshooks.api;

import java.time.Instant;
import java.util.Optional;

/** One firing of a task, stored before it is executed. */
@ProvidedByRuntime
public interface TaskExecution {

    /**
     * Returns the id, the same on every attempt.
     *
     * @return the id
     */
    ExecutionId id();

    /**
     * Returns the name of the trigger that fired.
     *
     * @return the name; {@code "api"} if a person or the API asked for the execution
     */
    String trigger();

    /**
     * Returns when the execution was due: when it was emitted, or when its timer said.
     *
     * @return the due time
     */
    Instant dueAt();

    /**
     * Returns the number of this attempt.
     *
     * @return 1 at first
     */
    int attempt();

    /**
     * Returns what came in.
     *
     * @return the payload
     */
    Payload payload();

    /**
     * Returns the last cursor stored for the task.
     *
     * @return the cursor; empty if none was ever stored
     */
    Optional<String> cursor();
}
