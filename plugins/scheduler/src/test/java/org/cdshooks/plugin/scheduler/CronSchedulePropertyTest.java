package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for every expression in every zone, tried with random ones. The seed is fixed; {@code -Dcron.seed=…} changes
 * it, and {@code -Dcron.wide=true} tries much more.
 */
class CronSchedulePropertyTest {
    private static final long SEED = Long.getLong("cron.seed", 20_261_124);
    private static final boolean WIDE = Boolean.getBoolean("cron.wide");
    private static final Instant FROM_2000 = Instant.parse("2000-01-01T00:00:00Z");

    /** East, west and at Greenwich; gaps at midnight, at 23:00, of half an hour and of a whole day; odd offsets. */
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Paris",
            "Europe/London",
            "Atlantic/Azores",
            "America/New_York",
            "America/Sao_Paulo",
            "America/Nuuk",
            "America/Scoresbysund",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Asia/Beirut",
            "Africa/Casablanca",
            "Antarctica/Troll",
            "Pacific/Apia",
            "Pacific/Kwajalein",
            "Asia/Gaza");

    private static CronSchedule schedule(String text, String zone, RepeatedTimes repeated) {
        return new CronSchedule(CronParser.parse(text), ZoneId.of(zone), repeated);
    }

    /** The instants at which a local time fires, by the rules as they are written, one local time at a time. */
    private static List<Instant> instantsOf(
            LocalDateTime local, ZoneRules rules, boolean everyHour, RepeatedTimes repeated) {
        List<ZoneOffset> offsets = rules.getValidOffsets(local);
        if (offsets.isEmpty()) {
            ZoneOffsetTransition gap = rules.getTransition(local);
            return List.of(local.plus(gap.getDuration()).toInstant(gap.getOffsetAfter()));
        }
        Instant first = local.toInstant(offsets.getFirst());
        Instant last = local.toInstant(offsets.getLast());
        return switch (repeated) {
            case CDS -> List.of(offsets.getLast().getTotalSeconds() >= 0 ? last : first);
            case ELAPSED -> everyHour ? List.of(first, last) : List.of(first);
        };
    }

    /** All firings after start, until end, found by asking each local minute or second there is, one by one. */
    private static List<Instant> bruteForce(
            RandomCron cron, ZoneRules rules, RepeatedTimes repeated, Instant start, Instant end, ChronoUnit step) {
        TreeSet<Instant> all = new TreeSet<>();
        LocalDateTime local =
                LocalDateTime.ofInstant(start, ZoneOffset.UTC).minusDays(2).truncatedTo(ChronoUnit.DAYS);
        LocalDateTime last = LocalDateTime.ofInstant(end, ZoneOffset.UTC).plusDays(2);
        while (local.isBefore(last)) {
            if (cron.fits().test(local)) {
                all.addAll(instantsOf(local, rules, cron.everyHour(), repeated));
            }
            local = local.plus(1, step);
        }
        return all.stream()
                .filter(instant -> instant.isAfter(start) && !instant.isAfter(end))
                .toList();
    }

    private static List<Instant> searched(CronSchedule schedule, Instant start, Instant end) {
        List<Instant> all = new ArrayList<>();
        Optional<Instant> next = schedule.next(start);
        while (next.isPresent() && !next.get().isAfter(end)) {
            all.add(next.get());
            next = schedule.next(next.get());
        }
        return all;
    }

    private static Optional<CronExpression> parsed(RandomCron cron) {
        try {
            return Optional.of(CronParser.parse(cron.text()));
        } catch (InvalidCronException e) {
            // The generator may hit upon 31 February; anything else is a mistake of the parser.
            assertThat(e).hasMessageContaining("never fires");
            return Optional.empty();
        }
    }

    /** A time within some days of a change of clocks from 2000 to 2040, if the zone has one; any time otherwise. */
    private static Instant interesting(Random random, ZoneRules rules) {
        Instant any = FROM_2000.plusSeconds(random.nextLong(40L * 365 * 86_400));
        ZoneOffsetTransition change = random.nextInt(5) == 0 ? null : rules.nextTransition(any);
        return change == null ? any : change.getInstant().minusSeconds(random.nextInt(30 * 3600));
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatAskingEachMinuteFinds(RepeatedTimes repeated) {
        Random random = new Random(SEED);
        int found = 0;
        for (int i = 0; i < (WIDE ? 40_000 : 800); i++) {
            RandomCron cron = RandomCron.of(random, false);
            ZoneRules rules = ZoneId.of(ZONES.get(i % ZONES.size())).getRules();
            Instant start = interesting(random, rules);
            Instant end = start.plus(Duration.ofHours(60));
            if (parsed(cron).isPresent()) {
                List<Instant> expected = bruteForce(cron, rules, repeated, start, end, ChronoUnit.MINUTES);
                found += expected.size();
                assertThat(searched(schedule(cron.text(), ZONES.get(i % ZONES.size()), repeated), start, end))
                        .as("%s in %s from %s", cron.text(), ZONES.get(i % ZONES.size()), start)
                        .isEqualTo(expected);
            }
        }
        assertThat(found).isGreaterThan(5_000);
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatAskingEachSecondFinds(RepeatedTimes repeated) {
        Random random = new Random(SEED + 1);
        int found = 0;
        for (int i = 0; i < (WIDE ? 1_000 : 34); i++) {
            RandomCron cron = RandomCron.of(random, true);
            ZoneRules rules = ZoneId.of(ZONES.get(i % ZONES.size())).getRules();
            Instant start = interesting(random, rules);
            Instant end = start.plus(Duration.ofHours(5));
            if (parsed(cron).isPresent()) {
                List<Instant> expected = bruteForce(cron, rules, repeated, start, end, ChronoUnit.SECONDS);
                found += expected.size();
                assertThat(searched(schedule(cron.text(), ZONES.get(i % ZONES.size()), repeated), start, end))
                        .as("%s in %s from %s", cron.text(), ZONES.get(i % ZONES.size()), start)
                        .isEqualTo(expected);
            }
        }
        assertThat(found).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void goesForwardAndIsMonotoneAndFitsTheFieldsUnlessShiftedOverAGap(RepeatedTimes repeated) {
        Random random = new Random(SEED + 2);
        int fired = 0;
        for (int i = 0; i < (WIDE ? 300_000 : 10_000); i++) {
            RandomCron cron = RandomCron.of(random, random.nextBoolean());
            ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
            Instant early = interesting(random, zone.getRules()).plusNanos(random.nextInt(1_000_000_000));
            Instant late = early.plusSeconds(random.nextInt(200_000));
            Optional<CronExpression> expression = parsed(cron);
            if (expression.isEmpty()) {
                continue;
            }
            CronSchedule schedule = new CronSchedule(expression.get(), zone, repeated);
            Optional<Instant> next = schedule.next(early);
            if (next.isEmpty()) {
                assertThat(schedule.next(late)).as(cron.text()).isEmpty();
                continue;
            }
            fired++;
            Instant due = next.get();
            String what = "%s in %s after %s: %s".formatted(cron.text(), zone, early, due);
            assertThat(due).as(what).isAfter(early);
            assertThat(schedule.next(due.minusNanos(1))).as(what).contains(due);
            Optional<Instant> later = schedule.next(late);
            later.ifPresent(instant -> assertThat(instant).as(what).isAfterOrEqualTo(due));
            if (late.isBefore(due)) {
                assertThat(later).as(what).contains(due);
            }
            assertThat(fitsOrIsShifted(cron, zone.getRules(), due)).as(what).isTrue();
        }
        assertThat(fired).isGreaterThan(1_000);
    }

    private static boolean fitsOrIsShifted(RandomCron cron, ZoneRules rules, Instant due) {
        LocalDateTime local = LocalDateTime.ofInstant(due, rules.getOffset(due));
        if (cron.fits().test(local)) {
            return true;
        }
        ZoneOffsetTransition change = rules.previousTransition(due.plusSeconds(1));
        return change != null
                && change.isGap()
                && due.isBefore(change.getInstant().plus(change.getDuration()))
                && cron.fits().test(local.minus(change.getDuration()));
    }

    @ParameterizedTest
    @EnumSource
    void aDailyExpressionFiresOnceOnEachLocalDayInEveryZone(RepeatedTimes repeated) {
        Random random = new Random(SEED + 3);
        List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
        List<LocalTime> delicate = List.of(
                LocalTime.of(0, 0),
                LocalTime.of(0, 30),
                LocalTime.of(1, 30),
                LocalTime.of(2, 30),
                LocalTime.of(23, 30));
        for (String zone : zones) {
            List<Integer> years = WIDE
                    ? IntStream.rangeClosed(2000, 2040).boxed().toList()
                    : random.ints(4, 2000, 2041).boxed().toList();
            LocalTime time = random.nextBoolean()
                    ? delicate.get(random.nextInt(delicate.size()))
                    : LocalTime.of(random.nextInt(24), random.nextInt(60));
            CronSchedule schedule = schedule(time.getMinute() + " " + time.getHour() + " * * *", zone, repeated);
            for (int year : years) {
                firesOnceADay(schedule, ZoneId.of(zone), time, year);
            }
        }
    }

    private static void firesOnceADay(CronSchedule schedule, ZoneId zone, LocalTime time, int year) {
        LocalDate firstDay = LocalDate.of(year, 1, 2);
        Instant due = ZonedDateTime.of(firstDay.minusDays(1), time, zone).toInstant();
        for (LocalDate day = firstDay; day.getYear() == year; day = day.plusDays(1)) {
            if (ZonedDateTime.of(day, LocalTime.MIDNIGHT, zone).toLocalDate().isAfter(day)
                    && ZonedDateTime.of(day, LocalTime.NOON, zone).toLocalDate().isAfter(day)) {
                continue; // a day that a zone left out when it crossed the date line
            }
            Instant next = schedule.next(due).orElseThrow();
            // Java's own idea of that time on that day, first or second if there are two.
            ZonedDateTime meant = ZonedDateTime.of(day, time, zone);
            assertThat(next)
                    .as("%s on %s in %s", time, day, zone)
                    .isIn(meant.toInstant(), meant.withLaterOffsetAtOverlap().toInstant());
            due = next;
        }
    }

    @Test
    void anyTextIsParsedOrRefusedWithWordsAndSearchedWithoutEnd() {
        Random random = new Random(SEED + 4);
        String alphabet = "0123456789*/-,?#LWlw@ \tabcdefjmnrsuyhtionéİ:.\u0000\uD800+";
        String[] words = {
            "*",
            "*/5",
            "L",
            "LW",
            "15W",
            "5#2",
            "5L",
            "1-5",
            "2000/1",
            "@daily",
            "@",
            "MON-FRI",
            "jan",
            "31",
            "0",
            "-",
            "7-7",
            "fri-sun",
            "99999999999",
            "*/",
            "/2",
            "1-",
            "-1",
            "#",
            "W",
            "?",
            "1/0",
            ",",
            "30",
            "2",
            "2/5"
        };
        int parsed = 0;
        for (int i = 0; i < (WIDE ? 3_000_000 : 50_000); i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(9);
            for (int j = 0; j < length; j++) {
                text.append(
                        random.nextInt(4) == 0
                                ? "" + alphabet.charAt(random.nextInt(alphabet.length()))
                                : words[random.nextInt(words.length)] + (random.nextInt(8) == 0 ? "," : " "));
            }
            try {
                CronExpression expression = CronParser.parse(text.toString());
                parsed++;
                CronSchedule schedule = new CronSchedule(expression, ZoneId.of("Europe/Paris"), RepeatedTimes.CDS);
                assertThatCode(() -> {
                            schedule.next(Instant.MIN);
                            schedule.next(Instant.MAX);
                            schedule.next(Instant.EPOCH);
                            schedule.next(Instant.parse("2099-12-31T23:59:59Z"));
                        })
                        .as(text.toString())
                        .doesNotThrowAnyException();
            } catch (InvalidCronException e) {
                assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(500);
            }
        }
        assertThat(parsed).isGreaterThan(300);
    }

    /** Catches a search by seconds or days; it is thousands of times slower than the bound. */
    @Test
    void aSearchOverACenturyDoesNotStepThroughIt() {
        CronSchedule rare = schedule("0 0 29 2 * 2096", "America/New_York", RepeatedTimes.CDS);
        CronSchedule past = schedule("* * * * * 1970", "America/New_York", RepeatedTimes.CDS);
        Instant start = Instant.now();
        for (int i = 0; i < 2_000; i++) {
            assertThat(rare.next(FROM_2000)).contains(Instant.parse("2096-02-29T05:00:00Z"));
            assertThat(past.next(FROM_2000)).isEmpty();
        }
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }
}
