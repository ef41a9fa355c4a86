package org.cdshooks.runtime.cds;

import java.io.IOException;
import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when the CDS API did not do what it was asked. */
public abstract sealed class ApiException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    private ApiException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Nothing was sent: the API can't be reached. */
    public static final class Away extends ApiException {
        @Serial
        private static final long serialVersionUID = 1;

        Away(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The request was sent and no answer came, or not a whole one: what became of it is not known. */
    public static final class Unanswered extends ApiException {
        @Serial
        private static final long serialVersionUID = 1;

        Unanswered(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The API answered with a status that is no success. */
    public static final class Refused extends ApiException {
        @Serial
        private static final long serialVersionUID = 1;

        private final int status;
        private final boolean ofCds;
        private final @Nullable String retryAfter;

        Refused(int status, boolean ofCds, Optional<String> retryAfter, String message) {
            super(message, null);
            this.status = status;
            this.ofCds = ofCds;
            this.retryAfter = retryAfter.orElse(null);
        }

        /** Returns the header {@code Retry-After}. */
        public Optional<String> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }

        /** Returns the HTTP status. */
        public int status() {
            return status;
        }

        /** Tells whether the answer is an error of CDS itself, and not of something that stands before it. */
        public boolean isOfCds() {
            return ofCds;
        }
    }
}
