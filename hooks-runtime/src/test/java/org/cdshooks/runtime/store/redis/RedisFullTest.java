package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.event;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis that has reached its maxmemory: no work begins, and all work that has begun can end. */
class RedisFullTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final TaskId A = new TaskId("a");

    private final RedisServer redis = RedisServer.start();
    private final TurnedClock clock = new TurnedClock();
    private TaskStore store;

    @BeforeEach
    void open() {
        store = RedisStores.open(RedisOptions.of(redis.uri()), clock);
        store.putTask(task("a"), Optional.empty());
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private void fill() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
    }

    private void makeRoom() throws Exception {
        redis.command("CONFIG", "SET", "maxmemory", "0");
        RedisFixtures.soon(SOON, () -> store.problem().isEmpty() ? Optional.of(true) : Optional.empty());
    }

    private void accept(int count) {
        for (int i = 1; i <= count; i++) {
            store.accept(execution("a", i, "x"), AcceptTerms.ANY);
        }
    }

    private static void isRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(InstanceOfAssertFactories.type(StoreUnavailableException.class))
                .matches(StoreUnavailableException::isFull, "is full")
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains("OOM", "maxmemory");
    }

    private static Settlement done(Claim claim) {
        return Settlement.done(claim.execution());
    }

    @Test
    void claimsAreRefusedAndWhatRunsIsSettledOnce() throws Exception {
        accept(6);
        List<Claim> running = store.claim(4, 10, LEASE);
        Map<ExecutionKey, Integer> deliveries = new HashMap<>();
        running.forEach(claim -> deliveries.merge(claim.key(), 1, Integer::sum));
        fill();

        isRefused(() -> store.claim(10, 10, LEASE));
        isRefused(() -> store.accept(execution("a", 7, "x"), AcceptTerms.ANY));
        isRefused(() -> store.putTask(task("b"), Optional.empty()));
        clock.turn(LEASE.minusSeconds(1));
        assertThat(store.extend(running, LEASE)).isEmpty();
        clock.turn(LEASE.minusSeconds(1));
        assertThat(store.recover(10)).as("the leases were renewed").isZero();
        Claim first = running.getFirst();
        Execution begun = first.execution().events(List.of(event("e")));
        assertThat(store.checkpoint(first, new Progress(begun, Optional.empty(), Optional.empty())))
                .isTrue();
        assertThat(store.settle(first, Settlement.done(begun))).isTrue();
        assertThat(store.settle(running.get(1), done(running.get(1)))).isTrue();
        assertThat(store.settle(
                        running.get(2),
                        new Settlement.Failed(running.get(2).execution().failed("no"))))
                .isTrue();
        assertThat(store.settle(
                        running.get(3),
                        new Settlement.Retry(
                                running.get(3).execution(), clock.instant().plusSeconds(5))))
                .isTrue();
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(6, 1, 2, 0, 1));
        isRefused(() -> store.claim(10, 10, LEASE));

        makeRoom();

        for (Claim claim : store.claim(10, 10, LEASE)) {
            deliveries.merge(claim.key(), 1, Integer::sum);
            assertThat(claim.crashes()).isZero();
            assertThat(store.settle(claim, done(claim))).isTrue();
        }
        assertThat(deliveries)
                .hasSize(6)
                .allSatisfy((key, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void whatADeadNodeHadIsRecoveredAndWhatWasNotBegunIsGivenBack() throws Exception {
        accept(2);
        List<Claim> ofTheDead = store.claim(1, 10, LEASE);
        clock.turn(LEASE.plusSeconds(1));
        List<Claim> notBegun = store.claim(1, 10, LEASE);
        fill();

        assertThat(store.recover(10)).isEqualTo(1);
        store.release(notBegun);
        assertThat(store.settle(ofTheDead.getFirst(), done(ofTheDead.getFirst())))
                .isFalse();
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 0, 2, 0, 0));

        makeRoom();
        assertThat(store.claim(10, 10, LEASE)).hasSize(2);
    }

    /** A retry ends its back-off; a timer would make one execution more at each ring. */
    @Test
    void retriesMoveOnAndTimersWait() throws Exception {
        accept(1);
        Claim claim = store.claim(1, 10, LEASE).getFirst();
        store.settle(
                claim, new Settlement.Retry(claim.execution(), clock.instant().plusSeconds(5)));
        store.putTask(task("t"), Optional.of(timer("t", clock.instant().plusSeconds(5))));
        clock.turn(Duration.ofSeconds(10));
        fill();

        assertThat(store.promoteRetries(10)).isEqualTo(1);
        ExecutionKey run = store.dueTimers(10).getFirst().execution().key();
        Ring ring = new Ring(
                run,
                new Ring.Fate.Run(Optional.empty()),
                List.of(),
                Optional.of(timer("t", clock.instant().plusSeconds(60))),
                0);
        isRefused(() -> store.ring(ring));
        assertThat(store.dueTimers(10)).hasSize(1);

        makeRoom();
        store.ring(ring);
        assertThat(store.counts(new TaskId("t")).queued()).isEqualTo(1);
    }

    /** All these make room, keep work under control or are a renewal of what is there. */
    @Test
    void whatAnOperatorDoesToMakeRoomIsDone() throws Exception {
        ListenRight right = store.listen(A, "node", LEASE).orElseThrow();
        store.nodes("node", LEASE);
        store.agree("hash", "mine");
        accept(4);
        ExecutionKey doing = store.claim(1, 10, LEASE).getFirst().key();
        fill();

        assertThat(store.pause(A, clock.instant().plusSeconds(60))).isTrue();
        assertThat(store.pausedUntil(A)).isPresent();
        assertThat(store.pause(A, clock.instant())).isTrue();
        store.setMaintenance(true);
        store.setMaintenance(false);
        assertThat(store.listen(A, "node", LEASE)).contains(right);
        assertThat(store.nodes("node", LEASE)).containsExactly("node");
        assertThat(store.agree("hash", "other")).isEqualTo("mine");
        assertThat(store.abort(doing, "enough")).isPresent();
        assertThat(store.firstToDo("scope", "key", doing, LEASE, Optional.empty()))
                .isEqualTo(doing);
        isRefused(() -> store.replay(doing));
        assertThat(store.execution(doing).orElseThrow().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(store.clean(A, 0, 0)).isEqualTo(1);
        assertThat(store.removeExecutions(A)).isEqualTo(3);
        store.endListening(right);
        assertThat(store.removeTask(A)).isTrue();
    }

    @Test
    void theProblemSaysWhatToDoAndGoesByItself() throws Exception {
        fill();

        String problem = RedisFixtures.soon(SOON, store::problem);
        assertThat(problem).contains("127.0.0.1:" + redis.port(), "is full", "OOM", "maxmemory", "Raise", "remove");
        assertThat(store.task(A)).as("reads go on").isPresent();

        makeRoom();
        accept(1);
        assertThat(store.claim(1, 10, LEASE)).hasSize(1);
    }

    @Test
    void aClaimWhoseAnswerWasLostIsAnsweredThoughRedisIsFull() throws Exception {
        accept(2);
        List<Answer> answers = new ArrayList<>();
        try (Link link = RedisFixtures.link(redis)) {
            Object[] claim = {Micros.now(Optional.of(clock)), 1, 10, Micros.of(LEASE), 77};
            answers.add(link.run(Link.Use.WORK, Script.CLAIM, claim));
            fill();
            answers.add(link.run(Link.Use.WORK, Script.CLAIM, claim));
        }
        assertThat(answers)
                .extracting(answer -> answer.get(0).get(0).get(0).text())
                .containsOnly("hooks:tasks:executions:Sample:a:1");
    }
}
