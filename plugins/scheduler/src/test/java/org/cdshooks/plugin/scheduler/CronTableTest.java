package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code cron-table.json} holds what the scheduler of CDS makes of expressions, taken from the original code. Each row
 * holds here too, save those in which the original crashes or does not go forward in time; those are listed with what
 * is right.
 */
class CronTableTest {

    /** Expression, zone and start of a row, to its right answer. An empty list: never again. */
    private static final Map<String, List<String>> RIGHT = Map.of(
            "0 0 1 1 * 2017 in UTC",
            List.of(),
            "0 0 0 1 1 * 2017 in UTC",
            List.of(),
            "30 2 * * * in America/New_York from 2018-03-11T04:00:00Z",
            List.of("2018-03-11T03:30:00-04:00", "2018-03-12T02:30:00-04:00", "2018-03-13T02:30:00-04:00"),
            "0 2 * * * in America/New_York from 2018-03-11T04:00:00Z",
            List.of("2018-03-11T03:00:00-04:00", "2018-03-12T02:00:00-04:00", "2018-03-13T02:00:00-04:00"),
            "*/30 1-3 * * * in America/New_York from 2018-03-11T04:00:00Z",
            List.of(
                    "2018-03-11T01:00:00-05:00",
                    "2018-03-11T01:30:00-05:00",
                    "2018-03-11T03:00:00-04:00",
                    "2018-03-11T03:30:00-04:00",
                    "2018-03-12T01:00:00-04:00"),
            "0 * * * * in America/New_York from 2018-03-11T04:00:00Z",
            List.of(
                    "2018-03-11T00:00:00-05:00",
                    "2018-03-11T01:00:00-05:00",
                    "2018-03-11T03:00:00-04:00",
                    "2018-03-11T04:00:00-04:00"),
            "0 0 * * * in America/Sao_Paulo from 2018-11-03T12:00:00Z",
            List.of("2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00", "2018-11-06T00:00:00-02:00"));

    /** Rows that the original takes and that are refused here, with words of the answer. */
    private static final Map<String, String> REFUSED = Map.of(
            "0 22-2 * * * in UTC", "hour field: '22-2' runs backwards; write two ranges, such as 22-23,0-2",
            "0 0 * * 6-1 in UTC", "day-of-week field: '6-1' runs backwards; write two ranges, such as 6-6,0-1");

    record Row(String expression, String zone, Instant from, Optional<List<Instant>> next, boolean crashes) {
        String name() {
            return expression + " in " + zone + (zone.startsWith("America") ? " from " + from : "");
        }

        /** Whether the original goes forward in time. */
        boolean isForward() {
            Instant last = from;
            for (Instant instant : next.orElse(List.of())) {
                if (!instant.isAfter(last)) {
                    return false;
                }
                last = instant;
            }
            return !crashes;
        }

        @Override
        public String toString() {
            return "'" + expression + "' in '" + zone + "' from " + from;
        }
    }

    static List<Row> table() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (InputStream file =
                Objects.requireNonNull(CronTableTest.class.getResourceAsStream("/cds/cron-table.json"))) {
            for (JsonNode row : new ObjectMapper().readTree(file)) {
                List<Instant> next = new ArrayList<>();
                row.path("next").forEach(time -> next.add(instant(time.asText())));
                rows.add(new Row(
                        row.path("expr").asText(),
                        row.path("tz").asText(),
                        instant(row.path("from").asText()),
                        row.has("next") ? Optional.of(next) : Optional.empty(),
                        row.has("panic")));
            }
        }
        return rows;
    }

    static Stream<Row> forward() throws IOException {
        return table().stream().filter(row -> row.next().isPresent() && row.isForward());
    }

    static Stream<Row> errors() throws IOException {
        return table().stream().filter(row -> row.next().isEmpty() && !row.crashes());
    }

    static Stream<Row> exceptions() throws IOException {
        return table().stream().filter(row -> !row.isForward());
    }

    private static Instant instant(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    private static CronSchedule schedule(Row row) {
        ZoneId zone = TimeZones.find(row.zone());
        return new CronSchedule(CronParser.parse(row.expression()), zone, RepeatedTimes.CDS);
    }

    private static List<Instant> next(CronSchedule schedule, Instant from, int count) {
        List<Instant> all = new ArrayList<>();
        Optional<Instant> next = schedule.next(from);
        while (next.isPresent() && all.size() < count) {
            all.add(next.get());
            next = schedule.next(next.get());
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("forward")
    void firesWhenCdsFires(Row row) {
        TimeZone machine = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("UTC")); // that of the machine on which the table was made
        try {
            List<Instant> expected = row.next().orElseThrow();
            assertThat(next(schedule(row), row.from(), expected.size())).isEqualTo(expected);
        } finally {
            TimeZone.setDefault(machine);
        }
    }

    /** Defect D1 of CDS. */
    @ParameterizedTest
    @MethodSource("errors")
    void refusesWhatCdsRefuses(Row row) {
        assertThatThrownBy(() -> schedule(row)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Defect B9 of CDS. */
    @ParameterizedTest
    @MethodSource("exceptions")
    void doesTheRightThingWhereCdsDoesNotGoForwardInTime(Row row) {
        if (REFUSED.containsKey(row.name())) {
            assertThatThrownBy(() -> schedule(row))
                    .isInstanceOf(InvalidCronException.class)
                    .hasMessage(REFUSED.get(row.name()));
            return;
        }
        List<Instant> right = RIGHT.getOrDefault(row.name(), List.of("no answer is listed")).stream()
                .map(CronTableTest::instant)
                .toList();
        assertThat(next(schedule(row), row.from(), Math.max(1, right.size()))).isEqualTo(right);
    }

    @Test
    void noOtherRowIsAnException() throws IOException {
        List<String> listed = Stream.concat(RIGHT.keySet().stream(), REFUSED.keySet().stream())
                .sorted()
                .toList();

        assertThat(exceptions().map(Row::name).sorted()).isEqualTo(listed);
        assertThat(table()).hasSize(81);
        assertThat(forward().count() + errors().count() + listed.size()).isEqualTo(81);
    }
}
