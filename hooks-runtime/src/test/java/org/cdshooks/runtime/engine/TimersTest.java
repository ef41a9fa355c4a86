package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TimersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Minutes as cron has them, so that an outage does not shift them. */
    private static final Schedule MINUTELY =
            after -> Optional.of(Instant.ofEpochSecond((after.getEpochSecond() / 60 + 1) * 60));

    private final AtomicReference<Schedule> schedule = new AtomicReference<>(MINUTELY);
    private final AtomicReference<Trigger.Timer> shape = new AtomicReference<>(Trigger.timer(this::next));
    private final FakeType clockwork = new FakeType("Clockwork", task -> List.of(shape.get()));
    private final FakeType otherType = new FakeType("Other", task -> List.of(Trigger.timer(MINUTELY)));
    private final World world = new World(clockwork, otherType);

    @AfterEach
    void close() {
        world.close();
    }

    private Optional<Instant> next(Instant after) {
        return schedule.get().next(after);
    }

    private static Instant minute(int number) {
        return TurnedClock.START.plus(MINUTE.multipliedBy(number));
    }

    @Test
    void aTimerRingsWhenItsTimeComesAndTheNextRunWaits() {
        world.put("Clockwork");
        world.advance(Duration.ofSeconds(59));
        assertThat(world.executions()).isEmpty();

        world.advance(Duration.ofSeconds(1));

        Execution done = world.only();
        assertThat(done.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(done.trigger()).isEqualTo("timer");
        assertThat(done.dueAt()).isEqualTo(minute(1));
        assertThat(clockwork.executed.getFirst().dueAt()).isEqualTo(minute(1));
        assertThat(world.store.nextDue()).contains(minute(2));
    }

    @Test
    void aTimerWhoseTaskAnotherNodeChangesMeanwhileRingsAsTheChangeSays() {
        world.put("Clockwork");
        Instant later = minute(1).plusSeconds(7);
        TaskRecord seen = world.store.task(World.TASK).orElseThrow();
        Due waiting = world.store.executions(World.TASK, Long.MAX_VALUE, 1).stream()
                .map(execution -> new Due(execution, minute(1)))
                .findFirst()
                .orElseThrow();
        schedule.set(after -> {
            schedule.set(time -> Optional.of(later));
            // the same run waits, and behind it the schedule is another one
            world.store.putTask(seen.with("colour", ConfigValue.of("blue")), Optional.of(waiting));
            return Optional.of(minute(2));
        });

        world.advance(MINUTE);

        assertThat(clockwork.executed).hasSize(1);
        assertThat(world.store.nextDue()).contains(later);
    }

    @Test
    void aTimerGoesOnAfterARestart() {
        world.put("Clockwork");
        world.restart(clockwork);
        world.advance(MINUTE);
        world.advance(MINUTE);

        assertThat(clockwork.executed).hasSize(2);
    }

    @Test
    void afterAnOutageTheNewestMissedRunRunsAndTheOthersAreRecorded() {
        world.put("Clockwork");
        world.advance(Duration.ofSeconds(60 * 4 + 10));

        assertThat(clockwork.executed).extracting(e -> e.dueAt()).containsExactly(minute(4));
        Execution missed = world.executions().getLast();
        assertThat(missed.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(missed.dueAt()).isEqualTo(minute(1));
        assertThat(missed.lastError())
                .startsWith("missed 3 runs (2030-01-01T00:01:00Z, 2030-01-01T00:02:00Z, 2030-01-01T00:03:00Z)");
        assertThat(world.engine.status().skipped()).isEqualTo(3);
        assertThat(world.store.nextDue()).contains(minute(5));
    }

    @Test
    void underNoneMissedRunsAreRecordedAndNothingRuns() {
        schedule.set(after -> Optional.of(after.plus(Duration.ofHours(1))));
        shape.set(Trigger.timer(this::next).missedRuns(MissedRuns.NONE));
        world.put("Clockwork");
        world.advance(Duration.ofMinutes(70));

        assertThat(clockwork.executed).isEmpty();
        assertThat(world.only().lastError()).startsWith("missed 1 run (2030-01-01T01:00:00Z)");
        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofHours(2)));
    }

    @Test
    void underAllEveryMissedRunRuns() {
        shape.set(Trigger.timer(this::next).missedRuns(MissedRuns.ALL));
        world.put("Clockwork");
        world.advance(Duration.ofSeconds(60 * 4 + 10));

        assertThat(clockwork.executed)
                .extracting(e -> e.dueAt())
                .containsExactlyInAnyOrder(minute(1), minute(2), minute(3), minute(4));
    }

    @Test
    void aRunWhileAnEarlierOneIsUnfinishedIsSkipped() {
        world.sink.answer = delivery -> DeliveryResult.retry("down");
        world.put("Clockwork", "retryDelay", "1h");
        world.advance(MINUTE);
        world.advance(MINUTE);

        assertThat(clockwork.executed).hasSize(1);
        Execution skipped = world.executions().getFirst();
        assertThat(skipped.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(skipped.lastError()).isEqualTo("skipped: previous run not finished");
        assertThat(world.engine.status().skipped()).isEqualTo(1);
        assertThat(world.store.nextDue()).contains(minute(3));
    }

    @Test
    void aRunThatIsMergedIntoAnEarlierOneLeavesNoTrace() {
        shape.set(Trigger.timer(this::next).overlap(Overlap.MERGE));
        world.sink.answer = delivery -> DeliveryResult.deferred("away", Duration.ofHours(1));
        world.put("Clockwork");
        world.advance(MINUTE);
        world.advance(MINUTE);
        world.advance(MINUTE);

        assertThat(clockwork.executed).hasSize(1);
        assertThat(world.executions())
                .extracting(Execution::dueAt)
                .as("the first one is tried again")
                .containsExactly(minute(1));
        assertThat(world.store.nextDue()).contains(minute(4));
        assertThat(world.engine.status().skipped()).isZero();

        world.sink.answer = delivery -> DeliveryResult.delivered("");
        world.advance(Duration.ofHours(1));
        assertThat(world.executions())
                .filteredOn(execution -> execution.status() == ExecutionStatus.DONE)
                .extracting(Execution::dueAt)
                .contains(minute(1));
    }

    @Test
    void missedRunsThatAreMergedAreOne() {
        shape.set(Trigger.timer(this::next).overlap(Overlap.MERGE));
        world.put("Clockwork");
        world.advance(Duration.ofSeconds(60 * 4 + 10));

        assertThat(clockwork.executed).extracting(e -> e.dueAt()).containsExactly(minute(1));
        assertThat(world.executions()).extracting(Execution::dueAt).containsExactly(minute(1));
        assertThat(world.store.nextDue()).contains(minute(5));
    }

    @Test
    void aRunThatMayOverlapRunsBesideTheEarlierOne() {
        shape.set(Trigger.timer(this::next).overlap(Overlap.ALLOW));
        world.sink.answer = delivery -> DeliveryResult.retry("down");
        world.put("Clockwork", "retryDelay", "1h");
        world.advance(MINUTE);
        world.advance(MINUTE);

        assertThat(clockwork.executed).hasSize(2);
    }

    @Test
    void aSpreadRunIsDueLaterAndKeepsItsNominalTime() {
        shape.set(Trigger.timer(this::next).spread(Duration.ofSeconds(30)));
        world.put("Clockwork");
        Duration delay = Spread.delay(World.TASK, shape.get(), minute(1));
        assertThat(delay).isPositive();

        assertThat(world.store.nextDue()).contains(minute(1).plus(delay));
        world.clock.set(minute(1).plus(delay).minusMillis(1));
        world.run();
        assertThat(clockwork.executed).isEmpty();
        world.advance(Duration.ofMillis(1));
        assertThat(world.only().dueAt()).isEqualTo(minute(1));
        assertThat(world.engine
                        .tasks()
                        .schedule(World.TASK, TurnedClock.START, 1)
                        .orElseThrow())
                .containsExactly(minute(1).plus(delay));
    }

    @Test
    void aScheduleThatIsOverHasNoNextRun() {
        schedule.set(after -> after.isBefore(minute(1)) ? Optional.of(minute(1)) : Optional.empty());
        world.put("Clockwork");
        world.advance(MINUTE);

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.store.nextDue()).isEmpty();
    }

    /** Defect D1 of CDS. */
    @Test
    void aScheduleThatFailsIsShownAndAskedAgainAndNoRunIsLost() {
        world.put("Clockwork");
        schedule.set(after -> {
            throw new IllegalArgumentException("no such zone");
        });
        world.advance(MINUTE);

        assertThat(world.view().problem())
                .hasValueSatisfying(
                        why -> assertThat(why).contains("its schedule failed").contains("no such zone"));
        assertThat(clockwork.executed).isEmpty();
        schedule.set(MINUTELY);
        world.advance(Duration.ofSeconds(29));
        assertThat(clockwork.executed).isEmpty();
        world.advance(Duration.ofSeconds(1));
        assertThat(clockwork.executed).hasSize(1);
        assertThat(world.view().problem()).isEmpty();
    }

    /** Defect B8 of CDS. */
    @Test
    void aScheduleThatGoesBackDoesNotRingForEver() {
        world.put("Clockwork");
        schedule.set(after -> Optional.of(after.minusSeconds(3600)));
        for (int i = 0; i < 10; i++) {
            world.advance(MINUTE);
        }

        assertThat(clockwork.executed).isEmpty();
        assertThat(world.view().problem())
                .hasValueSatisfying(why -> assertThat(why).contains("the schedule says that after"));
    }

    @Test
    void aTimerWithoutPluginStaysDueAndHoldsUpNobody() {
        world.put("Clockwork");
        world.engine.tasks().put(new TaskId("other"), "Other", Map.of());
        world.restart(otherType);
        for (int i = 0; i < 5; i++) {
            world.advance(MINUTE);
        }
        assertThat(otherType.executed).hasSize(5);
        assertThat(world.engine.status().parked()).isEqualTo(1);

        world.restart(clockwork, otherType);
        world.run();
        assertThat(clockwork.executed).extracting(e -> e.dueAt()).containsExactly(minute(5));
    }

    @Test
    void manyTimersWithoutPluginDoNotHideTheOthers() {
        for (int i = 0; i < 1200; i++) {
            world.engine.tasks().put(new TaskId("parked-" + i), "Clockwork", Map.of());
        }
        world.clock.advance(Duration.ofSeconds(1));
        world.engine.tasks().put(new TaskId("other"), "Other", Map.of());
        world.restart(otherType);
        world.advance(MINUTE);

        assertThat(otherType.executed).hasSize(1);
    }

    @Test
    void aWaitingRunOfAStoppedTaskEndsItself() {
        world.put("Clockwork");
        TaskRecord task = world.store.task(World.TASK).orElseThrow();
        Due waiting =
                new Due(world.store.executions(World.TASK, Long.MAX_VALUE, 1).getFirst(), minute(1));
        world.store.putTask(task.stopped(""), Optional.of(waiting)); // as another node may leave it
        world.advance(MINUTE);

        assertThat(world.only().lastError()).isEqualTo(Attempt.STOPPED);
        assertThat(world.store.nextDue()).isEmpty();
    }

    @Test
    void aTimerThatTheTypeTookAwayEnds() {
        world.put("Clockwork");
        world.restart(new FakeType("Clockwork", task -> List.of()));
        world.advance(MINUTE);

        assertThat(world.only().lastError()).contains("no timer any more");
        assertThat(world.store.nextDue()).isEmpty();
    }

    @Test
    void aChangedTaskRingsByItsNewScheduleOnly() {
        world.put("Clockwork", "colour", "red");
        schedule.set(after -> Optional.of(after.plus(Duration.ofMinutes(10))));
        world.put("Clockwork", "colour", "blue");

        world.advance(MINUTE);
        assertThat(clockwork.executed).isEmpty();
        assertThat(world.store.nextDue()).contains(minute(10));
    }
}
