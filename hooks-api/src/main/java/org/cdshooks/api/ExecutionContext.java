package org.cdshooks.api;

import java.time.Instant;

/** The bounds of one attempt at an execution. */
@ProvidedByRuntime
public interface ExecutionContext {

    /**
     * Returns when this attempt is cancelled at the latest.
     *
     * @return the deadline
     */
    Instant deadline();

    /**
     * Tells whether to stop. Once true it stays true.
     *
     * @return true if cancelled
     */
    boolean isCancelled();
}
