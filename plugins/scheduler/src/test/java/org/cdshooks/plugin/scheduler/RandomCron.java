package org.cdshooks.plugin.scheduler;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;

/**
 * A random cron expression together with what it means, made without the parser and without a search: it only tells
 * whether a given local time fits.
 *
 * @param text the expression
 * @param everyHour whether its hour field has a star, a question mark or a slash
 * @param fits tells whether a local time fits
 */
record RandomCron(String text, boolean everyHour, Predicate<LocalDateTime> fits) {
    private static final String[] MONTHS = {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
    };
    private static final String[] DAYS = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

    private record Field(String text, BitSet values) {
        boolean isRestricted() {
            return List.of(text.split(",")).stream().noneMatch(entry -> entry.equals("*") || entry.equals("?"));
        }
    }

    private record Days(String text, Predicate<LocalDate> fits, boolean isRestricted) {}

    /** Makes an expression; one with a second field if asked for. */
    static RandomCron of(Random random, boolean withSecond) {
        Field second = field(random, 0, 59, 0.3);
        Field minute = field(random, 0, 59, 0.3);
        Field hour = field(random, 0, 23, 0.4);
        Days dom = dom(random);
        Field month = field(random, 1, 12, 0.85);
        Days dow = dow(random);
        Field year = field(random, 1970, 2099, 0.9);
        Predicate<LocalDateTime> day = time -> {
            boolean byDom = dom.fits().test(time.toLocalDate());
            boolean byDow = dow.fits().test(time.toLocalDate());
            boolean either = dom.isRestricted() && dow.isRestricted();
            return either ? (byDom || byDow) : (byDom && byDow);
        };
        boolean withYear = withSecond || random.nextInt(4) == 0;
        Predicate<LocalDateTime> fits = time -> (withSecond
                        ? second.values().get(time.getSecond())
                        : time.getSecond() == 0)
                && minute.values().get(time.getMinute())
                && hour.values().get(time.getHour())
                && month.values().get(time.getMonthValue())
                && (withYear ? year.values().get(time.getYear()) : (time.getYear() >= 1970 && time.getYear() < 2100))
                && day.test(time);
        String text = (withSecond ? second.text() + " " : "")
                + String.join(
                        random.nextBoolean() ? " " : "\t ",
                        minute.text(),
                        hour.text(),
                        dom.text(),
                        named(random, month.text(), MONTHS, 1),
                        dow.text())
                + (withYear ? " " + year.text() : "");
        boolean everyHour = hour.text().matches(".*[*?/].*");
        return new RandomCron(text, everyHour, fits);
    }

    private static Field field(Random random, int min, int max, double star) {
        if (random.nextDouble() < star) {
            BitSet all = new BitSet();
            all.set(min, max + 1);
            return new Field(random.nextInt(4) == 0 ? "?" : "*", all);
        }
        BitSet values = new BitSet();
        List<String> entries = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int a = min + random.nextInt(max - min + 1);
            int b = a + random.nextInt(max - a + 1);
            int step = 1 + random.nextInt(Math.min(max, 20));
            switch (random.nextInt(6)) {
                case 0 -> add(values, entries, a + "-" + b, a, b, 1);
                case 1 -> add(values, entries, a + "-" + b + "/" + step, a, b, step);
                case 2 -> add(values, entries, a + "/" + step, a, max, step);
                case 3 -> add(values, entries, "*/" + step, min, max, step);
                default -> add(values, entries, "" + a, a, a, 1);
            }
        }
        return new Field(String.join(",", entries), values);
    }

    private static void add(BitSet values, List<String> entries, String text, int first, int last, int step) {
        for (int value = first; value <= last; value += step) {
            values.set(value);
        }
        entries.add(text);
    }

    private static Days dom(Random random) {
        Field plain = field(random, 1, 31, 0.5);
        if (!plain.isRestricted()) {
            return new Days(plain.text(), date -> true, false);
        }
        Predicate<LocalDate> fits = date -> plain.values().get(date.getDayOfMonth());
        return switch (random.nextInt(5)) {
            case 0 -> new Days("L", date -> date.getDayOfMonth() == date.lengthOfMonth(), true);
            case 1 ->
                new Days(
                        "lW",
                        date -> date.equals(workdayNear(YearMonth.from(date).atEndOfMonth())),
                        true);
            case 2 -> {
                int day = 1 + random.nextInt(31);
                Predicate<LocalDate> near =
                        date -> day <= date.lengthOfMonth() && date.equals(workdayNear(date.withDayOfMonth(day)));
                yield new Days(plain.text() + "," + day + "W", fits.or(near), true);
            }
            default -> new Days(plain.text(), fits, true);
        };
    }

    private static LocalDate workdayNear(LocalDate date) {
        List<LocalDate> byDistance = switch (date.getDayOfWeek()) {
            case SATURDAY -> List.of(date.minusDays(1), date.plusDays(2));
            case SUNDAY -> List.of(date.plusDays(1), date.minusDays(2));
            case MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY -> List.of(date);
        };
        return byDistance.stream()
                .filter(day -> day.getMonth() == date.getMonth())
                .findFirst()
                .orElseThrow();
    }

    private static Days dow(Random random) {
        Field plain = field(random, 0, 6, 0.5);
        if (!plain.isRestricted()) {
            return new Days(plain.text(), date -> true, false);
        }
        int weekday = random.nextInt(7);
        String written = switch (random.nextInt(3)) {
            case 0 -> DAYS[weekday];
            case 1 -> weekday == 0 ? "7" : "" + weekday;
            default -> "" + weekday;
        };
        return switch (random.nextInt(5)) {
            case 0 ->
                new Days(
                        written + "L",
                        date -> weekday(date) == weekday && date.plusDays(7).getMonth() != date.getMonth(),
                        true);
            case 1 -> {
                int nth = 1 + random.nextInt(5);
                yield new Days(
                        written + "#" + nth,
                        date -> weekday(date) == weekday
                                && date.minusDays(7L * (nth - 1)).getMonth() == date.getMonth()
                                && date.minusDays(7L * nth).getMonth() != date.getMonth(),
                        true);
            }
            default ->
                new Days(
                        named(random, plain.text(), DAYS, 0),
                        date -> plain.values().get(weekday(date)),
                        true);
        };
    }

    private static int weekday(LocalDate date) {
        return date.getDayOfWeek().getValue() % 7;
    }

    /** Writes plain values as names now and then. */
    private static String named(Random random, String text, String[] names, int first) {
        if (random.nextBoolean() || !text.matches("[0-9]{1,2}(,[0-9]{1,2})*")) {
            return text;
        }
        List<String> entries = new ArrayList<>();
        for (String entry : text.split(",")) {
            entries.add(names[Integer.parseInt(entry) - first].toUpperCase(Locale.ROOT));
        }
        return String.join(",", entries);
    }
}
