package org.cdshooks.plugin.scheduler;

import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;
import org.cdshooks.api.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression in a time zone: the instants at which a clock on the wall there shows a time that fits. Every such
 * time fires once; the rules for days on which clocks are changed are these.
 *
 * <ul>
 *   <li><b>A local time that does not exist</b>, because clocks are set forward over it, fires once, later by as much as
 *       clocks are set forward: {@code 30 2 * * *} fires at 03:30 on the day on which 02:00 becomes 03:00 (the rule of
 *       {@code java.time}, and what CDS does in zones east of Greenwich). If a time that fits is there anyway, the two
 *       are one.
 *   <li><b>A local time that exists twice</b>, because clocks are set back, fires once:
 *       <ul>
 *         <li>with {@link RepeatedTimes#CDS} where CDS fires: at the second where the offset from UTC is then zero or
 *             positive (Europe, Africa, Asia, Australia), at the first elsewhere (the Americas). An expression for each
 *             hour, too, fires in one of the two hours only.
 *         <li>with {@link RepeatedTimes#ELAPSED} at the first; and if the hour field has a {@code *}, {@code ?} or
 *             {@code /}, both times fire, so that "every 15 minutes" stays every 15 minutes.
 *       </ul>
 * </ul>
 *
 * <p>So a daily expression fires once on each local day, whatever clocks do. CDS itself fires over and over during the
 * hour before clocks are set forward in zones west of Greenwich; that is not kept.
 *
 * <p>Immutable. A call takes a few microseconds at most for dates that are near, and is bounded by the number of clock
 * changes to the year 2099 (two a year) otherwise.
 */
final class CronSchedule implements Schedule {
    /** No local time of a year that a field can name is earlier or later than these, wherever it is. */
    private static final long EARLIEST = Instant.parse("1969-12-30T00:00:00Z").getEpochSecond();

    private static final long LATEST = Instant.parse("2100-01-03T00:00:00Z").getEpochSecond();

    private final CronExpression expression;
    private final ZoneRules rules;
    private final RepeatedTimes repeated;

    CronSchedule(CronExpression expression, ZoneId zone, RepeatedTimes repeated) {
        this.expression = expression;
        this.rules = zone.getRules();
        this.repeated = repeated;
    }

    @Override
    public Optional<Instant> next(Instant after) {
        if (after.getEpochSecond() >= LATEST) {
            return Optional.empty();
        }
        Search search = new Search(expression);
        long from = Math.max(after.getEpochSecond() + 1, EARLIEST);
        // Time is walked through in stretches of one offset; began is the change at or before from.
        @Nullable ZoneOffsetTransition began = rules.previousTransition(Instant.ofEpochSecond(from + 1));
        while (from < LATEST) {
            @Nullable ZoneOffsetTransition ends = rules.nextTransition(Instant.ofEpochSecond(from));
            long due = firstWithin(search, from, began, ends);
            if (due != CronExpression.NONE) {
                return Optional.of(Instant.ofEpochSecond(due));
            }
            if (ends == null) {
                break;
            }
            from = ends.toEpochSecond();
            began = ends;
        }
        return Optional.empty();
    }

    private long firstWithin(
            Search search, long from, @Nullable ZoneOffsetTransition began, @Nullable ZoneOffsetTransition ends) {
        long offset = rules.getOffset(Instant.ofEpochSecond(from)).getTotalSeconds();
        long end = ends == null ? LATEST : ends.toEpochSecond();
        long start = from;
        long stop = end;
        if (began != null && began.isOverlap() && keeps(began) == Kept.FIRST) {
            start = Math.max(start, began.toEpochSecond() - began.getDuration().toSeconds());
        }
        if (ends != null && ends.isOverlap() && keeps(ends) == Kept.SECOND) {
            stop += ends.getDuration().toSeconds();
        }
        long due = search.firstBetween(start, stop, offset);
        if (began != null && began.isGap()) {
            long shiftedUntil = began.toEpochSecond() + began.getDuration().toSeconds();
            long shifted = search.firstBetween(
                    from, Math.min(shiftedUntil, end), began.getOffsetBefore().getTotalSeconds());
            due = Math.min(due, shifted);
        }
        return due;
    }

    private enum Kept {
        FIRST,
        SECOND,
        BOTH
    }

    /** Tells which of two equal local times fires. */
    private Kept keeps(ZoneOffsetTransition overlap) {
        return switch (repeated) {
            case CDS -> overlap.getOffsetAfter().getTotalSeconds() >= 0 ? Kept.SECOND : Kept.FIRST;
            case ELAPSED -> expression.everyHour() ? Kept.BOTH : Kept.FIRST;
        };
    }

    /** One call's way through the expression. It remembers the last find, which mostly answers for the next stretch too. */
    private static final class Search {
        private final CronExpression expression;
        private long searchedFrom = CronExpression.NONE;
        private long found = Long.MIN_VALUE;

        Search(CronExpression expression) {
            this.expression = expression;
        }

        /** Returns the first instant from start until before end that fits under that offset, or {@code NONE}. */
        long firstBetween(long start, long end, long offset) {
            if (start >= end) {
                return CronExpression.NONE;
            }
            long local = start + offset;
            if (local < searchedFrom || local > found) {
                found = expression.atOrAfter(local);
                searchedFrom = local;
            }
            return found == CronExpression.NONE || found - offset >= end ? CronExpression.NONE : found - offset;
        }
    }
}
