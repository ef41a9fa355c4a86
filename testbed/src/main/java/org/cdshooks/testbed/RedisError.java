package org.cdshooks.testbed;

/** An error that a Redis answered; its message is Redis's own, such as {@code WRONGPASS invalid username-password pair}. */
public final class RedisError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RedisError(String message) {
        super(message);
    }
}
