package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.Schedule;
import org.junit.jupiter.api.Test;

final class MissedRunsPolicyTest {
    private static final Instant T = TurnedClock.START;
    private static final Schedule MINUTELY = onTheFull(60);
    private static final Schedule SECONDLY = onTheFull(1);

    private static Schedule onTheFull(long seconds) {
        return after -> Optional.of(Instant.ofEpochSecond((after.getEpochSecond() / seconds + 1) * seconds));
    }

    private static MissedRunsPolicy.Plan plan(MissedRuns policy, Schedule schedule, Duration late) {
        return new MissedRunsPolicy(schedule, policy, UnaryOperator.identity(), Duration.ofSeconds(60))
                .plan(T, T.plus(late));
    }

    @Test
    void aRunThatIsDueRunsWhateverThePolicy() {
        for (MissedRuns policy : MissedRuns.values()) {
            MissedRunsPolicy.Plan plan = plan(policy, MINUTELY, Duration.ofMillis(20));

            assertThat(plan.runs()).containsExactly(T);
            assertThat(plan.next()).contains(T.plusSeconds(60));
            assertThat(plan.missed()).isZero();
            assertThat(plan.words()).isEmpty();
        }
    }

    @Test
    void lastRunsTheNewestAndSaysWhichAreMissed() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.LAST, MINUTELY, Duration.ofSeconds(150));

        assertThat(plan.runs()).containsExactly(T.plusSeconds(120));
        assertThat(plan.missed()).isEqualTo(2);
        assertThat(plan.next()).contains(T.plusSeconds(180));
        assertThat(plan.words())
                .isEqualTo(
                        "missed 2 runs (2030-01-01T00:00:00Z, 2030-01-01T00:01:00Z) since nothing rang them in time; "
                                + "now runs the one of 2030-01-01T00:02:00Z");
    }

    @Test
    void lastRunsOneThatIsVeryLateIfItIsTheOnlyOne() {
        assertThat(plan(MissedRuns.LAST, Schedule.every(Duration.ofDays(7)), Duration.ofDays(2))
                        .runs())
                .containsExactly(T);
    }

    @Test
    void noneRunsNothingThatIsLate() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.NONE, onTheFull(3600), Duration.ofSeconds(7261));

        assertThat(plan.runs()).isEmpty();
        assertThat(plan.missed()).isEqualTo(3);
        assertThat(plan.words()).contains("missed 3 runs").endsWith("none of them runs");
        assertThat(plan(MissedRuns.NONE, onTheFull(3600), Duration.ofSeconds(61))
                        .runs())
                .isEmpty();
        assertThat(plan(MissedRuns.NONE, onTheFull(3600), Duration.ofSeconds(60))
                        .runs())
                .containsExactly(T);
    }

    @Test
    void noneStillRunsTheOneThatIsDueJustNow() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.NONE, MINUTELY, Duration.ofSeconds(310));

        assertThat(plan.runs()).containsExactly(T.plusSeconds(300));
        assertThat(plan.missed()).isEqualTo(5);
    }

    @Test
    void allRunsAllOldestFirst() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.ALL, MINUTELY, Duration.ofSeconds(130));

        assertThat(plan.runs()).containsExactly(T, T.plusSeconds(60), T.plusSeconds(120));
        assertThat(plan.missed()).isZero();
    }

    @Test
    void allRunsTheNewestHundred() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.ALL, MINUTELY, Duration.ofMinutes(150));

        assertThat(plan.runs()).hasSize(100).startsWith(T.plus(Duration.ofMinutes(51)));
        assertThat(plan.missed()).isEqualTo(51);
        assertThat(plan.words()).contains("missed 51 runs (").contains(", …)").contains("now run 100 from");
    }

    @Test
    void allRunsNoneThatIsOlderThanADay() {
        MissedRunsPolicy.Plan plan = plan(MissedRuns.ALL, onTheFull(3600), Duration.ofHours(30));

        assertThat(plan.runs()).hasSize(25).startsWith(T.plus(Duration.ofHours(6)));
        assertThat(plan.missed()).isEqualTo(6);
    }

    @Test
    void tooManyAreNotCountedAndTheNewestIsFoundAllTheSame() {
        Instant now = T.plus(Duration.ofDays(365));
        MissedRunsPolicy.Plan last = plan(MissedRuns.LAST, SECONDLY, Duration.ofDays(365));
        MissedRunsPolicy.Plan all = plan(MissedRuns.ALL, SECONDLY, Duration.ofDays(365));

        assertThat(last.runs()).containsExactly(now);
        assertThat(last.words()).contains("missed more than 10000 runs");
        assertThat(last.next()).contains(now.plusSeconds(1));
        assertThat(all.runs()).hasSize(100).endsWith(now);
        assertThat(all.next()).contains(now.plusSeconds(1));
    }

    @Test
    void aScheduleThatIsOverHasNoNext() {
        Schedule once = after -> after.isBefore(T.plusSeconds(5)) ? Optional.of(T.plusSeconds(5)) : Optional.empty();

        assertThat(plan(MissedRuns.LAST, once, Duration.ofSeconds(3)).next()).contains(T.plusSeconds(5));
        assertThat(plan(MissedRuns.LAST, once, Duration.ofSeconds(9)).next()).isEmpty();
    }

    @Test
    void aScheduleThatGoesBackIsAnError() {
        assertThatThrownBy(() -> plan(MissedRuns.LAST, Optional::of, Duration.ZERO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the schedule says that after 2030-01-01T00:00:00Z comes 2030-01-01T00:00:00Z");
    }

    @Test
    void aRunThatIsSpreadIsNotDueBeforeItsDelay() {
        MissedRunsPolicy spread =
                new MissedRunsPolicy(MINUTELY, MissedRuns.LAST, time -> time.plusSeconds(30), Duration.ofSeconds(60));

        MissedRunsPolicy.Plan plan = spread.plan(T, T.plusSeconds(80));

        assertThat(plan.runs()).containsExactly(T);
        assertThat(plan.next()).contains(T.plusSeconds(60));
    }
}
