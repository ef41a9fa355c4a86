package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine as it runs: with its own threads and the system's clock. */
@Timeout(120)
final class EngineLoopsTest {
    /** What is waited for with good plugins, on a machine that is busy with other things; hostile ones get less. */
    private Duration patience = Duration.ofSeconds(10);

    private final TaskStore store = LocalStores.memory(InstantSource.system());
    private final FakeSink sink = new FakeSink("fake");
    private final FakeSink bad = new FakeSink("bad");
    private final FakeType web = FakeType.http("Web");
    private final CountDownLatch end = new CountDownLatch(1);
    private Engine engine = engine(web);

    @AfterEach
    void close() {
        end.countDown();
        engine.stop(Duration.ofSeconds(1));
        store.close();
    }

    private Engine engine(HookType... types) {
        Limits limits = new Limits(patience, patience, patience, Duration.ofSeconds(60), Limits.DEFAULTS.listenLease());
        Node node = new Node(
                NodeName.make(),
                store,
                World.configWith(Map.of("sink", "fake")),
                limits,
                InstantSource.system(),
                System::nanoTime,
                new Tally());
        return new Engine(node, PluginRegistry.of(List.of(types), List.<EventSink>of(sink, bad)), Map.of(), false);
    }

    private void start(HookType... types) {
        engine = engine(types);
        engine.start();
    }

    private static TaskId id(String name) {
        return new TaskId(name);
    }

