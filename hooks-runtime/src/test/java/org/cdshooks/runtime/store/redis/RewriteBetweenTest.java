package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people ask of an execution is a read and a step; here another node comes in between. */
class RewriteBetweenTest {
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final TaskId A = new TaskId("a");
    private static final RedisKeys KEYS = new RedisKeys("hooks");
    private static RedisServer redis;

    private final TurnedClock clock = new TurnedClock();
    private final AtomicReference<Runnable> between = new AtomicReference<>(() -> {});
    private RespClient client;
    private RedisTaskStore store;
    private RedisTaskStore other;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void openStores() {
        client = redis.connect();
        client.command("FLUSHALL");
        // once, so that the second reading finds what the other has done
        store = open(() -> between.getAndSet(() -> {}).run());
        other = open(() -> {});
        store.putTask(task("a"), Optional.empty());
    }

    private RedisTaskStore open(Runnable others) {
        return new RedisTaskStore(
                KEYS, clock, new SimulatedLink(client, KEYS, TestScripts.load(KEYS), new Faults(), others));
    }

    @AfterEach
    void closeStores() {
        store.close();
        other.close();
        client.close();
    }

    private ExecutionKey accepted() {
        store.accept(execution("a", 1, "x"), AcceptTerms.ANY);
        return execution("a", 1, "x").key();
    }

    @Test
    void whatIsTakenMeanwhileIsGivenUpUnderItsLease() {
        ExecutionKey key = accepted();
        between.set(() -> assertThat(other.claim(1, 10, LEASE)).hasSize(1));

        assertThat(store.abort(key, "enough")).isPresent();

        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 0, 0, 1));
    }

    @Test
    void ofTwoWhoReplayOneDoes() {
        ExecutionKey key = accepted();
        store.abort(key, "enough");
        between.set(() -> assertThat(other.replay(key)).isPresent());

        assertThat(store.replay(key)).isEmpty();

        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 1, 0, 0));
        assertThat(store.claim(10, 10, LEASE)).hasSize(1);
    }

    /** The place is the same, and what stands there is not. */
    @Test
    void whatFailedOnceMoreMeanwhileIsReplayedAsItIsNow() {
        ExecutionKey key = accepted();
        store.abort(key, "enough");
        between.set(() -> {
            assertThat(other.replay(key)).isPresent();
            Claim claim = other.claim(1, 10, LEASE).getFirst();
            assertThat(other.settle(
                            claim, new Settlement.Failed(claim.execution().failed("again"))))
                    .isTrue();
        });

        assertThat(store.replay(key))
                .hasValueSatisfying(
                        replayed -> assertThat(replayed.marks().replays()).isEqualTo(2));
    }
}
