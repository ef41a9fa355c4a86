package org.cdshooks.plugin.scheduler;

import java.time.LocalDate;

/**
 * Which days of a month a cron expression means: its day-of-month and day-of-week fields taken together. If both are
 * restricted, a day that fits either of them counts, as in every cron; if one is, that one decides; if none is, all do.
 *
 * <p>Sets are bits: bit 1 is the first of the month, bit 0 is Sunday.
 *
 * @param restrictedDom whether the day-of-month field is anything but {@code *}
 * @param days days of the month; those that a month does not have are passed over
 * @param workdays the days of {@code 15W}: the working day nearest to the day, within the month
 * @param lastDay {@code L}: the last day of the month
 * @param lastWorkday {@code LW}: the last day of the month that is neither Saturday nor Sunday
 * @param restrictedDow whether the day-of-week field is anything but {@code *}
 * @param weekdays days of the week
 * @param lastWeekdays the weekdays of {@code 5L}: the last one of the month
 * @param nthWeekdays the weekdays of {@code 5#2}: bit {@code 7 * (n - 1) + weekday}
 */
record MonthDays(
        boolean restrictedDom,
        int days,
        int workdays,
        boolean lastDay,
        boolean lastWorkday,
        boolean restrictedDow,
        int weekdays,
        int lastWeekdays,
        long nthWeekdays) {

    private static final int SATURDAY = 6;
    private static final int SUNDAY = 0;

    /** Returns the days of that month, bit 1 being the first. */
    int in(int year, int month) {
        LocalDate first = LocalDate.of(year, month, 1);
        int length = first.lengthOfMonth();
        int all = bits(1, length);
        if (!restrictedDom && !restrictedDow) {
            return all;
        }
        int firstWeekday = first.getDayOfWeek().getValue() % 7;
        int fit = 0;
        if (restrictedDom) {
            fit |= byDayOfMonth(length, firstWeekday);
        }
        if (restrictedDow) {
            fit |= byDayOfWeek(length, firstWeekday);
        }
        return fit & all;
    }

    private int byDayOfMonth(int length, int firstWeekday) {
        int fit = days;
        if (lastDay) {
            fit |= 1 << length;
        }
        if (lastWorkday) {
            fit |= 1 << workdayNearest(length, length, firstWeekday);
        }
        for (int left = workdays & bits(1, length); left != 0; left &= left - 1) {
            fit |= 1 << workdayNearest(Integer.numberOfTrailingZeros(left), length, firstWeekday);
        }
        return fit;
    }

    private int byDayOfWeek(int length, int firstWeekday) {
        int fit = 0;
        for (int day = 1; day <= length; day++) {
            int weekday = weekday(day, firstWeekday);
            boolean hit = has(weekdays, weekday)
                    || has(nthWeekdays, (day - 1) / 7 * 7 + weekday)
                    || (day > length - 7 && has(lastWeekdays, weekday));
            if (hit) {
                fit |= 1 << day;
            }
        }
        return fit;
    }

    /** A Saturday gives way to the Friday before, a Sunday to the Monday after, unless that leaves the month. */
    private static int workdayNearest(int day, int length, int firstWeekday) {
        return switch (weekday(day, firstWeekday)) {
            case SATURDAY -> day > 1 ? day - 1 : day + 2;
            case SUNDAY -> day < length ? day + 1 : day - 2;
            default -> day;
        };
    }

    private static int weekday(int day, int firstWeekday) {
        return (firstWeekday + day - 1) % 7;
    }

    private static boolean has(long set, int bit) {
        return (set >>> bit & 1) != 0;
    }

    private static int bits(int from, int to) {
        return (int) ((1L << (to + 1)) - (1L << from));
    }
}
