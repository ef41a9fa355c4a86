package org.cdshooks.api;

import java.io.Serial;

/** Thrown when a task has too many unfinished executions to take another one now. */
public final class OverloadedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message which task and how many
     */
    public OverloadedException(String message) {
        super(message);
    }
}
