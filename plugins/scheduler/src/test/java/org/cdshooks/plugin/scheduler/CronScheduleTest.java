package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The days on which clocks are changed, by example. */
class CronScheduleTest {
    private static final String BEFORE_PARIS_FALLS_BACK = "2018-10-28T01:20:00+02:00";
    private static final String BEFORE_NEW_YORK_FALLS_BACK = "2018-11-04T00:20:00-04:00";

    private static List<String> next(String cron, String zone, RepeatedTimes repeated, String after, int count) {
        ZoneId id = ZoneId.of(zone);
        CronSchedule schedule = new CronSchedule(CronParser.parse(cron), id, repeated);
        List<String> all = new ArrayList<>();
        Instant last = OffsetDateTime.parse(after).toInstant();
        for (int i = 0; i < count; i++) {
            last = schedule.next(last).orElseThrow();
            all.add(last.atZone(id).toOffsetDateTime().toString().substring(11));
        }
        return all;
    }

    @Test
    void asCdsARepeatedTimeFiresAtTheSecondInTheEastAndAtTheFirstInTheWest() {
        assertThat(next("30 2 * * *", "Europe/Paris", RepeatedTimes.CDS, BEFORE_PARIS_FALLS_BACK, 2))
                .containsExactly("02:30+01:00", "02:30+01:00");
        assertThat(next("30 1 * * *", "America/New_York", RepeatedTimes.CDS, BEFORE_NEW_YORK_FALLS_BACK, 2))
                .containsExactly("01:30-04:00", "01:30-05:00");
    }

    @Test
    void asCdsAnHourlyExpressionFiresInOneOfTheTwoHours() {
        assertThat(next("0 * * * *", "Europe/Paris", RepeatedTimes.CDS, BEFORE_PARIS_FALLS_BACK, 2))
                .containsExactly("02:00+01:00", "03:00+01:00");
        assertThat(next("0 * * * *", "America/New_York", RepeatedTimes.CDS, BEFORE_NEW_YORK_FALLS_BACK, 2))
                .containsExactly("01:00-04:00", "02:00-05:00");
    }

    @Test
    void asTimeElapsesARepeatedTimeFiresAtTheFirstEverywhere() {
        assertThat(next("30 2 * * *", "Europe/Paris", RepeatedTimes.ELAPSED, BEFORE_PARIS_FALLS_BACK, 2))
                .containsExactly("02:30+02:00", "02:30+01:00");
        assertThat(next("*/20 1-2 * * *", "America/New_York", RepeatedTimes.ELAPSED, BEFORE_NEW_YORK_FALLS_BACK, 4))
                .containsExactly("01:00-04:00", "01:20-04:00", "01:40-04:00", "02:00-05:00");
    }

    @Test
    void asTimeElapsesARhythmOfHoursKeepsItsPace() {
        assertThat(next("*/30 * * * *", "Europe/Paris", RepeatedTimes.ELAPSED, BEFORE_PARIS_FALLS_BACK, 6))
                .containsExactly(
                        "01:30+02:00", "02:00+02:00", "02:30+02:00", "02:00+01:00", "02:30+01:00", "03:00+01:00");
        assertThat(next("0 */1 * * *", "America/New_York", RepeatedTimes.ELAPSED, BEFORE_NEW_YORK_FALLS_BACK, 3))
                .containsExactly("01:00-04:00", "01:00-05:00", "02:00-05:00");
        assertThat(next("@hourly", "Europe/Paris", RepeatedTimes.ELAPSED, BEFORE_PARIS_FALLS_BACK, 3))
                .containsExactly("02:00+02:00", "02:00+01:00", "03:00+01:00");
    }

    @Test
    void whatAGapSwallowsComesLaterByItsLengthAndMeetsWhatIsThereAnyway() {
        String before = "2018-03-25T01:59:00+01:00";
        assertThat(next("0,45 2-3 * * *", "Europe/Paris", RepeatedTimes.CDS, before, 3))
                .containsExactly("03:00+02:00", "03:45+02:00", "02:00+02:00");
        assertThat(next("15,45 2 * * *", "Europe/Paris", RepeatedTimes.CDS, before, 3))
                .containsExactly("03:15+02:00", "03:45+02:00", "02:15+02:00");
        assertThat(next("10 2 * * *", "Australia/Lord_Howe", RepeatedTimes.CDS, "2018-10-07T01:59:00+10:30", 2))
                .containsExactly("02:40+11:00", "02:10+11:00");
    }
}
