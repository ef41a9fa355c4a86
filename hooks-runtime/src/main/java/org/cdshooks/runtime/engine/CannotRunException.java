package org.cdshooks.runtime.engine;

import java.io.Serial;

/** Thrown when a task has no hook on this node now. The message is for the user. */
final class CannotRunException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    /** Why, and so what becomes of its executions. */
    enum Cause {
        /** A plugin is away, or suspended: its executions wait for it. */
        PARKED,
        /** Its config is wrong, and trying again does not mend it. */
        BAD_CONFIG,
        /** The hook type's code failed; it may do better another time. */
        FAILED
    }

    private final Cause why;
    private final String reason;

    CannotRunException(Cause why, String message) {
        super(message);
        this.why = why;
        this.reason = message;
    }

    Cause why() {
        return why;
    }

    /** The message, for the user. */
    String reason() {
        return reason;
    }
}
