package org.cdshooks.api.service;

import static java.util.Objects.requireNonNull;

import java.io.Serial;

/**
 * Thrown when a service of the host did not do what it was asked for. Its message is for users: it says what was asked for
 * and why that failed, without secrets.
 *
 * <p>Let out of {@code execute} or {@code listen}, it leads to another attempt after a while. That is right for {@link
 * Kind#AWAY} and {@link Kind#NOT_YET}; for the others a hook may end an execution at once:
 *
 * {@snippet file="org/cdshooks/api/snippets/SnippetsTest.java" region="service"}
 */
public final class ServiceException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    /** Why a service failed. More kinds may come. */
    public enum Kind {
        /** What was asked for does not exist. Somebody has to create it, or to mend the task. */
        NOT_FOUND,
        /** The host may not have or hand out what was asked for. Somebody has to grant it. */
        NOT_ALLOWED,
        /** The host was asked and failed, or its answer got lost; it may answer later. */
        AWAY,
        /**
         * The host could not be asked, or does not know the task yet. Let out of {@code execute}, it puts the execution off
         * without using up a try.
         */
        NOT_YET
    }

    /** Why the service failed. */
    private final Kind kind;

    /**
     * Creates an exception.
     *
     * @param kind why the service failed
     * @param message what was asked for and why that failed, for users
     */
    public ServiceException(Kind kind, String message) {
        super(message);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Creates an exception with a cause.
     *
     * @param kind why the service failed
     * @param message what was asked for and why that failed, for users
     * @param cause what went wrong below, for the log
     */
    public ServiceException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Returns why the service failed.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
