package org.cdshooks.plugin.scheduler;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads cron expressions in the grammar that CDS has always had (that of the Go library {@code cronexpr}): five fields
 * (minute, hour, day of month, month, day of week), six (a year after them), or seven (a second before them); what
 * follows a seventh field is ignored. Also {@code @yearly}, {@code @annually}, {@code @monthly}, {@code @weekly},
 * {@code @daily}, {@code @hourly}. Letter case does not matter.
 *
 * <p>Where that library takes an expression and then never fires, fires on other days than are written, or crashes, this
 * parser differs:
 *
 * <ul>
 *   <li>a range that runs backwards ({@code 22-2}) is refused, and so is a date that no year has ({@code 0 0 30 2 *});
 *   <li>{@code 7} at the end of a range of weekdays is the Sunday after ({@code 5-7}, {@code 0-7}), and so is {@code sun}
 *       after another day ({@code fri-sun});
 *   <li>a leading zero ({@code 05}) is allowed in months and weekdays too.
 * </ul>
 */
final class CronParser {
    private static final int SHOWN = 60;
    /** Longer than any expression that makes sense: every value of every field, listed, takes less. */
    private static final int MAX_LENGTH = 2_000;

    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 0 1 1 * *",
            "@annually", "0 0 0 1 1 * *",
            "@monthly", "0 0 0 1 * * *",
            "@weekly", "0 0 0 * * 0 *",
            "@daily", "0 0 0 * * * *",
            "@hourly", "0 0 * * * * *");

    private static final List<String> NICKNAMES_IN_ORDER =
            List.of("@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually");

    // What the fields of days say besides plain values, gathered while they are read.
    private int workdays;

    private boolean lastDay;
    private boolean lastWorkday;
    private int lastWeekdays;
    private long nthWeekdays;

    private CronParser() {}

    /**
     * Reads an expression.
     *
     * @throws InvalidCronException if it is wrong, or if no date fits it; the message says what is allowed
     */
    static CronExpression parse(String text) {
        CronExpression expression = new CronParser().expression(text);
        if (expression.atOrAfter(0) == CronExpression.NONE) {
            throw new InvalidCronException("'" + text.strip() + "' never fires: no date from "
                    + CronExpression.FIRST_YEAR + " to " + CronExpression.LAST_YEAR + " fits it");
        }
        return expression;
    }

    private CronExpression expression(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new InvalidCronException(
                    "is " + text.length() + " characters long; at most " + MAX_LENGTH + " are read");
        }
        List<String> fields = fields(text);
        if (fields.size() < 5) {
            throw new InvalidCronException((fields.isEmpty() ? "is empty" : shown(text.strip()) + " has too few fields")
                    + ": a cron expression has five (minute, hour, day of month, month, day of week), six (and a year) or"
                    + " seven (and a second before them), or is one of " + String.join(", ", NICKNAMES_IN_ORDER));
        }
        boolean withSecond = fields.size() >= 7;
        int at = withSecond ? 1 : 0;
        String hourField = fields.get(at + 1);
        long seconds = withSecond ? bits(CronField.SECOND, fields.get(0)) : 1;
        long minutes = bits(CronField.MINUTE, fields.get(at));
        long hours = bits(CronField.HOUR, hourField);
        BitSet days = values(CronField.DAY_OF_MONTH, fields.get(at + 2));
        long months = bits(CronField.MONTH, fields.get(at + 3));
        BitSet weekdays = values(CronField.DAY_OF_WEEK, fields.get(at + 4));
        BitSet years = values(CronField.YEAR, fields.size() > 5 ? fields.get(at + 5) : "*");
        boolean everyHour = hourField.chars().anyMatch(c -> c == '*' || c == '?' || c == '/');
        MonthDays monthDays = new MonthDays(
                isRestricted(fields.get(at + 2)),
                (int) bits(days),
                workdays,
                lastDay,
                lastWorkday,
                isRestricted(fields.get(at + 4)),
                (int) bits(weekdays),
                lastWeekdays,
                nthWeekdays);
        return new CronExpression(
                seconds,
                minutes,
                hours,
                everyHour,
                monthDays,
                months,
                years.get(CronExpression.FIRST_YEAR, CronExpression.LAST_YEAR + 1));
    }

    private static List<String> fields(String text) {
        List<String> fields = words(text);
        if (fields.isEmpty() || !fields.getFirst().startsWith("@")) {
            return fields;
        }
        String written = NICKNAMES.get(fields.getFirst().toLowerCase(Locale.ROOT));
        if (written == null) {
            throw new InvalidCronException(shown(fields.getFirst()) + " is unknown; known are "
                    + String.join(", ", NICKNAMES_IN_ORDER)
                    + (fields.getFirst().equalsIgnoreCase("@every") ? " (for an interval use the option every)" : ""));
        }
        return words(written);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[ \\t\\n\\f\\r]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static List<String> entries(String field) {
        return Arrays.stream(field.split(",")).filter(entry -> !entry.isEmpty()).toList();
    }

    private static boolean isRestricted(String field) {
        return entries(field).stream().noneMatch(entry -> entry.equals("*") || entry.equals("?"));
    }

    private long bits(CronField field, String text) {
        return bits(values(field, text));
    }

    private static long bits(BitSet values) {
        return values.isEmpty() ? 0 : values.toLongArray()[0];
    }

    private BitSet values(CronField field, String text) {
        List<String> entries = entries(text);
        if (entries.isEmpty()) {
            throw wrong(field, text, "has no value; allowed are " + field.allowed());
        }
        BitSet values = new BitSet();
        for (String entry : entries) {
            String lower = entry.toLowerCase(Locale.ROOT);
            if (!special(field, lower)) {
                range(field, entry, lower, values);
            }
        }
        return values;
    }

    /** Reads one of {@code *}, {@code ?}, {@code a}, {@code a-b}, {@code a/n}, {@code a-b/n} with a star for a. */
    private static void range(CronField field, String entry, String lower, BitSet into) {
        if (lower.equals("*") || lower.equals("?")) {
            into.set(field.min(), field.max() + 1);
            return;
        }
        int slash = lower.indexOf('/');
        int step = slash < 0 ? 1 : step(field, entry, lower.substring(slash + 1));
        String span = slash < 0 ? lower : lower.substring(0, slash);
        int dash = span.indexOf('-');
        int first;
        int last;
        if (span.equals("*")) {
            first = field.min();
            last = field.max();
        } else if (dash < 0) {
            first = folded(field, value(field, entry, span));
            last = slash < 0 ? first : field.max();
        } else {
            int left = value(field, entry, span.substring(0, dash));
            first = folded(field, left);
            last = lastOf(field, left, value(field, entry, span.substring(dash + 1)), span.endsWith("0"));
            if (last < first) {
                throw wrong(field, entry, "runs backwards; write two ranges, such as " + twoRanges(field, span, dash));
            }
        }
        for (int value = first; value <= last; value += step) {
            into.set(folded(field, value));
        }
    }

    /** A range of weekdays may end on the Sunday after: one that is written 7, or by its name. */
    private static int lastOf(CronField field, int left, int right, boolean writtenAsZero) {
        if (field != CronField.DAY_OF_WEEK) {
            return right;
        }
        boolean sundayByName = right == 0 && !writtenAsZero;
        if ((left % 7 == 0 && sundayByName) || (left == 7 && right == 7)) {
            return 0;
        }
        return sundayByName ? 7 : right;
    }

    private static String twoRanges(CronField field, String span, int dash) {
        return span.substring(0, dash) + "-" + field.max() + "," + field.min() + "-" + span.substring(dash + 1);
    }

    private static int step(CronField field, String entry, String text) {
        boolean isNumber = !text.isEmpty() && text.length() <= 4 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int step = isNumber ? Integer.parseInt(text) : 0;
        if (step < 1 || step > field.max()) {
            throw wrong(field, entry, "has a step that is no number from 1 to " + field.max());
        }
        return step;
    }

    private static int value(CronField field, String entry, String text) {
        OptionalInt value = field.value(text);
        return value.orElseThrow(() -> wrong(field, entry, "is not allowed; allowed are " + field.allowed()));
    }

    /** Both 0 and 7 are Sunday. */
    private static int folded(CronField field, int value) {
        return field == CronField.DAY_OF_WEEK ? value % 7 : value;
    }

    /** Reads what only the fields of days have; returns false if the entry is nothing of that. */
    private boolean special(CronField field, String entry) {
        return switch (field) {
            case DAY_OF_MONTH -> specialDay(entry);
            case DAY_OF_WEEK -> specialWeekday(entry);
            case SECOND, MINUTE, HOUR, MONTH, YEAR -> false;
        };
    }

    private boolean specialDay(String entry) {
        if (entry.equals("l")) {
            lastDay = true;
            return true;
        }
        if (entry.equals("lw")) {
            lastWorkday = true;
            return true;
        }
        if (!entry.endsWith("w")) {
            return false;
        }
        OptionalInt day = CronField.DAY_OF_MONTH.value(entry.substring(0, entry.length() - 1));
        day.ifPresent(value -> workdays |= 1 << value);
        return day.isPresent();
    }

    private boolean specialWeekday(String entry) {
        int hash = entry.indexOf('#');
        if (hash >= 0) {
            OptionalInt day = CronField.DAY_OF_WEEK.value(entry.substring(0, hash));
            String nth = entry.substring(hash + 1);
            if (day.isEmpty() || nth.length() != 1 || nth.charAt(0) < '1' || nth.charAt(0) > '5') {
                return false;
            }
            nthWeekdays |= 1L << ((nth.charAt(0) - '1') * 7 + day.getAsInt() % 7);
            return true;
        }
        if (!entry.endsWith("l")) {
            return false;
        }
        OptionalInt day = CronField.DAY_OF_WEEK.value(entry.substring(0, entry.length() - 1));
        day.ifPresent(value -> lastWeekdays |= 1 << (value % 7));
        return day.isPresent();
    }

    private static InvalidCronException wrong(CronField field, String value, String what) {
        return new InvalidCronException(field + " field: " + shown(value) + " " + what);
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? "'" + text + "'" : "'" + text.substring(0, SHOWN) + "…'";
    }
}
