package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronParserTest {
    /** A Saturday. */
    private static final Instant START = Instant.parse("2028-01-01T00:00:00Z");

    private static List<String> next(String cron, int count) {
        CronSchedule schedule = new CronSchedule(CronParser.parse(cron), ZoneOffset.UTC, RepeatedTimes.CDS);
        List<String> all = new ArrayList<>();
        Instant after = START;
        for (int i = 0; i < count; i++) {
            after = schedule.next(after).orElseThrow();
            all.add(after.toString());
        }
        return all;
    }

    private static List<String> days(String cron, int count) {
        return next(cron, count).stream().map(time -> time.substring(5, 10)).toList();
    }

    /** Defect B8 of CDS. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            60 * * * *         | minute field: '60' is not allowed; allowed are 0-59; *, ?, ranges a-b
            * 24 * * *         | hour field: '24' is not allowed; allowed are 0-23
            * * 32 * *         | day-of-month field: '32' is not allowed; allowed are 1-31, L (last day)
            * * * 13 *         | month field: '13' is not allowed; allowed are 1-12 or JAN-DEC
            * * * * 8          | day-of-week field: '8' is not allowed; allowed are 0-7 or SUN-SAT
            * * * * * 1969     | year field: '1969' is not allowed; allowed are 1970-2099
            60 * * * * * *     | second field: '60' is not allowed
            */0 * * * *        | minute field: '*/0' has a step that is no number from 1 to 59
            */x * * * *        | minute field: '*/x' has a step that is no number from 1 to 59
            5-1 * * * *        | minute field: '5-1' runs backwards; write two ranges, such as 5-59,0-1
            * * * nov-feb *    | month field: 'nov-feb' runs backwards; write two ranges, such as nov-12,1-feb
            , * * * *          | minute field: ',' has no value
            * * * * 5#6        | day-of-week field: '5#6' is not allowed
            * * L-3 * *        | day-of-month field: 'L-3' is not allowed
            @every 5m          | '@every' is unknown; known are @hourly, @daily
            0 12               | '0 12' has too few fields: a cron expression has five
            0 0 30 2 *         | '0 0 30 2 *' never fires: no date from 1970 to 2099 fits it
            0 0 31 4,6,9,11 *  | never fires
            0 0 29 2 * 2099    | never fires
            """)
    void whatIsWrongIsToldWithFieldValueAndWhatIsAllowed(String cron, String words) {
        assertThatThrownBy(() -> CronParser.parse(cron))
                .isInstanceOf(InvalidCronException.class)
                .hasMessageContaining(words);
    }

    @Test
    void anIntervalInCronIsPointedToItsOption() {
        assertThatThrownBy(() -> CronParser.parse("@every 5m")).hasMessageContaining("use the option every");
    }

    @Test
    void aTextOfAnyLengthIsRefusedWithoutBeingRepeated() {
        assertThatThrownBy(() -> CronParser.parse("1,".repeat(500_000) + "1 * * * *"))
                .hasMessage("is 1000009 characters long; at most 2000 are read");
        assertThatThrownBy(() -> CronParser.parse("x".repeat(1_900) + " * * * *"))
                .hasMessageContaining("xxx…'")
                .message()
                .hasSizeLessThan(300);
    }

    @Test
    void aRangeOfWeekdaysMayEndOnTheSundayAfter() {
        List<String> fridayToSunday = List.of("01-02", "01-07", "01-08", "01-09", "01-14");
        assertThat(days("0 0 * * 5-7", 5)).isEqualTo(fridayToSunday);
        assertThat(days("0 0 * * fri-sun", 5)).isEqualTo(fridayToSunday);
        assertThat(days("0 0 * * FRIDAY-Sunday", 5)).isEqualTo(fridayToSunday);
        assertThat(days("0 0 * * 0-7", 3)).containsExactly("01-02", "01-03", "01-04");
        assertThat(days("0 0 * * 7-7", 2)).containsExactly("01-02", "01-09");
        assertThat(days("0 0 * * sun-sun", 2)).containsExactly("01-02", "01-09");
        assertThat(days("0 0 * * sun-mon", 3)).containsExactly("01-02", "01-03", "01-09");
        assertThat(days("0 0 * * 7-1", 3)).containsExactly("01-02", "01-03", "01-09");
        assertThatThrownBy(() -> CronParser.parse("0 0 * * fri-0")).hasMessageContaining("runs backwards");
    }

    @Test
    void leadingZerosCountInEveryField() {
        assertThat(next("05 05 05 05 *", 1)).containsExactly("2028-05-05T05:05:00Z");
        assertThat(days("0 0 * * 05", 1)).containsExactly("01-07");
    }

    @Test
    void theWorkingDayNearestStaysInItsMonth() {
        assertThat(days("0 0 1W * *", 2)).containsExactly("01-03", "02-01"); // Saturday 1 January: Monday
        assertThat(days("0 0 30W,31W 4 *", 1)).containsExactly("04-28"); // Sunday 30 April: Friday
        assertThat(days("0 0 LW 4,12 *", 2)).containsExactly("04-28", "12-29");
    }

    @Test
    void dayOfMonthAndDayOfWeekTogetherMeanEither() {
        assertThat(days("0 0 13 * 5", 4)).containsExactly("01-07", "01-13", "01-14", "01-21");
        assertThat(days("0 0 13 * *", 2)).containsExactly("01-13", "02-13");
        assertThat(days("0 0 ? * 5", 2)).containsExactly("01-07", "01-14");
        assertThat(days("0 0 L * 5#1", 3)).containsExactly("01-07", "01-31", "02-04");
    }

    @Test
    void fieldsBehindTheSeventhAreIgnored() {
        assertThat(next("30 0 12 * * * 2030 whatever 99", 1)).containsExactly("2030-01-01T12:00:30Z");
        assertThat(next("@weekly whatever", 1)).containsExactly("2028-01-02T00:00:00Z");
    }

    @Test
    void theYearEndsAt2099() {
        CronSchedule schedule = new CronSchedule(CronParser.parse("* * * * *"), ZoneOffset.UTC, RepeatedTimes.CDS);

        assertThat(schedule.next(Instant.parse("2099-12-31T23:58:00Z")))
                .contains(Instant.parse("2099-12-31T23:59:00Z"));
        assertThat(schedule.next(Instant.parse("2099-12-31T23:59:00Z"))).isEmpty();
        assertThat(schedule.next(Instant.MIN)).contains(Instant.parse("1970-01-01T00:00:00Z"));
    }
}
