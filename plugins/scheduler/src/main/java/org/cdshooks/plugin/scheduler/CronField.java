package org.cdshooks.plugin.scheduler;

import java.util.List;
import java.util.OptionalInt;

/** The fields of a cron expression: their ranges and their names for values. */
enum CronField {
    SECOND("second", 0, 59, List.of()),
    MINUTE("minute", 0, 59, List.of()),
    HOUR("hour", 0, 23, List.of()),
    DAY_OF_MONTH("day-of-month", 1, 31, List.of()),
    MONTH(
            "month",
            1,
            12,
            List.of(
                    "january",
                    "february",
                    "march",
                    "april",
                    "may",
                    "june",
                    "july",
                    "august",
                    "september",
                    "october",
                    "november",
                    "december")),
    DAY_OF_WEEK(
            "day-of-week", 0, 6, List.of("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")),
    YEAR("year", CronExpression.FIRST_YEAR, CronExpression.LAST_YEAR, List.of());

    private final String label;
    private final int min;
    private final int max;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> names;

    CronField(String label, int min, int max, List<String> names) {
        this.label = label;
        this.min = min;
        this.max = max;
        this.names = names;
    }

    int min() {
        return min;
    }

    int max() {
        return max;
    }

    /**
     * Reads one value: a number of one or two digits (a year: four), or a name, in full or its first three letters.
     *
     * @param text in lower case
     * @return the value; 7 for a Sunday that is written so; empty if the text is none
     */
    OptionalInt value(String text) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (text.equals(name) || text.equals(name.substring(0, 3))) {
                return OptionalInt.of(min + i);
            }
        }
        boolean rightLength = this == YEAR ? text.length() == 4 : text.length() == 1 || text.length() == 2;
        if (!rightLength || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalInt.empty();
        }
        int number = Integer.parseInt(text);
        int highest = this == DAY_OF_WEEK ? 7 : max;
        return number < min || number > highest ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Says what may stand in this field, for an error message. */
    String allowed() {
        String values = switch (this) {
            case SECOND, MINUTE, HOUR, YEAR -> min + "-" + max;
            case DAY_OF_MONTH -> "1-31, L (last day), LW (last working day), 15W (working day nearest to the 15th)";
            case MONTH -> "1-12 or JAN-DEC";
            case DAY_OF_WEEK ->
                "0-7 or SUN-SAT (0 and 7 are Sunday), 5L (last Friday of the month), 5#2 (second Friday)";
        };
        return values + "; *, ?, ranges a-b, steps */n, a/n and a-b/n, and lists a,b";
    }

    @Override
    public String toString() {
        return label;
    }
}
