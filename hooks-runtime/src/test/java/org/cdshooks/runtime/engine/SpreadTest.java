package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.junit.jupiter.api.Test;

final class SpreadTest {
    private final Trigger.Timer timer =
            Trigger.timer(Schedule.every(Duration.ofMinutes(1))).spread(Duration.ofSeconds(30));

    @Test
    void tasksAreSpreadOverTheWholeTimeAndEachHasTheSameDelayAlways() {
        Set<Long> seconds = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            TaskId task = new TaskId("task-" + i);
            Duration delay = Spread.delay(task, timer, TurnedClock.START);

            assertThat(delay).isBetween(Duration.ZERO, Duration.ofMillis(29_999));
            assertThat(Spread.delay(task, timer, TurnedClock.START)).isEqualTo(delay);
            seconds.add(delay.toSeconds());
        }
        assertThat(seconds).hasSize(30);
    }

    @Test
    void theDelayNeverReachesTheNextRun() {
        Trigger.Timer often =
                Trigger.timer(Schedule.every(Duration.ofSeconds(2))).spread(Duration.ofMinutes(5));
        for (int i = 0; i < 100; i++) {
            assertThat(Spread.delay(new TaskId("task-" + i), often, TurnedClock.START))
                    .isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void withoutSpreadThereIsNoDelay() {
        assertThat(Spread.delay(World.TASK, timer.spread(Duration.ZERO), TurnedClock.START))
                .isZero();
    }
}
