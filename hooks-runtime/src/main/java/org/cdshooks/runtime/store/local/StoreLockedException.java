package org.cdshooks.runtime.store.local;

import java.io.Serial;
import java.nio.file.Path;

/** Thrown when the data directory is in use by another process. */
public final class StoreLockedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    StoreLockedException(Path directory, String holder) {
        super("the data directory " + directory + " is in use by " + holder
                + ": stop that one, or give this one another directory");
    }
}
