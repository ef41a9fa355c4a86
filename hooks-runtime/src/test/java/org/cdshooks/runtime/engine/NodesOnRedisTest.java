package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes as they run, with their own threads and a real Redis between them. */
@Timeout(120)
final class NodesOnRedisTest {
    /** Short, so that a death is survived within what a test may take. */
    private static final Limits LIMITS = new Limits(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(6));

    private final List<Member> members = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.start();
    }

    @AfterEach
    void close() {
        members.forEach(Member::stop);
        redis.close();
    }

    private final class Member {
        final Map<TaskId, TriggerContext> listens = new ConcurrentHashMap<>();
        final FakeSink sink = new FakeSink("fake");
        final FakeType ear = new FakeType("Ear", task -> List.of(Trigger.listener(context -> listen(task, context))));
        final FakeType web = FakeType.http("Web");
        final FakeType ticking =
                new FakeType("Ticking", task -> List.of(Trigger.timer(Schedule.every(Duration.ofSeconds(1)))));
        final TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()));
        /** Whether the store can't be reached from here. */
        volatile boolean away;

        final Engine engine;
        private boolean stopped;

        Member(String name) {
            this(name, true);
        }

        Member(String name, boolean hasClock) {
            Node node = new Node(
                    name,
                    unreliable(),
                    World.configWith(Map.of("sink", "fake")),
                    LIMITS,
                    InstantSource.system(),
                    System::nanoTime,
                    new Tally());
            engine = new Engine(
                    node,
                    PluginRegistry.of(hasClock ? List.of(ear, web, ticking) : List.of(ear, web), List.of(sink)),
                    Map.of(),
                    false);
            engine.start();
            members.add(this);
        }

        private TaskStore unreliable() {
            return (TaskStore) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                        if (away) {
                            throw new StoreUnavailableException("the store is away", false);
                        }
                        try {
                            return method.invoke(store, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private void listen(Task task, TriggerContext context) throws Exception {
            listens.put(task.id(), context);
            try {
                new CountDownLatch(1).await();
            } finally {
                listens.remove(task.id(), context);
            }
        }

        void stop() {
            if (!stopped) {
                stopped = true;
                away = false;
                engine.stop(Duration.ofSeconds(1));
                store.close();
            }
        }
    }

    private static void awaitNodes(Member member, String... names) {
        World.until(
                "sees " + List.of(names), () -> member.engine.status().nodes().equals(List.of(names)));
    }

    private static TaskId preferring(String name) {
        Nodes.View both = new Nodes.View(Map.of("one", 0L, "two", 0L));
        for (int i = 0; ; i++) {
            TaskId id = new TaskId("task-" + i);
            if (both.preferred(id).equals(name)) {
                return id;
            }
        }
    }

    @Test
    void aListenerIsWhereItShouldBeHearsOfChangesAndSurvivesItsNode() throws Exception {
        Member one = new Member("one");
        Member two = new Member("two");
        awaitNodes(one, "one", "two");
        awaitNodes(two, "one", "two");
        TaskId ofTwo = preferring("two");

        var _ = one.engine.tasks().put(ofTwo, "Ear", Map.of());
        World.until("two listens", () -> two.listens.containsKey(ofTwo));
        TriggerContext first = two.listens.get(ofTwo);
        var _ = one.engine.tasks().put(ofTwo, "Ear", World.values("colour", "blue"));
        World.until("two listens anew", () -> two.listens.get(ofTwo) != first && two.listens.containsKey(ofTwo));
        TriggerContext late = two.listens.get(ofTwo);
        assertThat(late.emit(Invocation.of(Payload.empty())).duplicate()).isFalse();

        two.away = true;
        World.until("two has stopped", () -> two.listens.isEmpty());
        assertThat(one.listens).isEmpty();
        World.until("one listens", () -> one.listens.containsKey(ofTwo));
        two.away = false;
        assertThatThrownBy(() -> late.emit(Invocation.of(Payload.empty()))).isInstanceOf(OwnershipLostException.class);
        assertThat(one.listens.get(ofTwo).emit(Invocation.of(Payload.empty())).duplicate())
                .isFalse();

        one.stop();
        World.until("two listens", () -> two.listens.containsKey(ofTwo));
        World.until("both are delivered", () -> {
            Set<String> keys = new HashSet<>(one.sink.keys());
            keys.addAll(two.sink.keys()); // what was cut off from the store may have been done twice
            return keys.size() == 2;
        });
    }

    @Test
    void maintenanceIsForAll() throws Exception {
        Member one = new Member("one");
        Member two = new Member("two");
        var _ = one.engine.tasks().put(World.TASK, "Web", Map.of());
        one.engine.maintenance(true);
        World.until("two knows", () -> two.engine.status().maintenance());
        var _ = two.engine.endpoints().find(World.TASK).orElseThrow().receive(World.call("x", Map.of()));
        assertThat(two.engine.status().counts().queued()).isEqualTo(1);

        two.engine.maintenance(false);

        World.until("it is delivered", () -> one.sink.seen.size() + two.sink.seen.size() == 1);
        World.until("one knows", () -> !one.engine.status().maintenance());
    }

    /** The sink is slow, so that executions run for longer than a lease while Redis is full. */
    @Test
    void whatRunsWhileRedisIsFullIsDeliveredOnceAndTheRestWhenThereIsRoom() throws Exception {
        Member one = new Member("one");
        CountDownLatch open = new CountDownLatch(1);
        one.sink.answer = delivery -> {
            open.await();
            return DeliveryResult.delivered("ok");
        };
        var _ = one.engine.tasks().put(World.TASK, "Web", Map.of());
        int running = World.configWith(Map.of()).workersPerTask();
        int all = running + 20;
        for (int i = 0; i < all; i++) {
            var _ = one.engine.endpoints().find(World.TASK).orElseThrow().receive(World.call("x" + i, Map.of()));
        }
        World.until("as many run as may", () -> one.sink.seen.size() == running);

        redis.command("CONFIG", "SET", "maxmemory", "1");
        World.until(
                "the status says so",
                () -> one.engine
                        .status()
                        .storeProblem()
                        .filter(problem -> problem.contains("maxmemory"))
                        .isPresent());
        String leases = "hooks:scheduler:leases";
        String before = redis.command("ZRANGE", leases, "0", "0", "WITHSCORES").toString();
        World.until(
                "leases are renewed",
                () -> !redis.command("ZRANGE", leases, "0", "0", "WITHSCORES")
                        .toString()
                        .equals(before));
        open.countDown();
        World.until("all that ran is settled", () -> one.engine.status().done() == running);
        assertThat(one.engine.status().counts().queued()).isEqualTo(all - running);
        assertThat(one.sink.seen).hasSize(running);

        redis.command("CONFIG", "SET", "maxmemory", "0");
        World.until("all is settled", () -> one.engine.status().done() == all);
        assertThat(one.sink.keys()).hasSize(all).doesNotHaveDuplicates();
        World.until(
                "the status is well", () -> one.engine.status().storeProblem().isEmpty());
    }

    /** A task with more executions than one script may touch; the node that has removed it is gone. */
    @Test
    void whatARemovedTaskHasLeftIsErasedByAnyNode() throws Exception {
        try (TaskStore gone = RedisStores.open(RedisOptions.of(redis.uri()))) {
            gone.putTask(TaskRecord.of(World.TASK, "Web", Map.of()), Optional.empty());
            for (int i = 1; i <= 1100; i++) {
                gone.accept(
                        Execution.of(new ExecutionKey("Web", World.TASK, i), "http", Map.of(), Payload.empty()),
                        AcceptTerms.ANY);
            }
            assertThat(gone.removeTask(World.TASK)).isTrue();
        }
        assertThat(redis.command("KEYS", "hooks:tasks:executions:*").texts()).hasSize(601);

        var _ = new Member("one");

        World.until(
                "all is erased",
                () -> redis.command("KEYS", "hooks:tasks:executions:*").texts().isEmpty());
        World.until(
                "and all that tells of it",
                () -> redis.command("KEYS", "hooks:removed*").texts().isEmpty());
    }

    /** The first node has no plugin for the timer; the second one has. */
    @Test
    void aTimerRingsOnANodeThatHasItsPluginAndWaitsWhileThereIsNone() throws Exception {
        Member first = new Member("first");
        var _ = first.engine.tasks().put(World.TASK, "Ticking", Map.of());
        first.stop();
        Member without = new Member("without", false);
        World.until(
                "the timer is due",
                () -> without.store
                        .nextTimes()
                        .untilDue()
                        .filter(left -> left.isNegative())
                        .isPresent());
        assertThat(without.engine.status().parked()).isEqualTo(1);
        assertThat(without.store.dueTimers(Set.of("Web", "Ear"), 10)).isEmpty();
        assertThat(without.store.counts(World.TASK)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));

        Member with = new Member("with");

        World.until("the timer rings", () -> with.store.counts(World.TASK).total() > 1);
        assertThat(with.engine.status().parked()).isZero();
    }
}
