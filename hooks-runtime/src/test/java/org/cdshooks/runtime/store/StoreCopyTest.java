package org.cdshooks.runtime.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreContents.DeliveryContents;
import org.cdshooks.runtime.store.StoreContents.ExecutionContents;
import org.cdshooks.runtime.store.StoreContents.Page;
import org.cdshooks.runtime.store.StoreContents.TaskContents;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store holds, moved to another kind of store and back. */
class StoreCopyTest {
    private static final LocalOptions OPTIONS = LocalOptions.DEFAULT.minFreeBytes(0);
    private static final Duration LEASE = Duration.ofMinutes(1);

    private static RedisServer redis;

    @TempDir
    Path dir;

    private final TurnedClock clock = new TurnedClock();

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void emptyRedis() {
        redis.command("FLUSHALL");
    }

    private RedisOptions options() {
        return RedisOptions.of(redis.uri());
    }

    private TaskStore openLocal(String name) {
        return LocalStores.open(dir.resolve(name), clock, OPTIONS);
    }

    private TaskStore openRedis() {
        return RedisStores.open(options(), clock);
    }

    private StoreContents local(String name) {
        return LocalStores.contents(dir.resolve(name), clock, OPTIONS);
    }

    private StoreContents redis() {
        return RedisStores.contents(options(), clock);
    }

    private static StoreCopy.Report copy(StoreContents from, StoreContents to) {
        return StoreCopy.run(from, to, false, copied -> {});
    }

    // ------------------------------------------------------------------------------------------------ there and back

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatAStoreHoldsIsTheSameInRedisAndInTheNextStore(long seed) {
        try (TaskStore store = openLocal("first")) {
            fill(store, new Random(seed), 40, 400);
        }
        Map<String, Object> first;
        try (StoreContents from = local("first");
                StoreContents to = redis()) {
            first = everything(from);
            StoreCopy.Report report = copy(from, to);
            assertThat(report.target())
                    .usingRecursiveComparison()
                    .ignoringFields("deliveries")
                    .isEqualTo(report.source());
            assertThat(report.source().tasks()).isPositive();
            assertThat(everything(from)).as("the source stays").isEqualTo(first);
            assertThat(everything(to)).isEqualTo(first);
        }
        try (StoreContents from = redis();
                StoreContents to = local("second")) {
            copy(from, to);
            assertThat(everything(to)).isEqualTo(first);
        }
        try (StoreContents again = local("second")) {
            assertThat(everything(again)).as("it was durable").isEqualTo(first);
        }
        assertServedAlike(seed);
    }

