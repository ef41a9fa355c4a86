package org.cdshooks.runtime.store;

import java.io.Serial;

/** Thrown when a store must not be used by anybody else, and is. */
public final class StoreInUseException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message who uses it and what to do, for the operator
     */
    public StoreInUseException(String message) {
        super(message);
    }
}
