package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.OptionalLong;

/** Times as the timestamps of executions: nanoseconds since the epoch. */
final class Nanos {
    private static final Instant LAST = Instant.ofEpochSecond(0, Long.MAX_VALUE);

    private Nanos() {}

    /** Returns the timestamp; empty for what no timestamp can say: before 1970 or after the year 2262. */
    static OptionalLong of(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(time.getEpochSecond() * 1_000_000_000L + time.getNano());
    }
}