    /** What is done with the three stores next has the same results. */
    private void assertServedAlike(long seed) {
        Instant then = clock.instant();
        List<Map<String, Object>> results = new ArrayList<>();
        for (String name : List.of("first", "second", "redis")) {
            clock.turn(Duration.between(clock.instant(), then));
            try (TaskStore store = name.equals("redis") ? openRedis() : openLocal(name)) {
                assertThat(store.problem()).isEmpty();
                results.add(serve(store, seed));
            }
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
    }

    private Map<String, Object> serve(TaskStore store, long seed) {
        Map<String, Object> seen = new TreeMap<>();
        seen.put("maintenance", store.isMaintenance());
        store.setMaintenance(false);
        List<TaskRecord> tasks = store.tasks(Optional.empty(), 1000);
        seen.put("tasks", tasks);
        for (TaskRecord task : tasks) {
            String id = task.id().value();
            seen.put(id + " cursor", store.cursor(task.id()));
            seen.put(id + " counts", store.counts(task.id()));
            for (int i = 0; i < 20; i++) {
                AcceptResult again = store.accept(
                        Samples.execution(id, 99_000_000 + i, "again"),
                        AcceptTerms.ANY.dedup("d" + i, Duration.ofHours(1)));
                seen.put(
                        id + " delivery " + i,
                        again instanceof AcceptResult.Duplicate(ExecutionKey first) ? first : "new");
            }
        }
        seen.put("due", store.nextDue());
        clock.turn(Duration.ofDays(2));
        seen.put("retries", store.promoteRetries(10_000));
        seen.put(
                "timers",
                store.dueTimers(10_000).stream()
                        .map(due -> due.execution().key() + " " + due.due())
                        .sorted()
                        .toList());
        Map<String, List<String>> lines = new TreeMap<>();
        List<Claim> claims = store.claim(10_000, 10_000, LEASE);
        while (!claims.isEmpty()) { // a store may give fewer than it could
            for (Claim claim : claims) {
                lines.computeIfAbsent(claim.key().task().value(), task -> new ArrayList<>())
                        .add(claim.key().timestamp() + " crashes " + claim.crashes() + " " + text(claim.execution()));
            }
            claims = store.claim(10_000, 10_000, LEASE);
        }
        seen.put("lines", lines);
        TaskRecord removed = tasks.get((int) (seed % tasks.size()));
        store.removeTask(removed.id());
        long revision = store.putTask(Samples.task(removed.id().value()), Optional.empty())
                .revision();
        assertThat(revision).isGreaterThan(removed.revision());
        assertThat(store.tasks(Optional.empty(), 1000).getLast().id()).isEqualTo(removed.id());
        return seen;
    }

    /** All that comes out of a store, in a form that is the same for all kinds. */
    private static Map<String, Object> everything(StoreContents contents) {
        Map<String, Object> all = new TreeMap<>();
        List<String> order = new ArrayList<>();
        String next = StoreContents.FIRST;
        do {
            Page<TaskContents> page = contents.tasks(next);
            for (TaskContents task : page.items()) {
                TaskId id = task.record().id();
                order.add(id.value());
                all.put(id.value(), List.of(task.record(), task.revisions(), task.cursor(), task.pausedUntil()));
                all.put(id + " executions", executions(contents, id));
            }
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
        all.put("order", order);
        Map<String, String> deliveries = new TreeMap<>();
        do {
            Page<DeliveryContents> page = contents.deliveries(next);
            page.items()
                    .forEach(each -> deliveries.put(
                            each.execution().task() + " " + each.hash().hex(),
                            each.execution() + " " + each.expires()));
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
        all.put("deliveries", deliveries);
        all.put("maintenance", contents.isMaintenance());
        return all;
    }

    private static List<String> executions(StoreContents contents, TaskId id) {
        List<ExecutionContents> found = new ArrayList<>();
        String next = StoreContents.FIRST;
        do {
            Page<ExecutionContents> page = contents.executions(id, next);
            found.addAll(page.items());
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
        List<Long> line = found.stream()
                .filter(each -> each.place() == StoreContents.Place.QUEUE)
                .map(ExecutionContents::order)
                .sorted()
                .toList();
        return found.stream()
                .map(each -> String.join(
                        " ",
                        each.key().toString(),
                        each.place().toString(),
                        "at " + (each.place() == StoreContents.Place.QUEUE ? line.indexOf(each.order()) : each.due()),
                        "crashes " + each.crashes(),
                        text(ExecutionJson.decode(each.json()).at(each.key().timestamp()))))
                .sorted()
                .toList();
    }

    private static String text(Execution execution) {
        return new String(ExecutionJson.encode(execution.status(ExecutionStatus.DONE)), UTF_8);
    }

    // ------------------------------------------------------------------------------------------------ filling

    /** Does what nodes do, at random. */
    private void fill(TaskStore store, Random random, int tasks, int steps) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            ids.add("task-" + random.nextInt(1000) + "+/=" + i);
            put(store, random, ids.getLast());
            clock.turn(Duration.ofMillis(random.nextInt(3)));
        }
        for (int i = 0; i < steps; i++) {
            String id = ids.get(random.nextInt(random.nextBoolean() ? 3 : ids.size()));
            step(store, random, id, i);
            clock.turn(Duration.ofMillis(random.nextInt(200)));
        }
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        ids.stream().limit(random.nextInt(5)).forEach(id -> store.pause(new TaskId(id), later));
        store.setMaintenance(random.nextBoolean());
    }

    private void put(TaskStore store, Random random, String id) {
        Optional<Due> timer = random.nextInt(3) == 0
                ? Optional.of(Samples.timer(id, clock.instant().plus(Duration.ofMinutes(random.nextInt(3000)))))
                : Optional.empty();
        TaskRecord task = Samples.task(id).with("n", ConfigValue.of("" + random.nextInt(3)));
        store.putTask(random.nextInt(5) == 0 ? task.stopped("tired") : task, timer);
    }

    private void step(TaskStore store, Random random, String id, int i) {
        switch (random.nextInt(14)) {
            case 0 -> put(store, random, id);
            case 1 -> store.claim(3, 5, LEASE).forEach(claim -> settle(store, random, claim));
            case 2 -> {
                store.claim(2, 5, Duration.ofMillis(10));
                clock.turn(Duration.ofMillis(20));
                store.recover(100);
            }
            case 3 -> store.promoteRetries(2);
            case 4 -> store.clean(new TaskId(id), 3, 3);
            case 5 ->
                store.executions(new TaskId(id), Long.MAX_VALUE, 3).forEach(each -> {
                    if (random.nextBoolean()) {
                        store.replay(each.key());
                    } else {
                        store.abort(each.key(), "enough");
                    }
                });
            case 6 -> store.release(store.claim(2, 5, LEASE));
            case 7 -> {
                if (random.nextInt(4) == 0) {
                    store.removeTask(new TaskId(id));
                    put(store, random, id);
                }
            }
            default -> {
                AcceptTerms terms = random.nextBoolean()
                        ? new AcceptTerms(Optional.empty(), Duration.ZERO, 100, Optional.of("cursor-é-" + i))
                        : AcceptTerms.ANY;
                store.accept(
                        Samples.execution(
                                id, 1000 + random.nextInt(100_000), "body ü " + "x".repeat(random.nextInt(300))),
                        random.nextBoolean() ? terms.dedup("d" + random.nextInt(20), Duration.ofHours(1)) : terms);
            }
        }
    }

    private void settle(TaskStore store, Random random, Claim claim) {
        Execution begun = claim.execution().begun(clock.nanos());
        store.settle(
                claim,
                switch (random.nextInt(4)) {
                    case 0 -> Settlement.done(begun.delivered("{\"ok\":1}", 7));
                    case 1 -> new Settlement.Failed(begun.failed("refused"));
                    case 2 ->
                        new Settlement.Retry(
                                begun.deferred("rest"), clock.instant().plus(Duration.ofHours(1)));
                    default ->
                        new Settlement.Retry(
                                begun.failed("no").events(List.of(Samples.event("v"))),
                                clock.instant().plus(Duration.ofSeconds(random.nextInt(1000))));
                });
    }

    // ------------------------------------------------------------------------------------------------ killed

    /** Contents that break at a call: before it was made, or after. */
    private static StoreContents breaking(StoreContents contents, int calls, boolean isDone) {
        AtomicInteger left = new AtomicInteger(calls);
        return (StoreContents) Proxy.newProxyInstance(
                StoreCopyTest.class.getClassLoader(),
                new Class<?>[] {StoreContents.class},
                (proxy, method, arguments) -> {
                    boolean breaks = left.getAndDecrement() <= 0;
                    if (breaks && !isDone) {
                        throw new StoreUnavailableException("broken here", false);
                    }
                    Object result;
                    try {
                        result = method.invoke(contents, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (breaks) {
                        throw new StoreUnavailableException("broken here", false);
                    }
                    return result;
                });
    }

    @Test
    void whoeverWasKilledBeginsAnewAndNothingIsTwice() {
        try (TaskStore store = openLocal("first")) {
            fill(store, new Random(9), 6, 60);
        }
        int kills = 0;
        for (String kind : List.of("redis", "local")) {
            boolean isBroken = true;
            for (int calls = 0; isBroken; calls++) {
                assertThat(calls).as("calls are bounded").isLessThan(500);
                String name = "target-" + calls;
                isBroken = killed(kind, name, calls, false);
                isBroken &= killed(kind, name, calls, true);
                kills += isBroken ? 2 : 0;
                try (StoreContents from = local("first");
                        StoreContents to = kind.equals("redis") ? redis() : local(name)) {
                    // If only the answer to the very last step was lost, it is there already.
                    Throwable again = catchThrowable(() -> copy(from, to));
                    if (again != null) {
                        assertThat(again)
                                .isInstanceOf(StoreCopy.RefusedException.class)
                                .hasMessageContaining("already");
                    }
                    assertThat(everything(to))
                            .as("%s, broken at %d", kind, calls)
                            .isEqualTo(everything(from));
                }
                emptyRedis();
            }
        }
        assertThat(kills).isGreaterThan(60);
    }

    private boolean killed(String kind, String name, int calls, boolean isDone) {
        try (StoreContents from = local("first");
                StoreContents to = kind.equals("redis") ? redis() : local(name)) {
            return catchThrowable(() -> copy(from, breaking(to, calls, isDone))) instanceof StoreUnavailableException;
        }
    }

    @Test
    void aStoreThatWasNotFilledToTheEndIsNotServed() {
        try (TaskStore store = openLocal("first")) {
            fill(store, new Random(10), 3, 20);
        }
        try (StoreContents from = local("first");
                StoreContents to = redis();
                StoreContents other = local("second")) {
            assertThatThrownBy(() -> copy(from, breaking(to, 8, true))).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> copy(from, breaking(other, 8, true)))
                    .isInstanceOf(StoreUnavailableException.class);
        }

        try (TaskStore store = openRedis()) {
            assertThat(store.problem()).isPresent().get().asString().contains("is not whole", "migration");
        }
        assertThatThrownBy(() -> openLocal("second"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("is not whole")
                .hasMessageContaining("migration");
        try (StoreContents from = local("first");
                StoreContents to = redis();
                StoreContents other = local("second")) {
            copy(from, to);
            copy(from, other);
        }
        try (TaskStore store = openRedis();
                TaskStore other = openLocal("second")) {
            assertThat(store.problem()).isEmpty();
            assertThat(other.counts().tasks()).isEqualTo(store.counts().tasks());
        }
    }

    // ------------------------------------------------------------------------------------------------ refused

    @Test
    void aTargetWithOtherTasksIsRefusedUnlessTheyAreToBeMerged() {
        try (TaskStore store = openLocal("first")) {
            store.putTask(Samples.task("mine"), Optional.empty());
            store.accept(Samples.execution("mine", 1, "a"), AcceptTerms.ANY);
        }
        for (String kind : List.of("redis", "local")) {
            try (TaskStore store = kind.equals("redis") ? openRedis() : openLocal("second")) {
                store.putTask(Samples.task("yours"), Optional.empty());
                store.accept(Samples.execution("yours", 1, "b"), AcceptTerms.ANY);
            }
            try (StoreContents from = local("first");
                    StoreContents to = kind.equals("redis") ? redis() : local("second")) {
                assertThatThrownBy(() -> copy(from, to))
                        .isInstanceOf(StoreCopy.RefusedException.class)
                        .hasMessageContaining("1 task already")
                        .hasMessageContaining("--merge");
                assertThat(to.taskCount()).isEqualTo(1);
            }
            try (TaskStore store = kind.equals("redis") ? openRedis() : openLocal("second")) {
                assertThat(store.problem()).as("it is as it was").isEmpty();
            }

            // Killed in the middle, and again.
            try (StoreContents from = local("first");
                    StoreContents to = kind.equals("redis") ? redis() : local("second")) {
                assertThatThrownBy(() -> StoreCopy.run(from, breaking(to, 6, true), true, copied -> {}))
                        .isInstanceOf(StoreUnavailableException.class);
                StoreCopy.run(from, to, true, copied -> {});
                assertThat(everything(to)).containsEntry("order", List.of("yours", "mine"));
            }
            try (TaskStore store = kind.equals("redis") ? openRedis() : openLocal("second")) {
                assertThat(store.claim(10, 10, LEASE))
                        .extracting(claim -> claim.key().task().value())
                        .containsExactly("yours", "mine");
                clock.turn(LEASE.multipliedBy(2));
            }

            try (StoreContents from = local("first");
                    StoreContents to = kind.equals("redis") ? redis() : local("second")) {
                assertThatThrownBy(() -> StoreCopy.run(from, to, true, copied -> {}))
                        .isInstanceOf(StoreCopy.RefusedException.class)
                        .hasMessageContaining("the same ids, such as mine");
            }
        }
    }

    @Test
    void aRedisThatNodesUseIsRefused() {
        try (TaskStore node = openRedis()) {
            node.nodes("alpha", Duration.ofSeconds(30));

            assertThatThrownBy(this::redis)
                    .isInstanceOf(StoreInUseException.class)
                    .hasMessageContaining("is used by 1 node (one is alpha)")
                    .hasMessageContaining("stop them first");

            node.nodes("alpha", Duration.ZERO);
            node.putTask(Samples.task("one"), Optional.empty());
            node.accept(Samples.execution("one", 1, "a"), AcceptTerms.ANY);
            node.claim(1, 1, LEASE);

            assertThatThrownBy(this::redis)
                    .isInstanceOf(StoreInUseException.class)
                    .hasMessageContaining("1 execution that a node works on");
        }
    }

    @Test
    void aNodeThatStartsWhileItsRedisIsMovedWaits() {
        try (StoreContents contents = redis()) {
            assertThat(contents.taskCount()).isZero();
            try (TaskStore node = openRedis()) {
                assertThat(node.problem()).isPresent().get().asString().contains("being moved by a migration");
            }
        }
        try (TaskStore node = openRedis()) {
            assertThat(node.problem()).isEmpty();
        }
    }

    @Test
    void whatADeadNodeHadUnderLeaseIsInTheQueueWithOneCrashMore() {
        try (TaskStore store = openRedis()) {
            store.putTask(Samples.task("one"), Optional.empty());
            for (int i = 1; i <= 3; i++) {
                store.accept(Samples.execution("one", i, "a"), AcceptTerms.ANY);
            }
            store.claim(2, 5, LEASE);
        }
        clock.turn(LEASE.multipliedBy(2));

        try (StoreContents from = redis();
                StoreContents to = local("target")) {
            copy(from, to);
        }

        try (TaskStore store = openLocal("target")) {
            assertThat(store.claim(10, 10, LEASE))
                    .extracting(claim -> claim.key().timestamp() + " " + claim.crashes())
                    .containsExactly("1 1", "2 1", "3 0");
        }
    }

    @Test
    void manyAndLargeExecutionsGoPageByPage() {
        Map<String, Integer> largest = new HashMap<>();
        try (TaskStore store = openLocal("first")) {
            store.putTask(Samples.task("many"), Optional.empty());
            store.putTask(Samples.task("large"), Optional.empty());
            for (int i = 1; i <= 1500; i++) {
                store.accept(Samples.execution("many", i, "x"), AcceptTerms.ANY);
            }
            for (int i = 1; i <= 10; i++) {
                store.accept(Samples.execution("large", i, "x".repeat(1_000_000)), AcceptTerms.ANY);
            }
        }
        try (StoreContents from = local("first");
                StoreContents to = redis();
                StoreContents back = local("second")) {
            AtomicInteger heard = new AtomicInteger();
            StoreCopy.run(from, to, false, copied -> heard.incrementAndGet());
            copy(to, back);
            for (StoreContents each : List.of(from, to)) {
                Page<ExecutionContents> first = each.executions(new TaskId("many"), StoreContents.FIRST);
                assertThat(first.items()).hasSizeBetween(100, 1000);
                String next = StoreContents.FIRST;
                do {
                    Page<ExecutionContents> page = each.executions(new TaskId("large"), next);
                    largest.merge(each.words(), page.items().size(), Math::max);
                    next = page.next();
                } while (!next.equals(StoreContents.LAST));
            }
            assertThat(heard.get()).isGreaterThan(5);
            assertThat(everything(back)).isEqualTo(everything(from));
        }
        assertThat(largest.values()).hasSize(2).allMatch(size -> size <= 4);
    }
}
