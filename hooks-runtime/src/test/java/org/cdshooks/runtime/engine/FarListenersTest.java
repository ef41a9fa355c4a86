package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.testbed.FaultProxy;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node with thousands of listeners on a Redis that is far away. */
@Timeout(120)
final class FarListenersTest {
    private static final int LISTENERS = 4_000;
    private static final Pattern CALLS = Pattern.compile("calls=(\\d+),");

    private final RedisServer redis = RedisServer.start();
    private final FaultProxy network = FaultProxy.to(redis.port());
    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = RedisStores.open(RedisOptions.of("redis://127.0.0.1:" + network.port()), clock);
    private final Set<TaskId> listens = ConcurrentHashMap.newKeySet();
    private final Engine engine = new Engine(
            new Node(
                    "me",
                    store,
                    World.configWith(Map.of("sink", "fake")),
                    World.SHORT,
                    clock,
                    clock::ticks,
                    new Tally()),
            PluginRegistry.of(
                    List.of(new FakeType(
                            "Ear", task -> List.of(Trigger.listener(context -> listen(task.id(), context))))),
                    List.of(new FakeSink("fake"))),
            Map.of(),
            true);

    private void listen(TaskId id, TriggerContext context) throws InterruptedException {
        listens.add(id);
        try {
            new CountDownLatch(1).await();
        } finally {
            listens.remove(id);
        }
    }

    @BeforeEach
    void start() throws Exception {
        // so many at once that a busy machine answers each within the limit of a call
        try (ExecutorService threads = Executors.newFixedThreadPool(32)) {
            List<Future<?>> puts = new ArrayList<>();
            for (int i = 0; i < LISTENERS; i++) {
                TaskRecord task = TaskRecord.of(new TaskId("ear-" + i), "Ear", Map.of());
                puts.add(threads.submit(() -> store.putTask(task, Optional.empty())));
            }
            for (Future<?> put : puts) {
                put.get();
            }
        }
        engine.start();
        World.until("all listen", () -> listens.size() == LISTENERS);
    }

    @AfterEach
    void stop() {
        network.mend();
        engine.stop(Duration.ofSeconds(1));
        store.close();
        network.close();
        redis.close();
    }

    private long scriptsRun() {
        Matcher calls = CALLS.matcher(redis.info("cmdstat_evalsha"));
        assertThat(calls.find()).isTrue();
        return Long.parseLong(calls.group(1));
    }

    private long leasesThatHold() {
        String now = Long.toString(clock.instant().toEpochMilli() * 1000);
        return Long.parseLong(redis.command("ZCOUNT", "hooks:listeners:leases", "(" + now, "+inf")
                .toString()
                .replaceAll("\\D", ""));
    }

    @Test
    void allLeasesOfANodeAreRenewedInAFewCallsAndTheNodeStaysAlive() {
        network.delay(Duration.ofMillis(5));
        for (int second = 0; second < 35; second++) {
            clock.advance(Duration.ofSeconds(1));
            long before = scriptsRun();
            engine.tick();
            assertThat(scriptsRun() - before)
                    .as("scripts run for %s listeners in second %s", LISTENERS, second)
                    .isLessThan(30);
        }

        assertThat(leasesThatHold()).isEqualTo(LISTENERS);
        assertThat(listens).hasSize(LISTENERS);
        assertThat(store.nodes("other", Duration.ZERO)).containsExactly("me");
    }
}
