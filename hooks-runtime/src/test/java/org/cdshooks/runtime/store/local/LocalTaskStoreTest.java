package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalTaskStoreTest extends TaskStoreContract {
    @TempDir
    Path temp;

    private int copies;

    private Path directory() {
        return temp.resolve("data" + copies);
    }

    @Override
    protected TaskStore open() {
        return LocalStores.open(directory(), clock, LocalOptions.DEFAULT);
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        opened.close();
        return open();
    }

    /** Opens what a crash would have left behind just now, and closes the store that would have crashed. */
    private TaskStore crash() throws IOException {
        // What returned from this is durable, and so is all that came before.
        store.putTask(task("b"), Optional.empty());
        Path before = directory();
        copies++;
        copy(before, directory());
        store.close();
        return open();
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        // The mark first: it may be older than the data, never newer.
        for (String name : List.of(DataDirectory.MARK, DataDirectory.DATA)) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    @Nested
    class AfterAStart {
        @Test
        void everythingIsWhereItWas() {
            TaskRecord changed = store.putTask(task("a").with("k", ConfigValue.of("ü")), Optional.empty());
            Due due = timer("b", clock.instant().plusSeconds(60));
            TaskRecord timed = store.putTask(task("b"), Optional.of(due));
            store.accept(
                    execution("a", 1, "done"), new AcceptTerms(Optional.empty(), Duration.ZERO, 100, Optional.of("c")));
            Claim done = claimOne();
            store.settle(done, Settlement.done(done.execution().begun(3).delivered("answer", 4)));
            accept("a", "retry");
            Claim retry = claimOne();
            store.settle(
                    retry,
                    new Settlement.Retry(
                            retry.execution().failed("no"), clock.instant().plusSeconds(7)));
            accept("a", "first");
            accept("a", "second");
            Execution before = store.execution(done.key()).orElseThrow();

            store = reopen(store);

            assertThat(store.task(A)).contains(changed);
            assertThat(store.task(B)).contains(timed);
            assertThat(store.cursor(A)).contains("c");
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(4, 1, 2, 0, 0));
            assertThat(store.counts(B)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
            Execution after = store.execution(done.key()).orElseThrow();
            assertThat(after.answer()).isEqualTo("answer");
            assertThat(after.run()).isEqualTo(4);
            assertThat(after.toString()).isEqualTo(before.toString());
            assertThat(store.nextDue()).contains(clock.instant().plusSeconds(7));
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("first", "second");
            clock.turn(Duration.ofSeconds(60));
            assertThat(store.dueTimers(5)).hasSize(1);
            assertThat(store.dueTimers(5).getFirst().due()).isEqualTo(due.due());
            assertThat(store.promoteRetries(5)).isEqualTo(1);
            assertThat(claimOne().execution().errors()).isEqualTo(1);
        }

        @Test
        void workThatWasGivenUpInOrderIsNoCrash() {
            accept("a", "1");
            accept("a", "2");
            Claim claim = claimOne();

            store = reopen(store);

            Claim again = claimOne();
            assertThat(again.crashes()).isZero();
            assertThat(again.execution().payload().text()).isEqualTo("1");
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
        }

        @Test
        void workThatAProcessDiedOnIsACrashAndTheThirdParksIt() throws IOException {
            Execution execution = accept("a", "poison");
            for (int i = 0; i < 3; i++) {
                Claim claim = claimOne();
                assertThat(claim.crashes()).isEqualTo(i);
                store.setPhase(claim, claim.isSuspect() ? ClaimPhase.ISOLATED : ClaimPhase.RUNNING);
                store = crash();
            }

            assertThat(store.claim(1, 1, LEASE)).isEmpty();
            assertThat(store.execution(execution.key()).orElseThrow().status()).isEqualTo(ExecutionStatus.FAILED);
            assertThat(store.execution(execution.key()).orElseThrow().lastError())
                    .contains("3");
            store = reopen(store);
            assertThat(store.execution(execution.key()).orElseThrow().lastError())
                    .contains("3");
        }

        @Test
        void aProcessThatDiesFailsNoExecutionButTheOneThatRanIsolated() throws IOException {
            for (int i = 0; i < 6; i++) {
                accept("a", Integer.toString(i));
            }
            for (int i = 0; i < 4; i++) {
                List<Claim> claims = store.claim(6, 10, LEASE);
                assertThat(claims).hasSize(6);
                store.setPhase(claims.getLast(), ClaimPhase.HELD);
                store = crash();
            }
            assertThat(store.claim(6, 10, LEASE)).extracting(Claim::crashes).containsExactly(2, 2, 2, 2, 2, 0);
        }

        @Test
        void workThatMayHaveKilledAProcessBeginsOnceThatIsOnDisk() throws IOException {
            accept("a", "x");
            store = reopen(store);
            claimOne();

            // Nothing is made durable in between: what the claim has written is there as soon as it has returned.
            Path before = directory();
            copies++;
            copy(before, directory());
            store.close();
            store = open();

            assertThat(claimOne().crashes()).isEqualTo(1);
        }

        @Test
        void aCheckpointSurvivesACrash() throws IOException {
            accept("a", "x");
            Claim claim = claimOne();
            store.checkpoint(
                    claim,
                    new Progress(
                            claim.execution().events(List.of(Samples.event("1"))),
                            Optional.of("c"),
                            Optional.of(timer("a", clock.instant().plusSeconds(5)))));

            store = crash();

            assertThat(store.cursor(A)).contains("c");
            assertThat(store.nextDue()).contains(clock.instant().plusSeconds(5));
            assertThat(claimOne().execution().events()).contains(List.of(Samples.event("1")));
        }

        @Test
        void deliveriesAreRememberedUntilTheirWindowEnds() throws IOException {
            AcceptTerms terms = AcceptTerms.ANY.dedup("d", Duration.ofMinutes(5));
            Execution first = ((AcceptResult.Stored) store.accept(execution("a", 1, "1"), terms)).execution();

            store = crash();
            assertThat(store.accept(execution("a", 2, "2"), terms)).isEqualTo(new AcceptResult.Duplicate(first.key()));
            clock.turn(Duration.ofMinutes(5));
            store = reopen(store);
            assertThat(store.accept(execution("a", 2, "2"), terms)).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void idempotencyKeysOutliveACrashUntilTheirWindowEnds() throws IOException {
            Duration window = Duration.ofMinutes(5);
            ExecutionKey first = execution("a", 1, "x").key();
            ExecutionKey second = execution("b", 2, "x").key();
            ExecutionKey third = execution("c", 3, "x").key();
            store.firstToDo("scope app", "push", first, window, Optional.empty());
            store.firstToDo("scope app", "push", second, window, Optional.of(first));

            store = crash();

            assertThat(store.firstToDo("scope app", "push", third, window, Optional.empty()))
                    .isEqualTo(second);
            clock.turn(window);
            store = reopen(store);
            assertThat(store.firstToDo("scope app", "push", third, window, Optional.empty()))
                    .isEqualTo(third);
        }

        @Test
        void idempotencyKeysThatHaveExpiredLeaveTheFile() {
            Duration window = Duration.ofMinutes(5);
            for (int i = 1; i <= 50; i++) {
                store.firstToDo("s", "push " + i, execution("a", i, "x").key(), window, Optional.empty());
            }
            clock.turn(window);
            for (int i = 51; i <= 70; i++) {
                store.firstToDo("s", "push " + i, execution("a", i, "x").key(), window, Optional.empty());
            }

            store.close();

            try (DataDirectory taken = DataDirectory.take(Disk.REAL, directory())) {
                DataFile file = DataFile.open(taken);
                assertThat(file.map(Kind.IDEMPOTENCY_KEY)).hasSize(20);
                file.abandon();
            }
            store = open();
        }

        @Test
        void whatWasRemovedStaysRemoved() throws IOException {
            accept("a", "x");
            store.accept(
                    execution("a", 1, "x"),
                    new AcceptTerms(Optional.of("d"), Duration.ofMinutes(5), 10, Optional.of("c")));
            store.removeTask(A);

            store = crash();

            assertThat(store.task(A)).isEmpty();
            store.putTask(task("a"), Optional.empty());
            assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.accept(execution("a", 1, "x"), AcceptTerms.ANY.dedup("d", Duration.ofMinutes(5))))
                    .isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void bodiesThatAreNotInMemoryAreReadFromTheFile() {
            store.close();
            store = LocalStores.open(directory(), clock, new LocalOptions(0, 0, 1024));
            List<String> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                accept("a", i + "x".repeat(5000));
                all.add(i + "x".repeat(5000));
            }

            assertThat(bodies(store.claim(100, 100, LEASE))).isEqualTo(all);
        }
    }

    @Nested
    class ADirectoryOfAVersionWithoutSwitches {
        /** Takes away what that version did not have. */
        private void removeSwitches() {
            store.close();
            try (MVStore file = MVStore.open("nio:" + directory().resolve(DataDirectory.DATA))) {
                assertThat(file.hasMap(Kind.SWITCH.mapName())).isTrue();
                file.removeMap(Kind.SWITCH.mapName());
            }
        }

        @Test
        void opensAndCanBeSwitched() {
            accept("a", "x");
            removeSwitches();

            store = open();
            assertThat(store.isMaintenance()).isFalse();
            store.setMaintenance(true);
            store = reopen(store);

            assertThat(store.isMaintenance()).isTrue();
            assertThat(store.counts(A).queued()).isEqualTo(1);
        }

        @Test
        void canBeRepaired() {
            accept("a", "x");
            removeSwitches();

            RepairReport report = LocalStores.repair(directory());

            assertThat(report.lost()).isZero();
            store = open();
            assertThat(store.counts(A).queued()).isEqualTo(1);
        }
    }

    @Test
    void maintenanceOutlivesACrashAndARepair() throws IOException {
        store.setMaintenance(true);
        copies++;
        copy(temp.resolve("data0"), directory());
        store.close();
        store = open();
        assertThat(store.isMaintenance()).isTrue();
        store.close();

        LocalStores.repair(directory());

        store = open();
        assertThat(store.isMaintenance()).isTrue();
    }

    @Nested
    class TheFile {
        @Test
        void doesNotGrowWhenWhatCameGoesAgain() throws IOException {
            long early = 0;
            for (int round = 0; round < 60; round++) {
                for (int i = 0; i < 10; i++) {
                    accept("a", "x".repeat(20_000));
                }
                for (Claim claim : store.claim(10, 100, LEASE)) {
                    store.settle(claim, Settlement.done(claim.execution()));
                }
                store.clean(A, 2, 2);
                if (round == 15) {
                    early = Files.size(directory().resolve(DataDirectory.DATA));
                }
            }

            assertThat(Files.size(directory().resolve(DataDirectory.DATA))).isLessThan(2 * early + (1 << 20));
        }

        @Test
        void belongsToItsOwnerAlone() throws IOException {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                    .isEqualTo("rwx------");
            try (var files = Files.list(directory())) {
                assertThat(files.toList())
                        .hasSize(3)
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }

        @Test
        void isForOneStoreAtATime() {
            assertThatThrownBy(LocalTaskStoreTest.this::open)
                    .isInstanceOf(StoreLockedException.class)
                    .hasMessageContaining(directory().toString());
            accept("a", "the first one is not disturbed");
        }
    }

    @Nested
    class AFullDisk {
        @Test
        void takesNoNewWorkButEndsTheOld() {
            accept("a", "1");
            accept("a", "2");
            store.close();
            store = LocalStores.open(directory(), clock, LocalOptions.DEFAULT.minFreeBytes(Long.MAX_VALUE));

            assertThatThrownBy(() -> accept("a", "3"))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.isFull()).isTrue());
            assertThatThrownBy(() -> store.putTask(task("c"), Optional.empty()))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.isFull()).isTrue());
            Claim claim = claimOne();
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();
            assertThat(store.problem().orElseThrow()).contains("nearly full");
        }
    }
}
