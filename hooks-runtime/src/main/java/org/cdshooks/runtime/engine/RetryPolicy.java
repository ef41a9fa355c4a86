package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When a failed attempt is tried again.
 *
 * @param delay base of the back-off
 * @param attempts how many attempts there are in all
 */
record RetryPolicy(Duration delay, int attempts) {
    /** The longest back-off. */
    static final Duration MAX_DELAY = Duration.ofHours(1);

    private static final Duration MIN_ASKED = Duration.ofSeconds(1);
    private static final Duration MAX_ASKED = Duration.ofHours(24);

    /** Tells whether so many failed attempts are all there are. */
    boolean isUsedUp(int errors) {
        return errors >= attempts;
    }

    /** Returns how long to wait after so many failed attempts: growing, half of it fixed and half random. */
    Duration backOff(int errors, RandomGenerator random) {
        return jittered(growing(delay, errors, MAX_DELAY), random);
    }

    /** Doubles a base with each error up to a maximum. */
    static Duration growing(Duration base, int errors, Duration max) {
        int doublings = Math.clamp(errors - 1L, 0, 40);
        // compared before it is multiplied, so that nothing overflows
        return base.compareTo(max.dividedBy(1L << doublings)) >= 0 ? max : base.multipliedBy(1L << doublings);
    }

    /** Takes a random part away, up to half, so that what failed together does not come back together. */
    static Duration jittered(Duration delay, RandomGenerator random) {
        Duration half = delay.dividedBy(2);
        return half.plus(Duration.ofMillis((long) (half.toMillis() * random.nextDouble())));
    }

    /** Limits what a target asks for to what is sensible. */
    static Duration clamped(Duration asked) {
        if (asked.compareTo(MIN_ASKED) < 0) {
            return MIN_ASKED;
        }
        return asked.compareTo(MAX_ASKED) > 0 ? MAX_ASKED : asked;
    }
}
