package org.cdshooks.plugin.scheduler;

import java.io.Serial;

/** A cron expression cannot be used. The message names the field, the value and what is allowed, for its author. */
final class InvalidCronException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1;

    InvalidCronException(String message) {
        super(message);
    }
}
