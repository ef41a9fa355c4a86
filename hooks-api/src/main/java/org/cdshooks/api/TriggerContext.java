package org.cdshooks.api;

import java.util.Optional;

/** How a trigger tells the runtime that something happened: the event emitter of a hook. */
@ProvidedByRuntime
public interface TriggerContext {

    /**
     * Stores one invocation. When this returns, the execution will be run even if every node dies.
     *
     * <p>This is where backpressure acts: while the task has as many unfinished executions as it may have, a listener
     * blocks here, and a request gets an {@link OverloadedException}.
     *
     * @param invocation what happened
     * @return the id of the execution; of the earlier one if the key was seen before
     * @throws InterruptedException if told to stop while waiting
     * @throws OwnershipLostException if another node runs this listener by now; just let it out
     * @throws OverloadedException if the task has too many unfinished executions and waiting is no answer
     */
    Receipt emit(Invocation invocation) throws InterruptedException;

    /**
     * Returns the last cursor stored for this task.
     *
     * @return where to go on, in the hook's own words; empty if none was ever stored
     */
    Optional<String> cursor();

    /**
     * Tells whether to stop. Once true it stays true.
     *
     * @return true if told to stop
     */
    boolean isCancelled();
}
