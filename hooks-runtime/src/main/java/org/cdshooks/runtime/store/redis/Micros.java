package org.cdshooks.runtime.store.redis;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Times and spans as microseconds: what Redis's clock tells, and the finest that a score of a sorted set holds exactly, up to
 * the year 2255. What is beyond is cut to that.
 */
final class Micros {
    private static final long MAX = 1L << 53;
    private static final Instant LAST = Instant.EPOCH.plus(MAX, ChronoUnit.MICROS);

    private Micros() {}

    /** Returns a time that is not before the given one, so that nothing is early. */
    static long notBefore(Instant time) {
        if (time.isAfter(LAST)) {
            return MAX;
        }
        return time.isBefore(Instant.EPOCH) ? 0 : ChronoUnit.MICROS.between(Instant.EPOCH, time.plusNanos(999));
    }

    /** Returns a time that is not after the given one, as a clock tells it. */
    static long passed(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /** Returns the time for scripts: that of a test's clock; nothing lets Redis's own judge. */
    static String now(Optional<InstantSource> clock) {
        return clock.map(turned -> Long.toString(passed(turned.instant()))).orElse("");
    }

    static long of(Duration span) {
        return span.compareTo(Duration.of(MAX / 4, ChronoUnit.MICROS)) > 0 ? MAX / 4 : span.toNanos() / 1000;
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
