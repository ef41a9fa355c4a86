package org.cdshooks.api;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells when a timer is due. A pure function of its argument: every node asks, and all must come to the same answer. Asked
 * for a later time, it answers no earlier due time.
 *
 * {@snippet file="org/cdshooks/api/snippets/SnippetsTest.java" region="schedule"}
 */
@ImplementedByPlugins
@FunctionalInterface
public interface Schedule {

    /**
     * Returns the first due time after the given one. Does no I/O and looks at no clock.
     *
     * @param after the last due time, or now if there was none or it is long past
     * @return a later time; empty if the timer is never due again
     */
    Optional<Instant> next(Instant after);

    /**
     * Returns a schedule with a fixed interval.
     *
     * @param interval a positive time
     * @return a schedule that ends only where time does, at {@link Instant#MAX}
     * @throws IllegalArgumentException if the interval is zero or negative
     */
    static Schedule every(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval must be positive: " + interval);
        }
        return after -> {
            try {
                return Optional.of(after.plus(interval));
            } catch (DateTimeException | ArithmeticException e) {
                return Optional.empty(); // beyond all time
            }
        };
    }
}
