package org.cdshooks.plugin.scheduler;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import org.cdshooks.api.Schedule;

/**
 * Fires at one point in time, and never again.
 *
 * @param at the point in time
 */
record OnceSchedule(Instant at) implements Schedule {
    private static final Instant EARLIEST = Instant.parse(CronExpression.FIRST_YEAR + "-01-01T00:00:00Z");
    private static final Instant END = Instant.parse(CronExpression.LAST_YEAR + 1 + "-01-01T00:00:00Z");
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart()
            .appendOffsetId()
            .toFormatter();

    /**
     * Reads a point in time: with an offset ({@code 2027-03-01T08:00:00Z}, {@code 2027-03-01T09:00:00+01:00}), or
     * without, as a clock in the zone shows it. Such a time that does not exist there is later by as much as clocks were
     * set forward; one that exists twice is the first.
     *
     * @throws IllegalArgumentException if the text is none, or the year is not one of 1970 to 2099
     */
    static OnceSchedule parse(String text, ZoneId zone) {
        TemporalAccessor parsed;
        try {
            parsed = FORMAT.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "is no point in time; write it as 2027-03-01T08:00:00Z, 2027-03-01T09:00:00+01:00, or"
                            + " 2027-03-01T09:00:00 for local time in the time zone of the task",
                    e);
        }
        Instant at = switch (parsed) {
            case OffsetDateTime time -> time.toInstant();
            case LocalDateTime time -> time.atZone(zone).toInstant();
            default -> throw new IllegalStateException("parsed as " + parsed.getClass());
        };
        if (at.isBefore(EARLIEST) || !at.isBefore(END)) {
            throw new IllegalArgumentException("is out of range; possible are the years " + CronExpression.FIRST_YEAR
                    + " to " + CronExpression.LAST_YEAR);
        }
        return new OnceSchedule(at);
    }

    @Override
    public Optional<Instant> next(Instant after) {
        return after.isBefore(at) ? Optional.of(at) : Optional.empty();
    }
}
