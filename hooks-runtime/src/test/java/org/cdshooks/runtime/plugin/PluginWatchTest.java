package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The watch, with a clock that the test turns and carriers that the test gives out. */
@Timeout(20)
final class PluginWatchTest {
    private static final Duration TICK = Duration.ofMillis(50);

    private final FakeCarriers carriers = new FakeCarriers();
    private final AtomicLong clock = new AtomicLong(1_000_000_000);
    private final PluginWatch watch = new PluginWatch(carriers, clock::get);
    private final PluginDoor door = new PluginDoor("p", new URLClassLoader(new URL[0]), watch);
    private final PluginDoor spins = door.to("hook type 'Spins'");
    private final PluginDoor other = door.to("hook type 'Other'");
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Running> calls = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        end.countDown();
        for (Running call : calls) {
            call.thread().join();
        }
    }

    /** The JDK's carriers: two at first, each taken by a thread of the test's choice. */
    private static final class FakeCarriers implements Carriers {
        private final Map<Thread, Hold> holds = new ConcurrentHashMap<>();
        private final List<Runnable> waiting = new ArrayList<>();
        private int parallelism = 2;
        private long cpuShare = 100;
        private long now;

        @Override
        public int parallelism() {
            return parallelism;
        }

        @Override
        public void start(Runnable task) {
            waiting.add(task);
            runWhatCan();
        }

        @Override
        public void lower(int newParallelism) {
            parallelism = newParallelism;
        }

        @Override
        public void raise(int newParallelism, BooleanSupplier isRelieved) {
            parallelism = newParallelism;
            runWhatCan();
        }

        @Override
        public Optional<Hold> holdOf(Thread virtual, boolean all) {
            return Optional.ofNullable(holds.get(virtual));
        }

        @Override
        public long cpuNanos(String carrier) {
            return now * cpuShare / 100;
        }

        void runWhatCan() {
            if (holds.size() < parallelism) {
                waiting.forEach(Runnable::run);
                waiting.clear();
            }
        }
    }

    private record Running(Thread thread, FutureTask<String> call) {}

    /** Begins a call that goes on until the test ends, or until it is interrupted. */
    private Running begin(PluginDoor into) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<String> call = new FutureTask<>(() -> into.call(() -> {
            begun.countDown();
            end.await();
            return "ended";
        }));
        return running(call, begun);
    }

    /** Begins a call that does not end when it is interrupted. */
    private Running spinForEver(PluginDoor into) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<String> call = new FutureTask<>(() -> into.call(() -> {
            begun.countDown();
            boolean ended = false;
            while (!ended) {
                try {
                    end.await();
                    ended = true;
                } catch (InterruptedException e) {
                    assertThat(spins.suspension()).isPresent(); // which is why, and it goes on all the same
                }
            }
            return "ended";
        }));
        return holding(running(call, begun));
    }

    private Running running(FutureTask<String> call, CountDownLatch begun) throws InterruptedException {
        Running running = new Running(Thread.ofVirtual().start(call), call);
        calls.add(running);
        begun.await();
        return running;
    }

    private Running spin(PluginDoor into) throws InterruptedException {
        return holding(begin(into));
    }

    private Running holding(Running running) {
        carriers.holds.put(running.thread(), new Carriers.Hold("carrier-" + calls.size(), true));
        return running;
    }

    private void letGo(Running call) {
        carriers.holds.remove(call.thread());
        carriers.runWhatCan();
    }

    private void pass(Duration time) {
        for (long end = clock.get() + time.toNanos(); clock.get() < end; ) {
            carriers.now = clock.addAndGet(TICK.toNanos());
            watch.tick();
        }
    }

    private static String answerOf(PluginDoor into) throws Exception {
        return into.call(() -> "answer");
    }

    @Test
    void aServiceThatHasNoCarrierLeftGetsOneMore() throws Exception {
        spin(spins);
        spin(spins);

        pass(PluginWatch.HELD.plus(PluginWatch.STARVED).plus(TICK));

        assertThat(carriers.parallelism).isGreaterThan(2);
        assertThat(carriers.waiting).isEmpty();
    }

    @Test
    void aHookTypeThatTakesAllCarriersGetsOneThreadMore() throws Exception {
        spin(spins);
        spin(spins);
        pass(PluginWatch.HELD.plus(PluginWatch.STARVED).plus(TICK));

        Running oneMore = begin(spins);
        PluginSuspended refused = catchThrowableOfType(PluginSuspended.class, () -> answerOf(spins));

        assertThat(refused).hasMessageContaining("one call at a time");
        assertThat(refused.retryAfter()).isPositive();
        assertThat(spins.suspension()).isEmpty();
        assertThat(answerOf(other)).isEqualTo("answer");
        end.countDown();
        oneMore.call().get();
        assertThat(answerOf(spins)).isEqualTo("answer");
    }

    @Test
    void aHookTypeIsSuspendedWhenItsCallGoesOnAndOn() throws Exception {
        Running spinning = spin(spins);
        Running innocent = begin(spins);
        Running stranger = begin(other);

        pass(PluginWatch.SPINS.plus(TICK.multipliedBy(2)));

        assertThat(spins.suspension().orElseThrow()).contains("hook type 'Spins' is suspended", "restarted");
        assertThatThrownBy(() -> answerOf(spins)).isInstanceOf(PluginSuspended.class);
        assertThatThrownBy(() -> innocent.call().get()).hasCauseInstanceOf(PluginSuspended.class);
        assertThatThrownBy(() -> spinning.call().get()).hasCauseInstanceOf(PluginSuspended.class);
        assertThat(stranger.call().isDone()).isFalse();
        assertThat(answerOf(other)).isEqualTo("answer");
    }

    @Test
    void aSuspensionEndsWhenNothingHoldsAThreadAnyMore() throws Exception {
        Running spinning = spinForEver(spins);
        pass(PluginWatch.SPINS.plus(TICK.multipliedBy(2)));
        pass(PluginWatch.SUSPENDED_AT_LEAST.multipliedBy(2));
        assertThat(spins.suspension()).as("as long as the call goes on").isPresent();

        letGo(spinning);
        pass(TICK);

        assertThat(spins.suspension()).isEmpty();
        assertThat(answerOf(spins)).isEqualTo("answer");
    }

    @Test
    void aSuspensionLastsForAWhile() throws Exception {
        Running spinning = spin(spins);
        pass(PluginWatch.SPINS.plus(TICK.multipliedBy(2)));

        letGo(spinning);
        pass(PluginWatch.SUSPENDED_AT_LEAST.dividedBy(2));

        assertThat(spins.suspension()).isPresent();
    }

    @Test
    void aCallThatBlocksIsNeverSuspected() throws Exception {
        begin(spins);

        pass(Duration.ofHours(1));

        assertThat(spins.suspension()).isEmpty();
        assertThat(answerOf(spins)).isEqualTo("answer");
        assertThat(carriers.parallelism).isEqualTo(2);
    }

    @Test
    void aCallThatBlocksInNativeCodeIsNotSuspended() throws Exception {
        carriers.cpuShare = 1;
        spin(spins);

        pass(PluginWatch.SPINS.multipliedBy(3));

        assertThat(spins.suspension()).isEmpty();
        assertThat(carriers.parallelism).as("its carrier is made up for").isEqualTo(3);
    }

    @Test
    void aCallThatComputesForSomeSecondsIsNotSuspended() throws Exception {
        for (int i = 0; i < 10; i++) {
            Running busy = spin(spins);
            pass(PluginWatch.SPINS.dividedBy(2));
            letGo(busy);
            pass(TICK);
        }

        assertThat(spins.suspension()).isEmpty();
        assertThat(answerOf(spins)).isEqualTo("answer");
    }

    @Test
    void aCallThatMovesToAnotherCarrierHasHadABreak() throws Exception {
        Running busy = spin(spins);
        for (int i = 0; i < 10; i++) {
            carriers.holds.put(busy.thread(), new Carriers.Hold("another-" + i, true));
            pass(PluginWatch.SPINS.dividedBy(2));
        }

        assertThat(spins.suspension()).isEmpty();
    }

    @Test
    void carriersAreTakenBackWhenTheyAreNotNeeded() throws Exception {
        Running first = spin(spins);
        Running second = spin(spins);
        pass(Duration.ofSeconds(2));
        assertThat(carriers.parallelism).isGreaterThan(2);

        letGo(first);
        letGo(second);
        pass(Duration.ofMinutes(2));

        assertThat(carriers.parallelism).isEqualTo(2);
        assertThat(answerOf(spins)).isEqualTo("answer");
    }

    @Test
    void carriersThatNobodyKnownHoldsAreMadeUpForAsWell() {
        carriers.holds.put(Thread.ofVirtual().unstarted(() -> {}), new Carriers.Hold("a", true));
        carriers.holds.put(Thread.ofVirtual().unstarted(() -> {}), new Carriers.Hold("b", true));

        pass(Duration.ofSeconds(2));

        assertThat(carriers.parallelism).isEqualTo(3);
    }

    @Test
    void theJdkTellsWhichCarrierAVirtualThreadHolds() throws Exception {
        JdkCarriers jdk = new JdkCarriers();
        boolean[] over = new boolean[1];
        CountDownLatch runs = new CountDownLatch(1);
        Thread busy = Thread.ofVirtual().name("b]/us@y").start(() -> {
            runs.countDown();
            while (!isSet(over)) {
                Thread.onSpinWait();
            }
        });
        Thread blocked = Thread.ofVirtual().start(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            runs.await();
            Carriers.Hold hold = jdk.holdOf(busy, false).orElseThrow();
            assertThat(hold.isRunnable()).isTrue();
            assertThat(jdk.cpuNanos(hold.carrier())).isPositive();
            while (blocked.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(jdk.holdOf(blocked, true)).isEmpty();
            assertThat(jdk.holdOf(Thread.ofVirtual().name("a]/b@c").unstarted(() -> {}), true))
                    .isEmpty();
        } finally {
            synchronized (over) {
                over[0] = true;
            }
            end.countDown();
            busy.join();
            blocked.join();
        }
    }

    private static boolean isSet(boolean[] flag) {
        synchronized (flag) {
            return flag[0];
        }
    }
}
