package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.store.local.SimulatedDisk.Call;
import org.cdshooks.runtime.store.local.SimulatedDisk.Step;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the local store does when the disk is full, fails or does not keep what it was given, and when memory is short. */
@Timeout(60)
class DiskFailureTest {
    private static final TaskId A = new TaskId("a");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Path DIRECTORY = Path.of("/disk-failure");
    private static final Path REPAIRED = Path.of("/repaired");
    private static final LocalOptions NO_CACHE = new LocalOptions(0, 64 << 20, 1 << 20);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final TurnedClock clock = new TurnedClock();
    private long timestamp;
    private TaskStore store;

    @BeforeEach
    void open() {
        store = LocalStores.open(disk, DIRECTORY, clock, clock::nanos, NO_CACHE);
    }

    @AfterEach
    void close() {
        disk.fail((call, file) -> {});
        store.close();
    }

    private void accept(String body) {
        store.accept(execution("a", ++timestamp, body), AcceptTerms.ANY);
    }

    private void expectFull(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        e -> assertThat(e.isFull()).as(e.getMessage()).isTrue());
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the time is over").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private List<String> bodiesOf(List<Claim> claims) {
        return claims.stream().map(claim -> claim.execution().payload().text()).toList();
    }

    private Ring ring(Due due) {
        return new Ring(due.execution().key(), new Ring.Fate.Run(Optional.empty()), List.of(), Optional.empty());
    }

    @Nested
    class ADiskWithoutRoom {
        private void noRoom() {
            disk.fail((call, file) -> {
                if (call == Call.WRITE && file.endsWith(DataDirectory.DATA)) {
                    throw new IOException("No space left on device");
                }
            });
        }

        @Test
        void refusesNewWorkEndsTheOldAndGoesOnWithoutARestart() {
            store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
            accept("1");
            accept("2");
            accept("3");
            List<Claim> running = store.claim(1, 1, LEASE);
            noRoom();

            expectFull(() -> accept("nobody is told that this is stored"));

            assertThat(store.problem())
                    .hasValueSatisfying(words -> assertThat(words)
                            .contains(DIRECTORY.toString(), "No space left on device", "free some room"));
            expectFull(() -> accept("4"));
            expectFull(() -> store.putTask(task("b"), Optional.empty()));
            expectFull(() -> store.claim(1, 1, LEASE));
            clock.turn(Duration.ofSeconds(10));
            List<Due> due = store.dueTimers(5);
            assertThat(due).hasSize(1);
            expectFull(() -> store.ring(ring(due.getFirst())));
            assertThat(store.extend(running, LEASE)).isEmpty();
            assertThat(store.settle(
                            running.getFirst(),
                            Settlement.done(running.getFirst().execution())))
                    .isTrue();
            // What is stored can be read all the while.
            assertThat(store.executions(A, Long.MAX_VALUE, 10))
                    .extracting(e -> e.payload().text())
                    .contains("2", "3");

            disk.fail((call, file) -> {});
            await(() -> store.problem().isEmpty());

            accept("5");
            assertThat(store.ring(ring(due.getFirst()))).isNotNull();
            store.close();
            open();
            assertThat(store.counts(A).queued()).isEqualTo(5);
            List<String> left = new ArrayList<>();
            for (List<Claim> next = store.claim(10, 10, LEASE); !next.isEmpty(); next = store.claim(10, 10, LEASE)) {
                left.addAll(bodiesOf(next));
            }
            assertThat(left).contains("2", "3", "5").doesNotContain("1").doesNotHaveDuplicates();
        }

        @Test
        void keepsWhatRanIfTheRoomComesWithTheStop() {
            store.putTask(task("a"), Optional.empty());
            accept("1");
            Claim claim = store.claim(1, 1, LEASE).getFirst();
            noRoom();
            expectFull(() -> accept("2"));
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();

            disk.fail((call, file) -> {});
            store.close();
            open();

            assertThat(store.execution(claim.key()).orElseThrow().status().toString())
                    .isEqualTo("DONE");
        }

        @Test
        void canBeClosedAndLosesNothingThatWasAcknowledged() {
            store.putTask(task("a"), Optional.empty());
            accept("1");
            noRoom();
            expectFull(() -> accept("2"));

            store.close();
            disk.fail((call, file) -> {});
            open();

            assertThat(bodiesOf(store.claim(10, 10, LEASE))).containsExactly("1");
        }

        @Test
        void stillWaitsForTheDiskAfterManyAttempts() {
            store.putTask(task("a"), Optional.empty());
            AtomicInteger attempts = new AtomicInteger();
            disk.fail((call, file) -> {
                if (call == Call.TRUNCATE && file.endsWith(DataDirectory.DATA)) {
                    throw new IOException("Input/output error");
                }
                if (call == Call.WRITE && file.endsWith(DataDirectory.MARK)) {
                    attempts.incrementAndGet();
                    throw new IOException("No space left on device");
                }
            });
            expectFull(() -> accept("1"));

            await(() -> attempts.get() > 3);
            disk.fail((call, file) -> {});
            await(() -> store.problem().isEmpty());

            assertThat(store.counts(A).queued())
                    .as("written, though nobody was told so")
                    .isEqualTo(1);
        }
    }

    @Nested
    class ADiskThatIsNearlyFull {
        @Test
        void refusesNewWorkAndRunsOfTimersUntilThereIsRoom() {
            store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
            accept("1");
            clock.turn(Duration.ofSeconds(10));
            Due due = store.dueTimers(1).getFirst();
            disk.usable(10 << 20);
            await(() -> store.problem().isPresent());

            assertThat(store.problem().orElseThrow()).contains("nearly full", "10 MiB");
            expectFull(() -> accept("2"));
            expectFull(() -> store.ring(ring(due)));
            Claim claim = store.claim(1, 1, LEASE).getFirst();
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();

            disk.usable(1 << 30);
            await(() -> store.problem().isEmpty());
            accept("3");
            assertThat(store.ring(ring(due))).isNotNull();
        }
    }

    @Nested
    class ADiskThatDoesNotKeepWhatItWasGiven {
        @Test
        void stopsTheStoreForThisProcess() {
            store.putTask(task("a"), Optional.empty());
            accept("1");
            AtomicBoolean once = new AtomicBoolean();
            disk.fail((call, file) -> {
                // The next attempt would do, as with a real system, which forgets what it could not write.
                if (call == Call.FORCE && file.endsWith(DataDirectory.DATA) && once.compareAndSet(false, true)) {
                    throw new IOException("Input/output error");
                }
            });

            assertThatThrownBy(() -> accept("2"))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.isFull()).isFalse());

            assertThat(once).isTrue();
            assertThat(store.problem().orElseThrow())
                    .contains("Input/output error", "nothing is acknowledged any more", "start the service again");
            assertThatThrownBy(() -> accept("3")).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> store.claim(1, 1, LEASE)).isInstanceOf(StoreUnavailableException.class);
            store.close();
            open();
            assertThat(bodiesOf(store.claim(10, 10, LEASE))).contains("1").doesNotContain("3");
        }
    }

    @Nested
    class ShortMemory {
        /** Lets a request wait while the store is at a place where memory then runs out. */
        private void runOutAt(Call at, String name) throws Exception {
            store.putTask(task("a"), Optional.empty());
            accept("first");
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch waiting = new CountDownLatch(1);
            disk.fail((call, file) -> {
                if (call == at && file.endsWith(name)) {
                    reached.countDown();
                    try {
                        waiting.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    throw new OutOfMemoryError("Java heap space, says the test");
                }
            });
            if (at == Call.USABLE_SPACE) {
                // The store comes there by itself.
                assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
            }
            List<CompletableFuture<Void>> requests = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long time = 100 + i;
                requests.add(CompletableFuture.runAsync(
                        () -> store.accept(execution("a", time, "waits"), AcceptTerms.ANY),
                        task -> Thread.ofVirtual().start(task)));
            }
            assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
            await(() -> store.counts(A).queued() == 4);
            waiting.countDown();

            for (CompletableFuture<Void> request : requests) {
                assertThatThrownBy(() -> request.get(30, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(StoreUnavailableException.class);
            }
            assertThatThrownBy(() -> accept("later")).isInstanceOf(StoreUnavailableException.class);
            assertThat(store.problem().orElseThrow()).contains("Java heap space, says the test");
        }

        @Test
        void outsideOfACommitFailsAllThatWaits() throws Exception {
            runOutAt(Call.USABLE_SPACE, DIRECTORY.getFileName().toString());
        }

        @Test
        void whileTheDataAreWrittenFailsAllThatWaits() throws Exception {
            runOutAt(Call.WRITE, DataDirectory.DATA);
        }

        @Test
        void whileTheDataAreForcedFailsAllThatWaits() throws Exception {
            runOutAt(Call.FORCE, DataDirectory.DATA);
        }

        @Test
        void whileTheMarkIsWrittenFailsAllThatWaits() throws Exception {
            runOutAt(Call.WRITE, DataDirectory.MARK);
        }

        @Test
        void whileSomethingIsReadFailsOneRequestAtMost() {
            store.putTask(task("a"), Optional.empty());
            for (int i = 0; i < 300; i++) {
                accept("x".repeat(600));
            }
            // Nothing is cached after a start.
            store.close();
            open();
            disk.fail((call, file) -> {
                if (call == Call.READ) {
                    throw new OutOfMemoryError("Java heap space, says the test");
                }
            });
            assertThatThrownBy(() -> store.executions(A, Long.MAX_VALUE, 300)).isNotNull();

            disk.fail((call, file) -> {});
            assertThat(store.executions(A, Long.MAX_VALUE, 300)).hasSize(300);
        }
    }

    @Nested
    class ARepair {
        @Test
        void thatIsKilledAnywhereIsEndedByTheNextStartOrNeverWas() {
            for (int calls = 0; ; calls++) {
                SimulatedDisk damaged = damaged();
                if (!killedAfter(damaged, calls)) {
                    assertThat(calls).as("places where the repair was killed").isGreaterThan(10);
                    return;
                }
                expectDamageOrData(damaged, "killed after " + calls + " calls");
            }
        }

        @Test
        void thatAPowerFailureEndsIsEndedByTheNextStartOrNeverWas() {
            SimulatedDisk damaged = damaged();
            PowerFailures failures = new PowerFailures(1, damaged);
            damaged.noteFromNowOn();
            assertThat(Repair.run(damaged, REPAIRED).tasks()).isEqualTo(1);
            for (Step step : damaged.steps) {
                failures.add(step);
                if (!(step instanceof Step.Block)) {
                    for (int i = 0; i < 5; i++) {
                        failures.leftBehind(left -> expectDamageOrData(left, step.toString()));
                    }
                }
            }
        }

        /** Makes a disk whose newest version was acknowledged and can't be read. */
        private SimulatedDisk damaged() {
            SimulatedDisk whole = new SimulatedDisk(false);
            try (TaskStore filled = LocalStores.open(whole, REPAIRED, clock, clock::nanos, NO_CACHE)) {
                filled.putTask(task("a"), Optional.empty());
                filled.accept(execution("a", 1, "x"), AcceptTerms.ANY);
                filled.accept(execution("a", 2, "y"), AcceptTerms.ANY);
            }
            SimulatedDisk.File data = whole.names.get(REPAIRED.resolve(DataDirectory.DATA));
            CommitRecord newest = null;
            for (int i = 0; i < 2; i++) {
                CommitRecord record = CommitRecord.decode(data.block(i)).orElseThrow();
                newest = newest == null || record.isNewerThan(newest) ? record : newest;
            }
            data.put((int) newest.block(), new byte[SimulatedDisk.BLOCK]);
            return whole;
        }

        private boolean killedAfter(SimulatedDisk damaged, int calls) {
            AtomicInteger left = new AtomicInteger(calls);
            damaged.fail((call, file) -> {
                if (call != Call.READ && left.getAndDecrement() == 0) {
                    damaged.kill();
                }
                if (left.get() < 0) {
                    throw new IOException("killed");
                }
            });
            try {
                Repair.run(damaged, REPAIRED);
                return false;
            } catch (RuntimeException e) {
                return true;
            } finally {
                damaged.fail((call, file) -> {});
            }
        }

        private void expectDamageOrData(SimulatedDisk left, String where) {
            try (TaskStore opened = LocalStores.open(left, REPAIRED, clock, clock::nanos, NO_CACHE)) {
                assertThat(opened.counts(A).queued()).as(where).isPositive();
            } catch (StoreDamagedException e) {
                assertThat(e).as(where).hasMessageContaining("--repair");
                assertThat(Repair.run(left, REPAIRED).tasks()).as(where).isEqualTo(1);
            }
        }
    }

    @Nested
    class AnEmptyDirectory {
        @Test
        void isSaidToBeUnusableWhereNamesCantBeForced() {
            SimulatedDisk empty = new SimulatedDisk();
            empty.fail((call, file) -> {
                if (call == Call.FORCE_DIRECTORY) {
                    throw new IOException("Input/output error");
                }
            });

            assertThatThrownBy(() -> LocalStores.open(empty, Path.of("/empty"), clock, clock::nanos, NO_CACHE))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("Input/output error");
            empty.fail((call, file) -> {});
            LocalStores.open(empty, Path.of("/empty"), clock, clock::nanos, NO_CACHE)
                    .close();
        }

        @Test
        void isNeverTakenForOneWhoseRepairLeftADamagedFile() throws IOException {
            SimulatedDisk left = new SimulatedDisk();
            left.open(DIRECTORY.resolveSibling("left").resolve("hooks.mv.damaged-1"))
                    .close();

            assertThatThrownBy(() ->
                            LocalStores.open(left, DIRECTORY.resolveSibling("left"), clock, clock::nanos, NO_CACHE))
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContaining("hooks.mv.damaged-1");
        }
    }
}
