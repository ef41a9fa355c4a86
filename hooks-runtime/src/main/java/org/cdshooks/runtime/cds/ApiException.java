package org.cdshooks.runtime.cds;

import java.io.IOException;
import java.io.Serial;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

        /** Ids of errors of CDS: there is no such project, resource, hook or workflow. */
        private static final Set<Integer> NO_HOOK = Set.of(30, 38, 40, 92);

        private static final int NONE = -1;

        private final int status;
        private final int error;
        private final @Nullable String retryAfter;

        Refused(int status, OptionalInt error, Optional<String> retryAfter, String message) {
            super(message, null);
            this.status = status;
            this.error = error.orElse(NONE);
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
            return error != NONE;
        }

        /** Tells whether the API does not know what a hook belongs to, or the hook: both may be removed, or not committed yet. */
        public boolean isNoHook() {
            return status == 404 && NO_HOOK.contains(error);
        }
    }
}
