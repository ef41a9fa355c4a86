package org.cdshooks.runtime.plugin;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown with a message that is already the line for the report. */
final class NotUsableException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    NotUsableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    NotUsableException(String message) {
        super(message);
    }
}
