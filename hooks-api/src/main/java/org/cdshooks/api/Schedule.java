package org.cdshooks.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Tells when a timer is due. A pure function of its argument. */
@ImplementedByPlugins
@FunctionalInterface
public interface Schedule {

    /**
     * Returns the first due time after the given one.
     *
     * @param after the last due time, or now if there was none or it is long past
     * @return a later time; empty if the timer is never due again
     */
    Optional<Instant> next(Instant after);

    /**
     * Returns a schedule with a fixed interval.
     *
     * @param interval a positive time
     * @return a schedule that never ends
     */
    static Schedule every(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval must be positive: " + interval);
        }
        return after -> Optional.of(after.plus(interval));
    }
}
