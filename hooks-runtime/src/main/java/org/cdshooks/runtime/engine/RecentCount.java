package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;

/** Counts what happened in the last hour, by the minute. Thread-safe. */
final class RecentCount {
    /** How long an event counts, give or take a minute. */
    static final Duration WINDOW = Duration.ofHours(1);

    private static final int MINUTES = (int) WINDOW.toMinutes();

    private final long[] minutes = new long[MINUTES];
    private final long[] counts = new long[MINUTES];

    synchronized void add(Instant now) {
        long minute = minute(now);
        int place = place(minute);
        if (minutes[place] != minute) {
            minutes[place] = minute;
            counts[place] = 0;
        }
        counts[place]++;
    }

    synchronized long sum(Instant now) {
        long minute = minute(now);
        long sum = 0;
        for (int i = 0; i < MINUTES; i++) {
            if (minutes[i] > minute - MINUTES && minutes[i] <= minute) {
                sum += counts[i];
            }
        }
        return sum;
    }

    private static long minute(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), 60L);
    }

    private static int place(long minute) {
        return (int) Math.floorMod(minute, (long) MINUTES);
    }
}
