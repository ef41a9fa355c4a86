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
 * @param right the right by which a listener speaks: without it nothing is stored; empty for everybody else
 */
public record AcceptTerms(
        Optional<String> dedupKey,
        Duration dedupWindow,
        int maxUnfinished,
        Optional<String> cursor,
        Optional<ListenRight> right) {

    /** Terms that accept everything: no key, no limit, no cursor. */
    public static final AcceptTerms ANY =
            new AcceptTerms(Optional.empty(), Duration.ZERO, Integer.MAX_VALUE, Optional.empty());

    /**
     * Makes terms for what is no listener.
     *
     * @param dedupKey names the delivery
     * @param dedupWindow how long a delivery is remembered
     * @param maxUnfinished how many unfinished executions the task may have, this one included
     * @param cursor stored with the execution in the same step
     */
    public AcceptTerms(Optional<String> dedupKey, Duration dedupWindow, int maxUnfinished, Optional<String> cursor) {
        this(dedupKey, dedupWindow, maxUnfinished, cursor, Optional.empty());
    }

    /**
     * Says by which right a listener speaks.
     *
     * @param newRight the right
     * @return a copy with it
     */
    public AcceptTerms by(ListenRight newRight) {
        return new AcceptTerms(dedupKey, dedupWindow, maxUnfinished, cursor, Optional.of(newRight));
    }

    /**
     * Names the delivery.
     *
     * @param key unique within the task
     * @param window how long it is remembered
     * @return a copy with both
     */
    public AcceptTerms dedup(String key, Duration window) {
        return new AcceptTerms(Optional.of(key), window, maxUnfinished, cursor, right);
    }
}
