package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.Seal;

/** An engine in memory, whose clock a test turns and whose loops a test does. */
final class World implements AutoCloseable {
    static final TaskId TASK = new TaskId("11111111-1111-4111-8111-111111111111");
    static final Limits SHORT = new Limits(
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));

    final TurnedClock clock = new TurnedClock();
    final FakeSink sink = new FakeSink("fake");
    final FakeSink other = new FakeSink("other");
    final TaskStore store = LocalStores.memory(clock);
    Engine engine;
    private EngineConfig config = configWith(Map.of("sink", "fake"));
    private List<? extends HookType> types;
    private Seal seal = Seal.none();

    World(HookType... types) {
        this.types = List.of(types);
        this.engine = start();
    }

    static EngineConfig configWith(Map<String, String> defaults) {
        EngineConfig d = EngineConfig.defaults(URI.create("http://hooks.test"));
        return new EngineConfig(
                d.urlPublic(),
                d.retryDelay(),
                d.retryError(),
                d.executionHistory(),
                d.failedHistory(),
                d.workers(),
                d.workersPerTask(),
                d.maxUnfinished(),
                d.lease(),
                d.attemptTimeout(),
                d.dedupWindow(),
                defaults,
                d.quarantine());
    }

    private Engine start() {
        Node node = new Node(NodeName.make(), store, config, SHORT, clock, clock::ticks, new Tally());
        Engine made = new Engine(node, PluginRegistry.of(types, List.of(sink, other)), Map.of(), seal, true);
        made.start();
        return made;
    }

    /** Starts another engine on the same store, with other keys. */
    World seal(Seal newSeal) {
        seal = newSeal;
        restart();
        return this;
    }

    World config(UnaryOperator<EngineConfig> change) {
        config = change.apply(config);
        restart();
        return this;
    }

    /** Ends the engine and starts another one on the same store, perhaps with other hook types. */
    void restart(HookType... newTypes) {
        engine.stop(Duration.ofSeconds(1));
        if (newTypes.length > 0) {
            types = List.of(newTypes);
        }
        engine = start();
    }

    static Map<String, ConfigValue> values(String... namesAndValues) {
        Map<String, ConfigValue> values = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], ConfigValue.of(namesAndValues[i + 1]));
        }
        return values;
    }

    TaskView put(String type, String... namesAndValues) {
        return engine.tasks().put(TASK, type, values(namesAndValues));
    }

    TaskView view() {
        return engine.tasks().find(TASK).orElseThrow();
    }

    /** Sends a request to a task's endpoint. */
    HttpReply send(TaskId task, String body) {
        try {
            return engine.endpoints().find(task).orElseThrow().receive(call(body, Map.of()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    HttpReply send(String body) {
        return send(TASK, body);
    }

    static HttpCall call(String body, Map<String, List<String>> headers) {
        return new HttpCall() {
            @Override
            public String method() {
                return "POST";
            }

            @Override
            public String path() {
                return "";
            }

            @Override
            public String query() {
                return "";
            }

            @Override
            public Map<String, List<String>> headers() {
                return headers;
            }

            @Override
            public byte[] body() {
                return body.getBytes(StandardCharsets.UTF_8);
            }
        };
    }

    /** Stores an execution past all triggers. */
    Execution accept(String type, String body) {
        ExecutionKey key =
                new ExecutionKey(type, TASK, Nanos.of(clock.instant()).orElseThrow());
        AcceptResult result = store.accept(
                Execution.of(
                        key,
                        "api",
                        Map.of(),
                        org.cdshooks.api.Payload.of("text/plain", body.getBytes(StandardCharsets.UTF_8))),
                AcceptTerms.ANY);
        return ((AcceptResult.Stored) result).execution();
    }

    /** Does all there is to do now, without turning the clock. */
    void run() {
        for (int i = 0; i < 50; i++) {
            engine.tick();
            try {
                assertThat(engine.awaitIdle(Duration.ofSeconds(10))).as("idle").isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            Instant now = clock.instant();
            if (store.counts().queued() == 0
                    && store.nextDue().filter(due -> !due.isAfter(now)).isEmpty()) {
                break;
            }
        }
        engine.tick(); // for the cleaner
    }

    void advance(Duration time) {
        clock.advance(time);
        run();
    }

    /** Returns the executions of the task that a timer does not wait for, newest first. */
    List<Execution> executions() {
        return store.executions(TASK, Long.MAX_VALUE, 1000).stream()
                .filter(execution ->
                        execution.processedAt() > 0 || execution.status().isFinished())
                .toList();
    }

    Execution only() {
        List<Execution> all = executions();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    /** Waits for what other threads do. */
    static void until(BooleanSupplier condition) {
        until("condition", condition);
    }

    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + ": not within 10 s");
            }
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        engine.stop(Duration.ofMillis(500));
        store.close();
    }
}
