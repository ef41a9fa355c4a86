package org.cdshooks.runtime.task;

import java.io.Serial;

/** Thrown when the stored form of a task or an execution can't be read. */
public final class MalformedRecordException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    MalformedRecordException(String message) {
        super(message);
    }

    MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
