package org.cdshooks.api;

import java.io.Serial;

/** Thrown to a listener whose node no longer owns it. Another node has gone on in its place. */
public final class OwnershipLostException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message who owns what
     */
    public OwnershipLostException(String message) {
        super(message);
    }
}
