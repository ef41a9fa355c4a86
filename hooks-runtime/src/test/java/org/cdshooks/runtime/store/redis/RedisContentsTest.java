package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreContents.DeliveryContents;
import org.cdshooks.runtime.store.StoreContents.ExecutionContents;
import org.cdshooks.runtime.store.StoreContents.TaskContents;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the single steps of a migration from or to Redis do with what stands in odd places. */
class RedisContentsTest {
    private static final String REMEMBERED = "hooks:tasks:dedupe:one:";

    private static RedisServer redis;

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

    private StoreContents contents() {
        return RedisStores.contents(RedisOptions.of(redis.uri()), clock);
    }

    private DeliveryContents delivery(String task, String name, Duration left) {
        return new DeliveryContents(
                new ExecutionKey("Sample", new TaskId(task), 1),
                DeliveryHash.of(name),
                Samples.nanos(clock.instant().plus(left)));
    }

    @Test
    void whoHasLostItsTurnMovesNothing() {
        try (StoreContents contents = contents()) {
            contents.begin();
            contents.addTask(
                    new TaskContents(Samples.task("one").stored(1, 1), List.of(), Optional.empty(), Optional.empty()));
        }
        redis.command("SET", "hooks:adopting:lock", "another");
        Map<String, Object> before = new CdsRedis(redis).everything();
        try (Link link = RedisFixtures.link(redis)) {
            for (Script script : Script.values()) {
                boolean isTurnTaking = script == Script.MOVE_LOCK || script == Script.MOVE_UNLOCK;
                if (script.name().startsWith("MOVE_") && !isTurnTaking) {
                    assertThat(link.run(
                                            Link.Use.WORK,
                                            script,
                                            "",
                                            "late",
                                            "one",
                                            "0",
                                            "1",
                                            "2",
                                            "3",
                                            "4",
                                            "5",
                                            "6",
                                            "0")
                                    .text())
                            .as("%s", script)
                            .isEqualTo("lost");
                }
            }
            link.run(Link.Use.WORK, Script.MOVE_UNLOCK, "", "late");
        }
        assertThat(new CdsRedis(redis).everything()).isEqualTo(before);
    }

    @Test
    void aTaskThatIsThereStaysAsItIs() {
        try (StoreContents contents = contents()) {
            contents.begin();
            contents.addTask(new TaskContents(
                    Samples.task("one").stored(1, 1), List.of(), Optional.of("here"), Optional.empty()));
            Map<String, Object> before = new CdsRedis(redis).everything();

            contents.addTask(new TaskContents(
                    Samples.task("one").stopped("other").stored(7, 7),
                    List.of(),
                    Optional.of("there"),
                    Optional.empty()));

            assertThat(new CdsRedis(redis).everything()).isEqualTo(before);
        }
    }

    @Test
    void anExecutionThatIsThereStaysWhereItIs() {
        try (StoreContents contents = contents()) {
            contents.begin();
            contents.addTask(
                    new TaskContents(Samples.task("one").stored(1, 1), List.of(), Optional.empty(), Optional.empty()));
            contents.addExecutions(new TaskId("one"), List.of(execution(StoreContents.Place.QUEUE)));
            Map<String, Object> before = new CdsRedis(redis).everything();

            contents.addExecutions(new TaskId("one"), List.of(execution(StoreContents.Place.FAILED)));

            assertThat(new CdsRedis(redis).everything()).isEqualTo(before);
        }
    }

    private static ExecutionContents execution(StoreContents.Place place) {
        Execution execution = Samples.execution("one", 7, "x");
        return new ExecutionContents(execution.key(), place, 0, 1, 0, ExecutionJson.encode(execution));
    }

    @Test
    void oneMovesAtATime() {
        try (Link link = RedisFixtures.link(redis)) {
            for (String who : List.of("first", "first", "second")) {
                assertThat(link.run(Link.Use.WORK, Script.MOVE_LOCK, "", who)
                                .get(0)
                                .text())
                        .isEqualTo(who.equals("first") ? "taken" : "busy");
            }
        }
        assertThat(redis.command("GET", "hooks:adopting:lock").text()).isEqualTo("first");
    }

    @Test
    void whatComesInStandsBehindWhatIsThere() {
        try (StoreContents contents = contents()) {
            contents.begin();
            for (String each : List.of("third", "second", "first")) {
                long created = each.equals("third") ? 1_795_489_138_500_000_000L : 1_600_000_000_000_000_000L;
                contents.addTask(new TaskContents(
                        Samples.task(each).stored(50, created), List.of(), Optional.empty(), Optional.empty()));
            }
            contents.end(false);
        }
        assertThat(redis.command("ZRANGE", "hooks:tasks", "0", "-1").texts())
                .containsExactly("third", "second", "first");
        assertThat(redis.command("EXISTS", "hooks:scheduler:paused").number()).isZero();
        assertThat(redis.command("ZSCORE", "hooks:tasks", "third").text()).isEqualTo("1.7954891385e+18");
        try (TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()), clock)) {
            assertThat(store.putTask(Samples.task("new"), Optional.empty()).revision())
                    .as("more than any that came in")
                    .isGreaterThan(50);
        }
        assertThat(redis.command("ZRANGE", "hooks:tasks", "-1", "-1").texts()).containsExactly("new");
    }

    @Test
    void aDeliveryIsRememberedOfATaskThatIsThereAndAsLongAsItWas() {
        try (StoreContents contents = contents()) {
            contents.begin();
            contents.addTask(
                    new TaskContents(Samples.task("one").stored(1, 1), List.of(), Optional.empty(), Optional.empty()));
            contents.addDeliveries(List.of(
                    delivery("one", "a", Duration.ofMinutes(1)),
                    delivery("one", "over", Duration.ZERO),
                    delivery("nobody", "b", Duration.ofMinutes(1))));
        }

        assertThat(redis.command("KEYS", "hooks:tasks:dedupe:*").texts())
                .containsExactly(REMEMBERED + DeliveryHash.of("a").hex());
        assertThat(redis.command("PTTL", REMEMBERED + DeliveryHash.of("a").hex())
                        .number())
                .isBetween(30_000L, 60_000L);
    }

    @Test
    void whatIsNoMemoryOfADeliveryIsLeftBehind() {
        TaskId one = new TaskId("one");
        try (TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()), clock)) {
            store.putTask(Samples.task("one"), Optional.empty());
            store.accept(Samples.execution("one", 1, "x"), AcceptTerms.ANY.dedup("before", Duration.ofHours(1)));
            store.removeTask(one);
            store.putTask(Samples.task("one"), Optional.empty());
            store.accept(Samples.execution("one", 2, "x"), AcceptTerms.ANY.dedup("over", Duration.ofMinutes(6)));
            store.accept(Samples.execution("one", 3, "x"), AcceptTerms.ANY.dedup("good", Duration.ofHours(1)));
        }
        String good =
                redis.command("GET", REMEMBERED + DeliveryHash.of("good").hex()).text();
        redis.command("SET", REMEMBERED + "0123456789abcdef", good);
        redis.command("SET", REMEMBERED + "word", good);
        redis.command("SET", REMEMBERED + "0123456789abcdef0123456789abcdef", "nothing of ours");
        redis.command("HSET", REMEMBERED + "00000000000000000000000000000000", "no", "text");
        clock.turn(Duration.ofMinutes(10));

        try (StoreContents contents = contents()) {
            assertThat(contents.deliveries(StoreContents.FIRST).items())
                    .extracting(each -> each.hash().hex())
                    .containsExactly(DeliveryHash.of("good").hex());
        }
    }
}
