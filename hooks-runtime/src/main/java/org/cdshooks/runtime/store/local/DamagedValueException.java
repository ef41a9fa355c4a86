package org.cdshooks.runtime.store.local;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when one value is not what was written. */
final class DamagedValueException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    DamagedValueException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
