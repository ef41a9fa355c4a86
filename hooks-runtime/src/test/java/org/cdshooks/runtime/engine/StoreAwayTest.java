package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine while its store can't be reached: nothing is acknowledged, nothing is lost, and it goes on by itself. */
@Timeout(60)
final class StoreAwayTest {
    private final TaskStore store = LocalStores.memory(InstantSource.system());

    /** Methods of the store that fail now. */
    private final Set<String> away = ConcurrentHashMap.newKeySet();

    private final AtomicInteger refused = new AtomicInteger();
    private final FakeSink sink = new FakeSink("fake");
    private final FakeType web = FakeType.http("Web");
    private final FakeType clockwork =
            new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMillis(100)))));
    private final BlockingQueue<String> source = new LinkedBlockingQueue<>();
    private final FakeType ear = new FakeType(
            "Ear",
            task -> List.of(Trigger.listener(context -> {
                while (true) {
                    String heard = source.take();
                    try {
                        context.emit(Invocation.of(Payload.empty()).dedupKey(heard));
                    } catch (RuntimeException e) {
                        source.add(heard); // was not acknowledged, so the source has it still
                        throw e;
                    }
                }
            })));
    private final Engine engine = new Engine(
            unreliable(),
            PluginRegistry.of(List.of(web, clockwork, ear), List.of(sink)),
            World.configWith(Map.of("sink", "fake")),
            InstantSource.system());

    private TaskStore unreliable() {
        return (TaskStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                    boolean reaches = !Set.of("onWork", "onTaskChange", "maxSleep", "close")
                            .contains(method.getName());
                    if (away.contains(method.getName()) || away.contains("all") && reaches) {
                        refused.incrementAndGet();
                        throw new StoreUnavailableException("the store is away", false);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @BeforeEach
    void start() {
        engine.start();
    }

    @AfterEach
    void close() {
        away.clear();
        engine.stop(Duration.ofSeconds(1));
        store.close();
    }

    private void awaitRefused(int more) {
        int target = refused.get() + more;
        World.until(() -> refused.get() >= target);
    }

    private void send() throws Exception {
        engine.endpoints().find(World.TASK).orElseThrow().receive(World.call("x", Map.of()));
    }

    @Test
    void whatHasArrivedAndCanNotBeSettledYetIsNotSentAgain() throws Exception {
        engine.tasks().put(World.TASK, "Web", Map.of());
        away.add("settle");
        send();
        awaitRefused(2);
        assertThat(sink.seen).hasSize(1);

        away.clear();

        World.until(() -> engine.status().done() == 1);
        assertThat(sink.seen).hasSize(1);
    }

    /** Defect A3 of CDS. */
    @Test
    void aRequestThatCanNotBeStoredIsNotAccepted() {
        engine.tasks().put(World.TASK, "Web", Map.of());
        away.add("accept");

        assertThatThrownBy(this::send).isInstanceOf(StoreUnavailableException.class);
        away.clear();
        assertThat(store.counts(World.TASK).total()).isZero();
    }

    @Test
    void aTaskThatCanNotBeStoredIsNotChanged() {
        engine.tasks().put(World.TASK, "Web", World.values("colour", "red"));
        away.add("replaceTask");

        assertThatThrownBy(() -> engine.tasks().put(World.TASK, "Web", World.values("colour", "blue")))
                .isInstanceOf(StoreUnavailableException.class);
        away.clear();
        assertThat(engine.tasks()
                        .find(World.TASK)
                        .orElseThrow()
                        .task()
                        .config()
                        .get("colour")
                        .value())
                .isEqualTo("red");
    }

    @Test
    void theLoopsGoOnWhenTheStoreIsBack() throws Exception {
        engine.tasks().put(World.TASK, "Web", Map.of());
        engine.tasks().put(new org.cdshooks.api.TaskId("clock"), "Clockwork", Map.of());
        away.addAll(Set.of("claim", "nextTimes", "dueTimers", "promoteRetries", "extend", "clean"));
        send();
        awaitRefused(2);
        assertThat(sink.seen.stream().filter(letter -> letter.task().type().equals("Web")))
                .isEmpty();

        away.clear();

        World.until(
                "the request and the timer have arrived",
                () -> sink.seen.stream()
                                .map(letter -> letter.task().type())
                                .distinct()
                                .count()
                        == 2);
    }

    @Test
    void theStatusTellsThatTheStoreIsAwayWithTheCountsOfBefore() {
        engine.tasks().put(World.TASK, "Web", Map.of());
        assertThat(engine.status().storeProblem()).isEmpty();
        away.add("counts");

        assertThat(engine.status().storeProblem().orElseThrow()).contains("the store is away");
        assertThat(engine.status().counts().tasks()).isEqualTo(1);
        away.clear();
        assertThat(engine.status().storeProblem()).isEmpty();
    }

    @Test
    void theLoopsSurviveAnOutageOfEverything() throws Exception {
        engine.tasks().put(World.TASK, "Web", Map.of());
        send();
        World.until(() -> engine.status().done() == 1);
        away.add("all");
        awaitRefused(1);
        away.clear();
        send();

        World.until(() -> engine.status().done() == 2);
    }

    /** Defect A9 of CDS. */
    @Test
    void aListenerThatCouldNotStoreWhatItHeardHearsItAgain() {
        engine.tasks().put(World.TASK, "Ear", Map.of());
        away.add("accept");
        source.add("1");
        awaitRefused(1);
        World.until(
                () -> engine.tasks().find(World.TASK).orElseThrow().problem().isPresent());

        away.clear();

        World.until(() -> engine.status().done() == 1);
        assertThat(engine.tasks().find(World.TASK).orElseThrow().problem()).isEmpty();
    }

    @Test
    void theEngineStopsWhileTheStoreIsAway() throws Exception {
        engine.tasks().put(World.TASK, "Web", Map.of());
        away.add("settle");
        send();
        awaitRefused(1);
        away.addAll(Set.of("all", "release"));

        long began = System.nanoTime();
        engine.stop(Duration.ofMillis(200));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
}
