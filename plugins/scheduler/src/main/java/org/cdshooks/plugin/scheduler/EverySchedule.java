package org.cdshooks.plugin.scheduler;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.cdshooks.api.Schedule;

/**
 * Fires at the multiples of an interval since 1970-01-01T00:00:00Z. So when it fires follows from the interval alone,
 * and a restart, a new revision of the task or another node move nothing.
 *
 * @param interval a whole number of milliseconds, from {@link #SHORTEST} to {@link #LONGEST}
 */
record EverySchedule(Duration interval) implements Schedule {
    static final Duration SHORTEST = Duration.ofSeconds(1);
    /** A bound keeps sums in range; whoever wants less than one firing a year has cron. */
    static final Duration LONGEST = Duration.ofDays(366);

    /** Far beyond all use, and near enough for sums of milliseconds. */
    private static final Instant MIN = Instant.parse("-99999-01-01T00:00:00Z");

    private static final Instant MAX = Instant.parse("+99999-01-01T00:00:00Z");

    EverySchedule {
        if (!isPossible(interval)) {
            throw new IllegalArgumentException("interval must be from 1s to 366d, in whole milliseconds: " + interval);
        }
    }

    static boolean isPossible(Duration interval) {
        return interval.compareTo(SHORTEST) >= 0
                && interval.compareTo(LONGEST) <= 0
                && interval.toNanosPart() % 1_000_000 == 0;
    }

    @Override
    public Optional<Instant> next(Instant after) {
        if (after.isAfter(MAX)) {
            return Optional.empty();
        }
        long step = interval.toMillis();
        long passed = Math.floorDiv((after.isBefore(MIN) ? MIN : after).toEpochMilli(), step);
        return Optional.of(Instant.ofEpochMilli((passed + 1) * step));
    }
}
