package org.cdshooks.plugin.scheduler;

import java.time.LocalDate;
import java.util.BitSet;

/**
 * A parsed cron expression: a set of local times, to the second, from 1970 to 2099. It knows no time zone; {@link
 * CronSchedule} does. Immutable.
 *
 * <p>Local times are counted in seconds since 1970-01-01T00:00 on a clock that is never changed. A search goes through
 * months, and through fields by bits, so its length does not depend on how far away the next time is in seconds: at most
 * 1,560 months (those of all years) are looked at.
 */
final class CronExpression {
    static final int FIRST_YEAR = 1970;
    static final int LAST_YEAR = 2099;
    /** Stands for "there is no such time". It is later than every time. */
    static final long NONE = Long.MAX_VALUE;

    private static final int SECONDS_PER_DAY = 86_400;

    private final long seconds;
    private final long minutes;
    private final long hours;
    private final boolean everyHour;
    private final MonthDays days;
    private final long months;
    private final BitSet years;

    /**
     * Puts fields together; {@link CronParser} is the one who does. No set is empty, save that of days.
     *
     * @param everyHour whether the hour field has a {@code *}, {@code ?} or {@code /}
     * @param years bit 0 is {@link #FIRST_YEAR}; handed over, not copied
     */
    CronExpression(
            long seconds, long minutes, long hours, boolean everyHour, MonthDays days, long months, BitSet years) {
        this.seconds = seconds;
        this.minutes = minutes;
        this.hours = hours;
        this.everyHour = everyHour;
        this.days = days;
        this.months = months;
        this.years = years;
    }

    /** Tells whether the hours are a rhythm ({@code *}, {@code ?}, {@code *}{@code /n}, {@code a/n}) and not fixed times. */
    boolean everyHour() {
        return everyHour;
    }

    /** Returns the first local time that fits and is not before the given one, or {@link #NONE}. */
    long atOrAfter(long local) {
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(local, SECONDS_PER_DAY));
        if (date.getYear() < FIRST_YEAR) {
            return firstDayFrom(FIRST_YEAR, 1, 1);
        }
        if (date.getYear() > LAST_YEAR) {
            return NONE;
        }
        if (fits(date)) {
            int time = timeAtOrAfter(Math.floorMod(local, SECONDS_PER_DAY));
            if (time >= 0) {
                return date.toEpochDay() * SECONDS_PER_DAY + time;
            }
        }
        return firstDayFrom(date.getYear(), date.getMonthValue(), date.getDayOfMonth() + 1);
    }

    private boolean fits(LocalDate date) {
        return years.get(date.getYear() - FIRST_YEAR)
                && has(months, date.getMonthValue())
                && has(days.in(date.getYear(), date.getMonthValue()), date.getDayOfMonth());
    }

    /** Returns the first time of the first day that fits and is not before the given one; that day may be a 32nd. */
    private long firstDayFrom(int year, int month, int day) {
        int fromMonth = month;
        int fromDay = day;
        for (int y = years.nextSetBit(year - FIRST_YEAR); y >= 0; y = years.nextSetBit(y + 1)) {
            int candidate = y + FIRST_YEAR;
            if (candidate != year) {
                fromMonth = 1;
                fromDay = 1;
            }
            for (int m = nextBit(months, fromMonth); m >= 0; m = nextBit(months, m + 1)) {
                int first = nextBit(Integer.toUnsignedLong(days.in(candidate, m)), m == fromMonth ? fromDay : 1);
                if (first >= 0) {
                    return LocalDate.of(candidate, m, first).toEpochDay() * SECONDS_PER_DAY + timeAtOrAfter(0);
                }
            }
        }
        return NONE;
    }

    /** Returns the first second of the day that fits and is not before the given one; -1 if none is left. */
    private int timeAtOrAfter(int secondOfDay) {
        int hour = secondOfDay / 3600;
        int minute = secondOfDay / 60 % 60;
        if (has(hours, hour)) {
            if (has(minutes, minute)) {
                int second = nextBit(seconds, secondOfDay % 60);
                if (second >= 0) {
                    return (hour * 60 + minute) * 60 + second;
                }
            }
            int later = nextBit(minutes, minute + 1);
            if (later >= 0) {
                return (hour * 60 + later) * 60 + nextBit(seconds, 0);
            }
        }
        int later = nextBit(hours, hour + 1);
        return later < 0 ? -1 : (later * 60 + nextBit(minutes, 0)) * 60 + nextBit(seconds, 0);
    }

    private static boolean has(long set, int bit) {
        return (set >>> bit & 1) != 0;
    }

    /** Returns the lowest bit of the set that is not below {@code from}, which is at most 63; -1 if there is none. */
    private static int nextBit(long set, int from) {
        long rest = set & (-1L << from);
        return rest == 0 ? -1 : Long.numberOfTrailingZeros(rest);
    }
}
