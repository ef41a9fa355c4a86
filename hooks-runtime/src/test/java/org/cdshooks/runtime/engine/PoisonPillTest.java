package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that die of an execution, one after the other, on one store. */
class PoisonPillTest {
    private static final Duration LEASE = World.configWith(Map.of()).lease();
    private static final int NEIGHBOURS = 40;

    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = LocalStores.memory(clock);
    private final List<Mortal> nodes = new ArrayList<>();

    /** A node that dies as soon as it executes what is poison: from then on it does nothing and reaches nothing. */
    private final class Mortal {
        final SharedStore.View view = new SharedStore(store).view();
        final FakeType web = FakeType.http("Web");
        final FakeSink sink = new FakeSink("fake");
        final AtomicInteger running = new AtomicInteger();
        final CountDownLatch dead = new CountDownLatch(1);

        /** How many ran besides when it died; -1 while it lives. */
        volatile int besides = -1;

        /** Neighbours run until they are let go. */
        final CountDownLatch letGo = new CountDownLatch(1);

        final Engine engine;

        Mortal(boolean neighboursWait) {
            web.execute = (execution, context) -> {
                running.incrementAndGet();
                try {
                    if (execution.payload().text().equals("poison")) {
                        besides = running.get() - 1;
                        die();
                        new CountDownLatch(1).await();
                    }
                    if (neighboursWait) {
                        letGo.await();
                    }
                    return ExecutionResult.completed(HookEvent.of(Map.of("a", "b")));
                } finally {
                    running.decrementAndGet();
                }
            };
            Node node = new Node(
                    "n" + nodes.size(),
                    view.store,
                    World.configWith(Map.of("sink", "fake")),
                    World.SHORT,
                    clock,
                    clock::ticks,
                    new Tally());
            engine = new Engine(node, PluginRegistry.of(List.of(web), List.of(sink)), Map.of(), true);
            engine.start();
            nodes.add(this);
        }

        void die() {
            view.away = true;
            dead.countDown();
        }

        boolean isDead() {
            return dead.getCount() == 0;
        }

        void tickUntil(String what, java.util.function.BooleanSupplier condition) {
            World.until(what, () -> {
                if (!isDead()) {
                    engine.tick();
                }
                return condition.getAsBoolean();
            });
        }

        void send(TaskId task, String body) throws Exception {
            engine.endpoints().find(task).orElseThrow().receive(World.call(body, Map.of()));
        }

        void put(TaskId task, String... options) {
            engine.tasks().put(task, "Web", World.values(options));
        }
    }

    @AfterEach
    void end() {
        nodes.forEach(node -> {
            node.letGo.countDown();
            node.engine.stop(Duration.ofMillis(100));
        });
        store.close();
    }

    private List<Execution> all(TaskId task) {
        return store.executions(task, Long.MAX_VALUE, 1000);
    }

    @Test
    void aPoisonPillIsFailedAfterItsThirdCrashAndNoneOfItsNeighboursIs() throws Exception {
        Mortal first = new Mortal(true);
        for (int i = 0; i < 4; i++) {
            first.put(new TaskId("task" + i));
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            first.send(new TaskId("task" + i % 4), "neighbour " + i);
        }
        first.send(new TaskId("task1"), "poison");
        first.tickUntil("the first node dies", first::isDead);
        clock.advance(LEASE.plusSeconds(1));

        Mortal second = new Mortal(true);
        second.tickUntil("the second node dies", second::isDead);
        assertThat(second.besides).as("neighbours that died twice").isPositive();
        clock.advance(LEASE.plusSeconds(1));

        Mortal third = new Mortal(false);
        third.tickUntil("the third node dies", () -> {
            clock.advance(Duration.ofSeconds(1));
            return third.isDead();
        });
        assertThat(third.besides).as("what ran beside the suspect").isZero();
        clock.advance(LEASE.plusSeconds(1));

        Mortal fourth = new Mortal(false);
        fourth.tickUntil("all end", () -> {
            clock.advance(Duration.ofSeconds(1));
            return store.counts().queued() == 0 && store.counts().doing() == 0;
        });
        assertThat(fourth.isDead()).isFalse();
        for (int i = 0; i < 4; i++) {
            assertThat(all(new TaskId("task" + i)))
                    .allSatisfy(execution -> assertThat(execution.status())
                            .as(execution.payload().text())
                            .isEqualTo(
                                    execution.payload().text().equals("poison")
                                            ? ExecutionStatus.FAILED
                                            : ExecutionStatus.DONE));
        }
    }

    @Test
    void aNodeThatDiesCountsForNothingThatWaitsForItsTurn() throws Exception {
        TaskId serial = new TaskId("serial");
        Mortal node = new Mortal(true);
        node.put(serial, "workers", "1");
        for (int i = 0; i < 12; i++) {
            node.send(serial, "neighbour " + i);
        }
        node.tickUntil(
                "one runs and the others wait",
                () -> store.counts().doing() == 12
                        && node.running.get() == 1
                        && node.engine.status().running() == 1);

        node.die();
        clock.advance(LEASE.plusSeconds(1));
        assertThat(store.recover(100)).isEqualTo(12);

        assertThat(store.claim(12, 12, LEASE))
                .hasSize(12)
                .filteredOn(claim -> claim.crashes() > 0)
                .as("the one that had begun")
                .hasSize(1);
    }

    @Test
    void anExecutionThatHasWaitedForItsTurnCountsOnceItHasBegun() throws Exception {
        TaskId serial = new TaskId("serial");
        Mortal node = new Mortal(true);
        node.put(serial, "workers", "1");
        node.send(serial, "first");
        node.send(serial, "second");
        node.tickUntil(
                "one runs and the other waits",
                () -> node.running.get() == 1
                        && node.engine.status().running() == 1
                        && store.counts().doing() == 2);
        node.letGo.countDown();
        node.tickUntil("both are done", () -> store.counts().doing() == 0);
        node.send(serial, "other");
        node.send(serial, "poison");
        node.tickUntil("the node dies of what has waited", node::isDead);
        clock.advance(LEASE.plusSeconds(1));
        store.recover(100);

        assertThat(store.claim(12, 12, LEASE))
                .filteredOn(claim -> claim.execution().payload().text().equals("poison"))
                .singleElement()
                .satisfies(claim -> assertThat(claim.crashes()).isEqualTo(1));
    }

    @Test
    void aSuspectRunsBesideOthersIfTheNodeDoesNotGetQuiet() throws Exception {
        Mortal first = new Mortal(false);
        TaskId task = new TaskId("task");
        first.put(task);
        first.send(task, "suspect");
        for (int i = 0; i < 2; i++) {
            assertThat(store.claim(1, 10, LEASE)).hasSize(1);
            clock.advance(LEASE);
            assertThat(store.recover(1)).isEqualTo(1);
        }
        Mortal node = new Mortal(true);
        node.send(task, "slow");
        node.tickUntil("the slow one runs, and the suspect waits", () -> node.running.get() == 1);
        clock.advance(Isolation.UNTIL_QUIET.minusMillis(1));
        node.engine.tick();
        node.send(task, "third");
        node.engine.tick();
        assertThat(node.running.get()).as("nothing begins").isEqualTo(1);

        clock.advance(Duration.ofMillis(1));
        node.tickUntil("the suspect runs beside the slow one, and the third begins", () -> node.running.get() == 3);
    }
}
