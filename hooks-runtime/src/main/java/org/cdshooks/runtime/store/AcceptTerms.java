package org.cdshooks.runtime.store;

import java.time.Duration;
import java.util.Optional;

/**
 * On which terms an execution is accepted.
 *
 * @param dedupKey names the delivery, so that the same one makes one execution within the window
 * @param dedupWindow how long a delivery is remembered
 * @param maxUnfinished how many unfinished executions the task may have, this one included
 * @param cursor stored with the execution in the same step
 */
public record AcceptTerms(Optional<String> dedupKey, Duration dedupWindow, int maxUnfinished, Optional<String> cursor) {

    /** Terms that accept everything: no key, no limit, no cursor. */
    public static final AcceptTerms ANY =
            new AcceptTerms(Optional.empty(), Duration.ZERO, Integer.MAX_VALUE, Optional.empty());

    /**
     * Names the delivery.
     *
     * @param key unique within the task
     * @param window how long it is remembered
     * @return a copy with both
     */
    public AcceptTerms dedup(String key, Duration window) {
        return new AcceptTerms(Optional.of(key), window, maxUnfinished, cursor);
    }
}