    private void send(TaskId task, String body) {
        try {
            HttpReply reply = engine.endpoints().find(task).orElseThrow().receive(World.call(body, Map.of()));
            assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Execution last(TaskId task) {
        return store.executions(task, Long.MAX_VALUE, 1).getFirst();
    }

    // ------------------------------------------------------------------------------------------------ none lost, none
    // twice

    /** Defect B2 of CDS. */
    @Test
    void ofTenThousandExecutionsNoneIsLostAndNoneRunsTwice() throws Exception {
        start(web);
        for (int task = 0; task < 20; task++) {
            engine.tasks().put(id("task-" + task), "Web", World.values("executionHistory", "10000"));
        }
        long began = System.nanoTime();
        List<Future<?>> sent = new ArrayList<>();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int sender = 0; sender < 20; sender++) {
                int of = sender;
                sent.add(senders.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        send(id("task-" + of), of + "/" + i);
                    }
                }));
            }
        }
        for (Future<?> sender : sent) {
            sender.get();
        }
        try {
            World.until("all are done", () -> engine.status().done() == 10_000);
        } catch (AssertionError e) {
            throw new AssertionError(engine.status() + ", delivered " + sink.seen.size(), e);
        }
        System.out.printf(
                "10,000 executions in %d ms%n",
                Duration.ofNanos(System.nanoTime() - began).toMillis());

        Set<String> bodies = new HashSet<>();
        sink.seen.forEach(letter -> bodies.add(letter.event().values().get("body")));
        assertThat(sink.seen).hasSize(10_000);
        assertThat(bodies).hasSize(10_000);
        assertThat(new HashSet<>(sink.keys())).hasSize(10_000);
        assertThat(store.counts().queued()
                        + store.counts().doing()
                        + store.counts().waiting())
                .isZero();
    }

    @Test
    void anIdleEngineRunsWhatComesAtOnce() {
        start(web);
        engine.tasks().put(id("t"), "Web", Map.of());
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int before = sink.seen.size();
            long began = System.nanoTime();
            send(id("t"), "x");
            while (sink.seen.size() == before) {
                Thread.onSpinWait();
            }
            micros.add((System.nanoTime() - began) / 1000);
        }
        micros.sort(null);
        System.out.printf("accept to delivery: p50 %d us, p99 %d us%n", micros.get(250), micros.get(495));
        assertThat(micros.get(250)).isLessThan(10_000);
    }

    @Test
    void aTimerRingsOnTimeWithoutAnybodyAsking() {
        Instant due = Instant.now().plusMillis(700);
        FakeType once = new FakeType(
                "Once",
                task -> List.of(Trigger.timer(after -> after.isBefore(due) ? Optional.of(due) : Optional.empty())));
        start(once);
        engine.tasks().put(id("t"), "Once", Map.of());

        World.until(() -> sink.seen.size() == 1);
        assertThat(Duration.between(due, Instant.now())).isBetween(Duration.ZERO, Duration.ofSeconds(1));
    }

    @Test
    void aFailedAttemptIsTriedAgainWithoutAnybodyAsking() {
        start(web);
        AtomicInteger calls = new AtomicInteger();
        sink.answer =
                delivery -> calls.incrementAndGet() < 3 ? DeliveryResult.retry("no") : DeliveryResult.delivered("ok");
        engine.tasks().put(id("t"), "Web", World.values("retryDelay", "20ms"));
        send(id("t"), "x");

        World.until(() -> engine.status().done() == 1);
        assertThat(calls).hasValue(3);
    }

    /** Defect A1 of CDS. */
    @Test
    void whatADeadWorkerLeftBehindRunsAgain() {
        engine = engine(web);
        engine.tasks().put(id("t"), "Web", Map.of());
        send(id("t"), "x");
        assertThat(store.claim(1, 16, Duration.ofMillis(300))).hasSize(1); // and its node dies
        engine.start();

        World.until(() -> engine.status().done() == 1);
    }

    // ------------------------------------------------------------------------------------------------ slow and hostile

    @Test
    void oneSlowTargetDoesNotSlowTheOthers() {
        start(web);
        bad.answer = delivery -> {
            end.await();
            return DeliveryResult.delivered("at last");
        };
        engine.tasks().put(id("slow"), "Web", World.values("sink", "bad"));
        engine.tasks().put(id("quick"), "Web", Map.of());
        for (int i = 0; i < 1000; i++) {
            send(id("slow"), "x");
        }
        World.until("some are stuck with the slow target", () -> bad.seen.size() == 16);
        long began = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            send(id("quick"), "x");
        }
        World.until(() -> sink.seen.size() == 100);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
        assertThat(bad.seen).hasSize(16);
    }

    private long delivered(String type) {
        return sink.seen.stream()
                .filter(letter -> letter.task().type().equals(type))
                .count();
    }

    /** A plugin that blocks, and does not listen to interrupts, in one method of the SPI; beside it one that works. */
    private void hostile(String where) throws InterruptedException {
        patience = Duration.ofSeconds(1);
        FakeType.Action block = () -> {
            while (end.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted();
            }
        };
        AtomicInteger armed = new AtomicInteger();
        FakeType hostile = new FakeType("Hostile", task -> {
            if (where.equals("triggers") && armed.get() > 0) {
                FakeType.sneaky(block);
            }
            Schedule schedule = after -> {
                if (where.equals("schedule") && armed.get() > 0) {
                    FakeType.sneaky(block);
                }
                return Optional.of(after.plusMillis(50));
            };
            return List.of(
                    Trigger.timer(schedule),
                    Trigger.listener(context -> {
                        if (where.equals("listen")) {
                            block.run();
                        }
                        end.await();
                    }),
                    Trigger.http((call, context) -> org.cdshooks.api.HttpReply.of(204, "")));
        });
        FakeType clockwork =
                new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMillis(50)))));
        hostile.execute = (execution, context) -> {
            if (where.equals("execute")) {
                block.run();
            }
            return ExecutionResult.completed(org.cdshooks.api.HookEvent.of(Map.of()));
        };
        bad.answer = delivery -> {
            if (where.equals("deliver")) {
                block.run();
            }
            return DeliveryResult.delivered("ok");
        };
        hostile.onStop = () -> {
            if (where.equals("stop")) {
                block.run();
            }
        };
        hostile.onCreate = () -> {
            if (where.equals("create") && armed.get() > 0) {
                block.run();
            }
        };
        hostile.validate = config -> {
            if (where.equals("validate") && armed.get() > 0) {
                FakeType.sneaky(block);
            }
            return List.of();
        };
        start(hostile, clockwork, web);
        for (int i = 0; i < 30; i++) {
            engine.tasks().put(id("hostile-" + i), "Hostile", World.values("sink", "bad", "timeout", "1s"));
        }
        armed.set(1);
        engine.tasks().put(id("clock"), "Clockwork", Map.of());
        engine.tasks().put(id("web"), "Web", Map.of());
        Thread changes = Thread.startVirtualThread(() -> {
            for (int i = 0; i < 5; i++) {
                try {
                    engine.tasks().put(id("hostile-" + i), "Hostile", World.values("sink", "bad", "colour", "red"));
                } catch (InvalidConfigException e) {
                    assertThat(e.problems().getFirst().message()).contains("did not return within");
                }
            }
        });
        for (int i = 1; i <= 8; i++) {
            int round = i;
            send(id("web"), "x");
            World.until(
                    "request " + round + " arrives while the hostile one blocks in " + where,
                    () -> delivered("Web") == round);
            World.until(
                    "the good timer fires " + round + " times while the hostile one blocks in " + where,
                    () -> delivered("Clockwork") >= round);
        }
        assertThat(changes.join(Duration.ofSeconds(20))).isTrue();
        long began = System.nanoTime();
        engine.stop(Duration.ofMillis(300));
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("stop while the hostile one blocks in " + where)
                .isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void aPluginThatBlocksInCreateBlocksItselfOnly() throws InterruptedException {
        hostile("create");
    }

    @Test
    void aPluginThatBlocksInTriggersBlocksItselfOnly() throws InterruptedException {
        hostile("triggers");
    }

    @Test
    void aPluginThatBlocksInValidateBlocksItselfOnly() throws InterruptedException {
        hostile("validate");
    }

    @Test
    void aPluginThatBlocksInAScheduleBlocksItselfOnly() throws InterruptedException {
        hostile("schedule");
    }

    @Test
    void aPluginThatBlocksInExecuteBlocksItselfOnly() throws InterruptedException {
        hostile("execute");
    }

    @Test
    void aPluginThatBlocksInDeliverBlocksItselfOnly() throws InterruptedException {
        hostile("deliver");
    }

    @Test
    void aPluginThatBlocksInListenBlocksItselfOnly() throws InterruptedException {
        hostile("listen");
    }

    @Test
    void aPluginThatBlocksInStopBlocksItselfOnly() throws InterruptedException {
        hostile("stop");
    }

    // ------------------------------------------------------------------------------------------------ stopping

    @Test
    void stoppingLetsWhatRunsEnd() throws Exception {
        start(web);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            running.countDown();
            mayEnd.await();
            return ExecutionResult.completed();
        };
        engine.tasks().put(id("t"), "Web", Map.of());
        send(id("t"), "x");
        World.until(() -> running.getCount() == 0);

        FutureTask<Integer> stop = new FutureTask<>(() -> engine.stop(Duration.ofSeconds(10)));
        Thread.startVirtualThread(stop);
        World.until("the stop has begun", () -> engine.status().draining());
        assertThat(stop.isDone()).as("the stop waits for what runs").isFalse();
        mayEnd.countDown();

        assertThat(stop.get()).isZero();
        assertThat(last(id("t")).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(engine.status().draining()).isTrue();
        assertThat(web.stopped).as("its hook is stopped").hasValue(1);
        assertThat(engine.stop(Duration.ofSeconds(10))).as("a second time").isZero();
    }

    /** Defect A1 of CDS. */
    @Test
    void whatDoesNotEndInTimeIsInterruptedAndRunsAgainAfterTheNextStart() {
        start(web);
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            if (calls.incrementAndGet() == 1) {
                running.countDown();
                end.await();
            }
            return ExecutionResult.completed();
        };
        engine.tasks().put(id("t"), "Web", Map.of());
        send(id("t"), "x");
        World.until(() -> running.getCount() == 0);

        assertThat(engine.stop(Duration.ofMillis(50))).isEqualTo(1);
        assertThat(last(id("t")).status()).isEqualTo(ExecutionStatus.ENQUEUED);
        send(id("t"), "stored while nobody works");

        start(web);
        World.until(() -> engine.status().done() == 2);
        assertThat(last(id("t")).errors()).isZero();
    }

    @Test
    void stoppingWithManyExecutionsLosesNoneAndRunsNoneTwice() {
        start(web);
        for (int i = 0; i < 10; i++) {
            engine.tasks().put(id("t" + i), "Web", World.values("executionHistory", "10000"));
        }
        for (int i = 0; i < 3000; i++) {
            send(id("t" + i % 10), Integer.toString(i));
        }
        for (int restart = 0; restart < 5; restart++) {
            assertThat(engine.stop(Duration.ofSeconds(10))).isZero();
            start(web);
        }
        World.until(() -> store.counts().queued() + store.counts().doing() == 0 && sink.seen.size() >= 3000);

        assertThat(new HashSet<>(sink.keys())).hasSize(3000);
        assertThat(sink.seen).hasSize(3000);
    }

    @Test
    void theStatusSaysHowItIs() {
        start(web);
        EngineStatus status = engine.status();

        assertThat(status.startedAt()).isBeforeOrEqualTo(Instant.now());
        assertThat(status.running()).isZero();
        assertThat(status.storeProblem()).isEmpty();
        assertThat(status.durability()).isNotBlank();
        assertThat(status.draining()).isFalse();
        assertThat(EngineConfig.defaults(URI.create("http://x")).workers()).isEqualTo(256);
    }
}
