package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionMarks;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WaitersTest {
    private final World world = new World(FakeType.http("Web"));
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Waiters waiters = new Waiters(new Node(
            "n", world.store, World.configWith(Map.of()), World.SHORT, world.clock, world.clock::ticks, new Tally()));

    @AfterEach
    void close() {
        threads.close();
        world.close();
    }

    private Execution stored() {
        world.put("Web");
        return world.accept("Web", "x");
    }

    private Future<Ending> waiting(Execution execution, Duration atMost) {
        Future<Ending> waiting = threads.submit(() -> waiters.await(execution.key(), atMost, () -> true));
        World.until(() -> waiters.count() == 1);
        return waiting;
    }

    @Test
    void whatEndsHereIsToldWithoutALookAtTheStore() throws Exception {
        Execution execution = stored();
        Future<Ending> waiting = waiting(execution, Duration.ofSeconds(20));
        waiters.ended(
                execution.delivered("thanks", 3).marked(ExecutionMarks.NONE.told(Map.of("a", "b"))),
                ExecutionStatus.DONE);

        assertThat(waiting.get()).isEqualTo(new Ending(Ending.Status.DONE, "", 3, "thanks", Map.of("a", "b")));
        assertThat(waiters.count()).isZero();
    }

    @Test
    void whatEndsElsewhereIsFoundInTheStore() throws Exception {
        Execution execution = stored();
        Future<Ending> waiting = waiting(execution, Duration.ofSeconds(20));
        var claim = world.store.claim(1, 1, Duration.ofMinutes(1)).getFirst();
        world.store.settle(claim, new Settlement.Failed(claim.execution().failed("no")));

        assertThat(waiting.get().status()).isEqualTo(Ending.Status.FAILED);
        assertThat(waiters.count()).isZero();
    }

    @Test
    void theTimeIsThatOfAClockThatNobodySets() throws Exception {
        Future<Ending> waiting = waiting(stored(), Duration.ofSeconds(20));
        world.clock.advance(Duration.ofSeconds(21));

        assertThat(waiting.get()).isEqualTo(Ending.RUNNING);
        assertThat(waiters.count()).isZero();
    }

    @Test
    void whatWasRemovedIsNotWaitedFor() throws Exception {
        Execution execution = stored();
        Future<Ending> waiting = waiting(execution, Duration.ofSeconds(20));
        world.store.removeTask(World.TASK);

        assertThat(waiting.get().status()).isEqualTo(Ending.Status.REMOVED);
    }

    @Test
    void anEventThatIsPartlySkippedIsDone() {
        Execution execution = stored();
        assertThat(List.of(
                        status(execution.ended("skipped by filter: no", 1)),
                        status(execution.ended("2 of 2 events skipped: event 1 by", 1)),
                        status(execution.ended("1 of 2 events skipped: event 1 by", 1)),
                        status(execution)))
                .containsExactly(Ending.Status.SKIPPED, Ending.Status.SKIPPED, Ending.Status.DONE, Ending.Status.DONE);
        assertThat(Optional.of(Ending.of(execution, ExecutionStatus.DOING))).hasValue(Ending.RUNNING);
    }

    private static Ending.Status status(Execution execution) {
        return Ending.of(execution, ExecutionStatus.DONE).status();
    }
}
