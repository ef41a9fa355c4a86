package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.redis.RedisFixtures.tryToAccept;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Redis is away, hangs or refuses. */
class RedisAwayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2).plusMillis(500);
    private static final Duration BACK = Duration.ofSeconds(5);

    private final RedisServer redis = RedisServer.start(RedisServer.Options::durable);

    @AfterEach
    void stop() {
        redis.close();
    }

    private TaskStore open() {
        return RedisStores.open(RedisOptions.of(redis.uri()));
    }

    private static AcceptResult accept(TaskStore store) {
        return store.accept(execution("a", 1, "x"), AcceptTerms.ANY);
    }

    private static void expectRefusal(TaskStore store) {
        long began = System.nanoTime();
        assertThatThrownBy(() -> accept(store)).isInstanceOf(StoreUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
    }

    private static <T> T soon(Callable<Optional<T>> look) throws Exception {
        return RedisFixtures.soon(BACK, look);
    }

    @Test
    void awayAtTheStartTheStoreIsThereAndSaysWhy() throws Exception {
        redis.kill();
        try (TaskStore store = open()) {
            assertThat(store.problem().orElseThrow()).contains("127.0.0.1:" + redis.port(), "can't be reached");
            expectRefusal(store);

            redis.restart();

            soon(() -> store.problem().isEmpty() ? Optional.of(true) : Optional.empty());
            store.putTask(task("a"), Optional.empty());
            assertThat(accept(store)).isInstanceOf(AcceptResult.Stored.class);
        }
    }

    @Test
    void killedAndStartedAgainItWorksByItselfAndHasWhatWasAcknowledged() throws Exception {
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            accept(store);

            redis.kill();
            expectRefusal(store);
            soon(() -> store.problem());
            redis.restart();

            assertThat(soon(() -> tryToAccept(store))).isInstanceOf(AcceptResult.Stored.class);
            assertThat(store.counts(new TaskId("a")).queued()).isGreaterThanOrEqualTo(2);
            soon(() -> store.problem().isEmpty() ? Optional.of(true) : Optional.empty());
        }
    }

    /** Defect A4 of CDS. */
    @Test
    void hungItIsRefusedInTimeAndThenAtOnce() throws Exception {
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            redis.pause();
            try {
                expectRefusal(store);
                assertThat(store.problem().orElseThrow()).contains("did not answer within 2 s");
                long began = System.nanoTime();
                for (int i = 0; i < 1000; i++) { // nothing piles up
                    expectRefusal(store);
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
            } finally {
                redis.resume();
            }
            assertThat(soon(() -> tryToAccept(store))).isInstanceOf(AcceptResult.Stored.class);
        }
    }

    @Test
    void manyAtOnceAreAllRefusedInTimeWhileItHangs() throws Exception {
        try (TaskStore store = open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            store.putTask(task("a"), Optional.empty());
            redis.pause();
            try {
                List<Future<?>> all = IntStream.range(0, 200)
                        .<Future<?>>mapToObj(i -> threads.submit(() -> expectRefusal(store)))
                        .toList();
                for (Future<?> each : all) {
                    each.get();
                }
            } finally {
                redis.resume();
            }
        }
    }

    @Test
    void scriptsThatRedisHasForgottenAreSentAgain() {
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            redis.command("SCRIPT", "FLUSH");

            assertThat(accept(store)).isInstanceOf(AcceptResult.Stored.class);
        }
    }

    /** Defect A3 of CDS. */
    @Test
    void aFullRedisRefusesInWordsAndTakesNewWorkWhenThereIsRoom() throws Exception {
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            redis.command("CONFIG", "SET", "maxmemory", "1");

            assertThatThrownBy(() -> accept(store))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("OOM");

            redis.command("CONFIG", "SET", "maxmemory", "0");
            assertThat(soon(() -> tryToAccept(store))).isInstanceOf(AcceptResult.Stored.class);
        }
    }

    @Test
    void aMasterThatBecameAReplicaIsLetGo() throws Exception {
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            redis.command("REPLICAOF", "127.0.0.1", "1"); // of a master that nobody finds

            assertThatThrownBy(() -> accept(store)).isInstanceOf(StoreUnavailableException.class);

            soon(store::problem);
            redis.command("REPLICAOF", "NO", "ONE");
            soon(() -> {
                try {
                    return Optional.of(store.putTask(task("a"), Optional.empty()));
                } catch (StoreUnavailableException e) {
                    return Optional.empty();
                }
            });
        }
    }

    @Test
    void aWrongPasswordIsSaidWithoutThePassword() {
        try (RedisServer secured = RedisServer.start(options -> options.password("right"));
                TaskStore store =
                        RedisStores.open(RedisOptions.of("redis://:wrongsecret@127.0.0.1:" + secured.port()))) {
            assertThat(store.problem().orElseThrow()).contains("WRONGPASS").doesNotContain("wrongsecret");
        }
    }

    @Test
    void replicasAreWaitedForAndMissedInWords() {
        RedisOptions options = RedisOptions.of(redis.uri()).waitFor(1, Duration.ofSeconds(1));
        try (TaskStore store = RedisStores.open(options)) {
            assertThatThrownBy(() -> store.putTask(task("a"), Optional.empty()))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("only 0 replicas of the 1");

            try (RedisServer replica = RedisServer.start(each -> each.replicaOf(redis))) {
                replica.awaitInfo("master_link_status", "up", Duration.ofSeconds(20));
                store.putTask(task("a"), Optional.empty());
                for (int i = 0; i < 20; i++) {
                    assertThat(store.accept(execution("a", i, "x"), AcceptTerms.ANY))
                            .isInstanceOf(AcceptResult.Stored.class);
                }
                assertThat(replica.command("ZCARD", "hooks:tasks:executions:Sample:a")
                                .toString())
                        .contains("20");

                replica.pause();
                try {
                    assertThatThrownBy(() -> accept(store)).isInstanceOf(StoreUnavailableException.class);
                } finally {
                    replica.resume();
                }
            }
        }
    }

    @Test
    void tlsTrustsWhatItIsToldToAndChecksTheHost() {
        try (RedisServer tls = RedisServer.start(RedisServer.Options::tls)) {
            String url = tls.tlsUri();
            RedisOptions untrusted = RedisOptions.of(url);
            try (TaskStore store = RedisStores.open(untrusted)) {
                assertThat(store.problem().orElseThrow()).contains("can't be reached");
            }
            try (TaskStore store = RedisStores.open(new RedisOptions(
                    url,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(tls.certificates().authority()),
                    "hooks",
                    0,
                    Duration.ofMillis(100)))) {
                assertThat(store.problem()).isEmpty();
                assertThat(store.counts().tasks()).isZero();
            }
        }
    }
}
