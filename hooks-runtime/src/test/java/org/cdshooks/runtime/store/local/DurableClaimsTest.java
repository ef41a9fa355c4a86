package org.cdshooks.runtime.store.local;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.TurnedClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No worker gets an execution that a crash could still undo. */
class DurableClaimsTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final TurnedClock clock = new TurnedClock();
    private final SlowDisk disk = new SlowDisk();
    private final LocalTaskStore store = new LocalTaskStore(disk, clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** A disk on which everything is durable when a test says so. */
    private static final class SlowDisk implements Backing {
        private final MemoryBacking memory = new MemoryBacking();
        private long written;
        private long durable;
        private int waiting;
        private boolean isSlow;

        @Override
        public void load(Loader loader) {
            memory.load(loader);
        }

        @Override
        public void awaitRoom() {
            memory.awaitRoom();
        }

        @Override
        public synchronized long write(List<Change> changes) {
            long ticket = memory.write(changes) + ++written;
            if (!isSlow) {
                durable = ticket;
            }
            return ticket;
        }

        @Override
        public synchronized void await(long ticket) {
            waiting++;
            notifyAll();
            while (durable < ticket) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            waiting--;
        }

        @Override
        public synchronized long durable() {
            return durable;
        }

        synchronized void slow() {
            isSlow = true;
        }

        synchronized void force() {
            durable = written;
            notifyAll();
        }

        synchronized void untilThisManyWait(int many, CompletableFuture<?> unless) throws InterruptedException {
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (waiting < many && !unless.isDone()) {
                assertThat(System.nanoTime()).as("still waits").isLessThan(end);
                wait(10);
            }
        }

        @Override
        public byte[] read(Kind kind, long number) {
            return memory.read(kind, number);
        }

        @Override
        public Condition condition() {
            return memory.condition();
        }

        @Override
        public String durability() {
            return memory.durability();
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    @BeforeEach
    void putTasks() {
        store.putTask(task("a"), Optional.empty());
        store.putTask(task("b"), Optional.empty());
    }

    @AfterEach
    void end() {
        disk.force();
        threads.close();
        store.close();
    }

    private CompletableFuture<AcceptResult> accept(String task) {
        return CompletableFuture.supplyAsync(() -> store.accept(execution(task, 1, "x"), AcceptTerms.ANY), threads);
    }

    private CompletableFuture<List<Claim>> claim() {
        return CompletableFuture.supplyAsync(() -> store.claim(10, 10, LEASE), threads);
    }

    @Test
    void anExecutionWaitsForTheAcceptThatMadeItToBeDurable() throws Exception {
        disk.slow();
        CompletableFuture<AcceptResult> accept = accept("a");
        disk.untilThisManyWait(1, accept);

        CompletableFuture<List<Claim>> claim = claim();
        disk.untilThisManyWait(2, claim);
        assertThat(claim).isNotDone();
        assertThat(accept).isNotDone();
        disk.force();

        assertThat(claim.get(10, SECONDS)).hasSize(1);
        assertThat(accept.get(10, SECONDS)).isInstanceOf(AcceptResult.Stored.class);
    }

    @Test
    void durableExecutionsDoNotWaitForOthers() throws Exception {
        accept("b").get(10, SECONDS);
        disk.slow();
        CompletableFuture<AcceptResult> accept = accept("a");
        disk.untilThisManyWait(1, accept);

        assertThat(claim().get(10, SECONDS))
                .extracting(claim -> claim.key().task())
                .containsExactly(new TaskId("b"));

        disk.force();
        assertThat(claim().get(10, SECONDS))
                .extracting(claim -> claim.key().task())
                .containsExactly(new TaskId("a"));
    }

    @Test
    void anExecutionThatIsReplayedWaitsToo() throws Exception {
        accept("a").get(10, SECONDS);
        Claim first = claim().get(10, SECONDS).getFirst();
        assertThat(store.settle(first, Settlement.done(first.execution()))).isTrue();
        disk.slow();
        CompletableFuture<?> replay = CompletableFuture.supplyAsync(() -> store.replay(first.key()), threads);
        disk.untilThisManyWait(1, replay);

        CompletableFuture<List<Claim>> claim = claim();
        disk.untilThisManyWait(2, claim);
        assertThat(claim).isNotDone();
        disk.force();

        assertThat(claim.get(10, SECONDS)).hasSize(1);
    }
}
