package org.cdshooks.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Times at which schedules go wrong: leap days, changes of summer time, ends of months and years, odd nanoseconds. */
final class SampleTimes {
    private static final List<Instant> EDGES = Stream.of(
                    "2023-12-31T23:59:59.999999999Z",
                    "2024-02-28T23:59:59Z",
                    "2024-02-29T12:00:00Z",
                    "2024-03-10T07:00:00Z", // New York: 02:00 becomes 03:00
                    "2024-03-31T01:00:00Z", // Paris: 02:00 becomes 03:00
                    "2024-10-27T01:00:00Z", // Paris: 03:00 becomes 02:00
                    "2024-11-03T06:00:00Z", // New York: 02:00 becomes 01:00
                    "2030-01-01T00:00:00Z",
                    "2038-01-19T03:14:07Z")
            .map(Instant::parse)
            .toList();
    private static final List<Instant> ALL =
            EDGES.stream().flatMap(edge -> around(edge).stream()).sorted().toList();

    private SampleTimes() {}

    /** In ascending order. */
    static List<Instant> all() {
        return ALL;
    }

    private static List<Instant> around(Instant edge) {
        List<Instant> times = new ArrayList<>();
        for (int minutes = -180; minutes <= 180; minutes += 15) {
            times.add(edge.plus(Duration.ofMinutes(minutes)));
        }
        times.add(edge.minusNanos(1));
        times.add(edge.plusNanos(1));
        times.add(edge.plusSeconds(1));
        return times;
    }
}
