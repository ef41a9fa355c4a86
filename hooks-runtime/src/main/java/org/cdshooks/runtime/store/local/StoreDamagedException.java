package org.cdshooks.runtime.store.local;

import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Thrown when what is in the data directory is not what was acknowledged. Nothing has been changed. */
public final class StoreDamagedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    StoreDamagedException(Path file, String found, String wayOut, @Nullable Throwable cause) {
        super(file + " is damaged: " + found + ". " + wayOut, cause);
    }
}
