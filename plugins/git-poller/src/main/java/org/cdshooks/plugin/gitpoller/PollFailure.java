package org.cdshooks.plugin.gitpoller;

import java.io.Serial;
import java.time.Instant;

/** Why a poll came to no result. The messages are for users and hold no secret. */
sealed class PollFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private PollFailure(String message) {
        super(message);
    }

    private PollFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /** Somebody has to mend the task or the server. */
    static final class Refused extends PollFailure {
        @Serial
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** A later attempt may succeed. */
    static final class Away extends PollFailure {
        @Serial
        private static final long serialVersionUID = 1;

        Away(String message) {
            super(message);
        }

        Away(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The server takes no more requests for a while. */
    static final class Limited extends PollFailure {
        @Serial
        private static final long serialVersionUID = 1;

        private final Instant until;

        Limited(String message, Instant until) {
            super(message);
            this.until = until;
        }

        Instant until() {
            return until;
        }
    }
}
