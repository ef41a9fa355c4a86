package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Executions.ReplayFilter;
import org.cdshooks.runtime.engine.Executions.ReplayReport;
import org.cdshooks.runtime.engine.Executions.ReplayStart;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReplayDeskTest {
    private final World world = new World(FakeType.http("Web"));

    @AfterEach
    void close() {
        world.close();
    }

    private static ReplayFilter failed(int limit) {
        return new ReplayFilter(ExecutionStatus.FAILED, 0, Long.MAX_VALUE, "", limit);
    }

    private void failing(int count, String reason) {
        world.sink.answer = delivery -> DeliveryResult.rejected(reason);
        for (int i = 0; i < count; i++) {
            world.send(reason + " " + i);
            world.clock.advance(Duration.ofSeconds(1));
            world.run();
        }
    }

    private ReplayReport replay(ReplayFilter which) {
        assertThat(world.engine.executions().replayAll(World.TASK, which, "me"))
                .isInstanceOf(ReplayStart.Started.class);
        World.until(
                "the end of the replay",
                () -> world.engine.executions().replays(World.TASK).running().isEmpty());
        return world.engine.executions().replays(World.TASK).last().orElseThrow();
    }

    private static EngineConfig with(EngineConfig c, int workers, int maxUnfinished) {
        return new EngineConfig(
                c.urlPublic(),
                c.retryDelay(),
                c.retryError(),
                1000,
                1000,
                workers,
                1,
                maxUnfinished,
                c.lease(),
                c.attemptTimeout(),
                c.dedupWindow(),
                c.defaults(),
                c.quarantine());
    }

    private Node nodeOn(TaskStore store) {
        EngineConfig config = World.configWith(Map.of());
        return new Node("n", store, config, World.SHORT, world.clock, world.clock::ticks, new Tally());
    }

    private TaskStore heldUpAtReplay(CountDownLatch entered, CountDownLatch goOn) {
        return (TaskStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("replay")) {
                        entered.countDown();
                        goOn.await();
                    }
                    return method.invoke(world.store, arguments);
                });
    }

    /** Runs what is queued, one after the other; returns what was delivered. */
    private List<String> delivered() {
        int before = world.sink.seen.size();
        world.sink.answer = delivery -> DeliveryResult.delivered("ok");
        for (int i = 0; i < 5; i++) { // each does a bounded number of rounds
            world.run();
        }
        List<String> bodies = new ArrayList<>();
        world.sink
                .seen
                .subList(before, world.sink.seen.size())
                .forEach(letter -> bodies.add(letter.event().values().get("body")));
        return bodies;
    }

    @Test
    void allThatMatchRunAgainInTheOrderInWhichTheyCameInAndAreMarked() {
        world.config(config -> with(config, 1, config.maxUnfinished()));
        world.put("Web");
        failing(70, "away");
        failing(2, "wrong");

        ReplayReport report = replay(new ReplayFilter(ExecutionStatus.FAILED, 0, Long.MAX_VALUE, "awa", 100));

        assertThat(report.matched()).isEqualTo(70);
        assertThat(report.replayed()).isEqualTo(70);
        assertThat(report.skipped()).isZero();
        assertThat(report.ended()).isPresent();
        assertThat(report.stoppedBy()).isEmpty();
        assertThat(report.problem()).isEmpty();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            expected.add("away " + i);
        }
        assertThat(world.store.executions(World.TASK, Long.MAX_VALUE, 100))
                .filteredOn(execution -> execution.status() == ExecutionStatus.ENQUEUED)
                .hasSize(70)
                .allSatisfy(execution -> assertThat(execution.marks().replays()).isEqualTo(1));
        assertThat(delivered()).containsExactlyElementsOf(expected);
        assertThat(world.executions())
                .filteredOn(execution -> execution.lastError().equals("wrong"))
                .hasSize(2)
                .allSatisfy(execution -> assertThat(execution.marks().replays()).isZero());
    }

    @Test
    void ofMoreThanTheLimitTheNewestAreReplayed() {
        world.put("Web");
        failing(5, "away");

        ReplayReport report = replay(failed(2));

        assertThat(report.replayed()).isEqualTo(2);
        assertThat(delivered()).containsExactlyInAnyOrder("away 3", "away 4");
    }

    @Test
    void onlyThoseOfTheTimeAreReplayed() {
        world.put("Web");
        failing(4, "away");
        List<Execution> all = world.executions();

        replay(new ReplayFilter(
                ExecutionStatus.FAILED,
                all.get(2).key().timestamp(),
                all.get(0).key().timestamp(),
                "",
                100));

        assertThat(delivered()).containsExactlyInAnyOrder("away 1", "away 2");
    }

    @Test
    void nothingOfAnotherTaskIsReplayed() {
        world.put("Web");
        world.engine.tasks().put(new TaskId("other"), "Web", World.values());
        world.sink.answer = delivery -> DeliveryResult.rejected("no");
        world.send(new TaskId("other"), "x");
        world.run();

        assertThat(replay(failed(10)).matched()).isZero();
        assertThat(world.engine.executions().replayAll(new TaskId("nope"), failed(1), "me"))
                .isInstanceOf(ReplayStart.NoSuchTask.class);
    }

    @Test
    void aTaskThatHasMuchToDoGetsNoMore() {
        world.put("Web");
        failing(3, "away");
        world.config(config -> with(config, config.workers(), 4));
        world.send("x");
        world.send("y");

        ReplayReport report = replay(failed(10));

        assertThat(report.matched()).isEqualTo(3);
        assertThat(report.replayed()).isZero();
        assertThat(report.problem().orElseThrow()).startsWith("the task has 2 unfinished executions");
    }

    @Test
    void oneThatIsUnderWayIsTheOnlyOneAndStopsWhenTold() {
        world.put("Web");
        failing(3, "away");
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ReplayDesk desk = new ReplayDesk(nodeOn(heldUpAtReplay(entered, goOn)));

        desk.start(World.TASK, failed(10), ReplayConfig.NOW, "me");
        World.until("the first one", () -> entered.getCount() == 0);
        assertThat(desk.of(World.TASK).running().orElseThrow().matched()).isEqualTo(3);
        assertThat(desk.start(World.TASK, failed(10), ReplayConfig.NOW, "you"))
                .isInstanceOfSatisfying(
                        ReplayStart.Refused.class,
                        refused -> assertThat(refused.reason()).contains("is under way here"));
        assertThat(desk.stop(World.TASK, "you")).isPresent();
        goOn.countDown();
        World.until("its end", () -> desk.of(World.TASK).running().isEmpty());

        ReplayReport report = desk.of(World.TASK).last().orElseThrow();
        assertThat(report.stoppedBy()).contains("you");
        assertThat(report.startedBy()).isEqualTo("me");
        assertThat(report.replayed()).isEqualTo(1);
        assertThat(desk.stop(World.TASK, "you")).isEmpty();
        assertThat(world.store.counts(World.TASK).queued()).isEqualTo(1);
    }
}
