package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ExecutionDeskTest {
    private final FakeType web = FakeType.http("Web");
    private final FakeType clockwork =
            new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofHours(1)))));
    private final World world = new World(web, clockwork);

    @AfterEach
    void close() {
        world.close();
    }

    private Execution failedOne() {
        world.put("Web", "colour", "red");
        world.sink.answer = delivery -> DeliveryResult.rejected("no");
        world.send("x");
        world.run();
        return world.only();
    }

    @Test
    void aFailedExecutionRunsAgainUnderTheNewestConfig() {
        Execution failed = failedOne();
        world.sink.answer = delivery -> DeliveryResult.delivered("ok");
        world.put("Web", "colour", "blue");

        var outcome = world.engine.executions().replay(World.TASK, failed.key().timestamp());
        world.run();

        assertThat(outcome).isInstanceOf(Executions.Outcome.Done.class);
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.sink.seen.getLast().task().config().get(FakeType.COLOUR))
                .isEqualTo("blue");
        assertThat(world.sink.keys()).containsOnly(failed.key().toString());
    }

    @Test
    void whatHasNotEndedIsNotReplayed() {
        world.put("Web");
        world.send("x");
        long timestamp = world.store
                .executions(World.TASK, Long.MAX_VALUE, 1)
                .getFirst()
                .key()
                .timestamp();

        assertThat(world.engine.executions().replay(World.TASK, timestamp))
                .isInstanceOfSatisfying(
                        Executions.Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .contains("is ENQUEUED")
                                .contains("only a finished execution can run again"));
        assertThat(world.engine.executions().replay(World.TASK, 1)).isInstanceOf(Executions.Outcome.NotFound.class);
    }

    @Test
    void aRunningExecutionThatIsStoppedIsInterruptedAndFails() {
        CountDownLatch interrupted = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            throw new AssertionError();
        };
        world.put("Web");
        world.send("x");
        world.engine.tick();
        World.until(() -> web.executed.size() == 1);

        long timestamp = world.store
                .executions(World.TASK, Long.MAX_VALUE, 1)
                .getFirst()
                .key()
                .timestamp();
        var outcome = world.engine.executions().stop(World.TASK, timestamp);
        World.until(() -> interrupted.getCount() == 0);
        world.run();

        assertThat(outcome).isInstanceOf(Executions.Outcome.Done.class);
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().lastError()).isEqualTo("stopped by a user");
    }

    @Test
    void onlyTheExecutionThatIsNamedIsStopped() {
        world.put("Web");
        world.send("1");
        world.send("2");
        world.send("3");
        long second = world.store
                .executions(World.TASK, Long.MAX_VALUE, 3)
                .get(1)
                .key()
                .timestamp();

        world.engine.executions().stop(World.TASK, second);
        world.run();

        assertThat(world.sink.seen)
                .extracting(letter -> letter.event().values().get("body"))
                .containsExactlyInAnyOrder("1", "3");
    }

    @Test
    void whatCanNotBeStoppedSaysWhy() {
        Execution failed = failedOne();
        assertThat(world.engine.executions().stop(World.TASK, failed.key().timestamp()))
                .isInstanceOfSatisfying(
                        Executions.Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("it has ended"));
        assertThat(world.engine.executions().stop(World.TASK, 1)).isInstanceOf(Executions.Outcome.NotFound.class);

        world.put("Clockwork");
        long waiting = world.store
                .executions(World.TASK, Long.MAX_VALUE, 1)
                .getFirst()
                .key()
                .timestamp();
        assertThat(world.engine.executions().stop(World.TASK, waiting))
                .isInstanceOfSatisfying(
                        Executions.Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("stop the task"));
    }

    @Test
    void allAreRemovedButTheNextRunOfTheTimer() {
        failedOne();
        world.put("Clockwork");

        assertThat(world.engine.executions().removeAll(World.TASK)).isEqualTo(1);

        assertThat(world.engine.executions().list(World.TASK, Long.MAX_VALUE, 10))
                .hasSize(1);
        assertThat(world.store.nextDue()).isPresent();
    }
}
