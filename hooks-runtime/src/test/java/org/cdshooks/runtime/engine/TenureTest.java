package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TenureTest {
    private static final TaskId TASK = new TaskId("a");
    private static final Duration LEASE = World.SHORT.listenLease();

    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = LocalStores.memory(clock);
    private final SharedStore shared = new SharedStore(store);
    private final SharedStore.View view = shared.view();
    private final AtomicInteger lost = new AtomicInteger();

    /** What runs in the background is done when a test says so. */
    private final Queue<Runnable> background = new ArrayDeque<>();

    private final Node node =
            new Node("me", view.store, World.configWith(Map.of()), World.SHORT, clock, clock::ticks, new Tally());

    private final Tenure tenure = new Tenure(TASK, node, lost::incrementAndGet);
    private final LeaseRenewal renewal = new LeaseRenewal(node, background::add, () -> Stream.of(tenure));

    @BeforeEach
    void put() {
        store.putTask(TaskRecord.of(TASK, "Ear", Map.of()), Optional.empty());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void turn(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
        assertThat(renewal.pass(clock.instant())).isAfter(clock.instant());
    }

    private void doAll() {
        for (Runnable step = background.poll(); step != null; step = background.poll()) {
            step.run();
        }
    }

    private boolean isFree() {
        Optional<ListenRight> right = store.listen(TASK, "other", LEASE);
        right.ifPresent(store::endListening);
        return right.isPresent();
    }

    @Test
    void isRenewedEveryThirdOfItsTimeAndOnceAtATime() {
        assertThat(tenure.take(true)).isTrue();
        ListenRight right = tenure.right().orElseThrow();
        turn(9);
        assertThat(background).isEmpty();
        turn(1);
        assertThat(background).hasSize(1);
        turn(1);
        assertThat(background).hasSize(1);
        doAll();
        for (int i = 0; i < 100; i++) {
            turn(1);
            doAll();
        }

        assertThat(tenure.right()).contains(right);
        assertThat(isFree()).isFalse();
        assertThat(tenure.mayBeOver()).isFalse();
    }

    @Test
    void mayBeOverALittleBeforeItIs() {
        assertThat(tenure.take(true)).isTrue();
        turn(24);
        assertThat(tenure.mayBeOver()).isFalse();
        assertThat(tenure.overAt(clock.instant())).isEqualTo(clock.instant().plusSeconds(1));
        turn(1);
        assertThat(tenure.mayBeOver()).isTrue();
        assertThat(isFree()).isFalse();
    }

    @Test
    void lastsFromBeforeItWasAskedFor() {
        shared.before.put("listen", () -> clock.advance(Duration.ofSeconds(20)));
        assertThat(tenure.take(true)).isTrue();
        turn(5);

        assertThat(tenure.mayBeOver()).isTrue();
    }

    @Test
    void aRenewalThatFailsIsTriedAgainSoon() {
        assertThat(tenure.take(true)).isTrue();
        view.away = true;
        turn(10);
        doAll();
        turn(1);
        doAll();
        view.away = false;
        turn(1);
        doAll();
        clock.advance(Duration.ofSeconds(24));

        assertThat(tenure.mayBeOver()).isFalse();
        assertThat(lost).hasValue(0);
    }

    @Test
    void isNotKeptFromOthersIfItIsGivenUpWhileItIsBeingRenewed() {
        assertThat(tenure.take(true)).isTrue();
        turn(10);
        shared.before.put("renewListening", () -> tenure.drop(tenure.right().orElseThrow()));
        doAll();

        assertThat(tenure.right()).isEmpty();
        assertThat(isFree()).isTrue();
        assertThat(lost).hasValue(0);
    }

    @Test
    void isLostWhenAnotherNodeHasTakenIt() {
        assertThat(tenure.take(true)).isTrue();
        clock.advance(LEASE);
        store.listen(TASK, "other", LEASE);
        turn(1);
        doAll();

        assertThat(lost).hasValue(1);
        assertThat(tenure.right()).isEmpty();
    }

    @Test
    void isLostWhenItHadEndedAndNothingIsKeptOfTheNewOne() {
        assertThat(tenure.take(true)).isTrue();
        clock.advance(LEASE);
        turn(1);
        doAll();

        assertThat(lost).hasValue(1);
        assertThat(tenure.right()).isEmpty();
        assertThat(isFree()).isTrue();
    }

    @Test
    void isNotKeptIfItIsGivenBackWhileItIsBeingRenewed() {
        assertThat(tenure.take(true)).isTrue();
        turn(10);
        shared.before.put("renewListening", tenure::giveBack);
        doAll();

        assertThat(tenure.right()).isEmpty();
        assertThat(isFree()).isTrue();
        assertThat(lost).hasValue(0);
    }

    @Test
    void isNotLostIfItIsTakenAnewWhileTheOldOneIsBeingRenewed() {
        assertThat(tenure.take(true)).isTrue();
        turn(10);
        shared.before.put("renewListening", () -> {
            tenure.giveBack();
            assertThat(tenure.take(true)).isTrue();
        });
        doAll();

        assertThat(tenure.right()).isPresent();
        assertThat(isFree()).isFalse();
        assertThat(lost).hasValue(0);
    }

    @Test
    void whoIsNotPreferredLeavesAFreeRightAloneForSomeTime() {
        assertThat(tenure.take(false)).isFalse();
        assertThat(isFree()).isTrue();
        assertThat(tenure.leaves()).contains(Tenure.PATIENCE);
        clock.advance(Tenure.PATIENCE.minusMillis(1));
        assertThat(tenure.take(false)).isFalse();
        clock.advance(Duration.ofMillis(1));

        assertThat(tenure.take(false)).isTrue();
        clock.advance(LEASE.minusSeconds(1));
        assertThat(isFree()).as("it lasts as long as any").isFalse();
    }

    @Test
    void whoIsNotPreferredBeginsToWaitAnewWhenAnotherOneHadIt() {
        assertThat(tenure.take(false)).isFalse();
        ListenRight other = store.listen(TASK, "other", LEASE).orElseThrow();
        clock.advance(Tenure.PATIENCE);
        assertThat(tenure.take(false)).isFalse();
        assertThat(tenure.leaves()).isEmpty();
        store.endListening(other);

        assertThat(tenure.take(false)).isFalse();
        assertThat(tenure.leaves()).contains(Tenure.PATIENCE);
        assertThat(tenure.take(true)).as("who is preferred need not wait").isTrue();
    }

    @Test
    void whatWasGivenBackIsLeftToOthersForSomeTime() {
        assertThat(tenure.take(true)).isTrue();
        tenure.giveBack();

        assertThat(isFree()).isTrue();
        assertThat(tenure.take(false)).isFalse();
        clock.advance(Tenure.PATIENCE);
        assertThat(tenure.take(false)).isTrue();
    }
}
