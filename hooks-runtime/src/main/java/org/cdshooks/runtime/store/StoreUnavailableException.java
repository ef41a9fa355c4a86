package org.cdshooks.runtime.store;

import java.io.Serial;

/** Thrown when the store can't be reached or can't be written. Nothing was acknowledged; the caller may try again. */
public final class StoreUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final boolean full;

    /**
     * Creates an exception.
     *
     * @param message what is wrong, for the operator
     * @param cause what the store's library said
     */
    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
        this.full = false;
    }

    /**
     * Creates an exception.
     *
     * @param message what is wrong, for the operator
     * @param full whether there is no room for new work, while old work still goes on
     */
    public StoreUnavailableException(String message, boolean full) {
        super(message);
        this.full = full;
    }

    /**
     * Tells whether there is no room for new work.
     *
     * @return true if so; answered with 507 instead of 503
     */
    public boolean isFull() {
        return full;
    }
}
