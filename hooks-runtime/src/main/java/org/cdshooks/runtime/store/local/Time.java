package org.cdshooks.runtime.store.local;

import java.time.Duration;
import java.time.Instant;

/** Times as nanoseconds since the epoch, which reach from 1677 to 2262; what is beyond is cut to that. */
final class Time {
    private static final long NANOS = 1_000_000_000L;
    private static final Instant FIRST = Instant.ofEpochSecond(0, Long.MIN_VALUE);
    private static final Instant LAST = Instant.ofEpochSecond(0, Long.MAX_VALUE);

    private Time() {}

    static long nanos(Instant instant) {
        if (instant.isBefore(FIRST)) {
            return Long.MIN_VALUE;
        }
        if (instant.isAfter(LAST)) {
            return Long.MAX_VALUE;
        }
        long seconds = instant.getEpochSecond();
        // The product with the very first second would be out of range.
        return seconds < 0 ? (seconds + 1) * NANOS + (instant.getNano() - NANOS) : seconds * NANOS + instant.getNano();
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
    }

    /** Adds a span to a time; what is beyond the last time is the last time. */
    static long plus(long nanos, Duration span) {
        Instant from = instant(nanos);
        return span.compareTo(Duration.between(from, LAST)) >= 0 ? Long.MAX_VALUE : nanos(from.plus(span));
    }
}
