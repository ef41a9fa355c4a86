package org.cdshooks.runtime.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.RevisionMarks;
import org.cdshooks.runtime.task.StopMode;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What {@link TaskStore} promises, for every implementation. A store is given with a clock that stands; after each test
 * its counts must agree with what can be listed.
 */
public abstract class TaskStoreContract {
    protected static final Duration LEASE = Duration.ofSeconds(10);
    protected static final TaskId A = new TaskId("a");
    protected static final TaskId B = new TaskId("b");

    protected final TurnedClock clock = new TurnedClock();
    protected TaskStore store;

    /** Opens an empty store whose time is {@link #clock}. */
    protected abstract TaskStore open() throws Exception;

    /** Closes the store and opens it again with all that outlives a store; one that keeps nothing is returned as it is. */
    protected abstract TaskStore reopen(TaskStore opened) throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        store = open();
        store.putTask(task("a"), Optional.empty());
        store.putTask(task("b"), Optional.empty());
    }

    @AfterEach
    void closeStore() {
        try {
            assertCountsAreTrue();
        } finally {
            store.close();
        }
    }

    protected final void assertCountsAreTrue() {
        long waiting = 0;
        long queued = 0;
        long doing = 0;
        long failed = 0;
        List<TaskRecord> tasks = store.tasks(Optional.empty(), 1000);
        for (TaskRecord each : tasks) {
            List<Execution> all = store.executions(each.id(), Long.MAX_VALUE, 100_000);
            TaskCounts counts = store.counts(each.id());
            assertThat(counts)
                    .isEqualTo(new TaskCounts(
                            all.size(),
                            count(all, ExecutionStatus.SCHEDULED),
                            count(all, ExecutionStatus.ENQUEUED),
                            count(all, ExecutionStatus.DOING),
                            count(all, ExecutionStatus.FAILED)));
            waiting += counts.waiting();
            queued += counts.queued();
            doing += counts.doing();
            failed += counts.failed();
        }
        assertThat(store.counts())
                .isEqualTo(new StoreCounts(
                        tasks.size(),
                        waiting,
                        queued,
                        doing,
                        failed,
                        tasks.stream()
                                .filter(each -> store.pausedUntil(each.id()).isPresent())
                                .count(),
                        store.counts().refused()));
    }

    private static int count(List<Execution> all, ExecutionStatus status) {
        return (int) all.stream().filter(each -> each.status() == status).count();
    }

    protected final Execution accept(String task, String body) {
        return accepted(execution(task, clock.nanos(), body));
    }

    protected final Execution accepted(Execution execution) {
        return ((AcceptResult.Stored) store.accept(execution, AcceptTerms.ANY)).execution();
    }

    protected final Claim claimOne() {
        List<Claim> claims = store.claim(1, 100, LEASE);
        assertThat(claims).hasSize(1);
        return claims.getFirst();
    }

    protected final ExecutionStatus status(ExecutionKey key) {
        return store.execution(key).orElseThrow().status();
    }

    protected final List<String> bodies(List<Claim> claims) {
        return claims.stream().map(claim -> claim.execution().payload().text()).toList();
    }

    private static void expectGrowth(AtomicInteger told, int before) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (told.get() == before && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(told.get()).isGreaterThan(before);
    }

    private Instant in(long seconds) {
        return clock.instant().plusSeconds(seconds);
    }

    @Nested
    class PuttingTasks {
        @Test
        void aNewTaskGetsRevisionAndTime() {
            TaskRecord stored = store.putTask(task("c"), Optional.empty());

            assertThat(stored.revision()).isPositive();
            assertThat(stored.createdAt()).isEqualTo(clock.nanos());
            assertThat(store.task(new TaskId("c"))).contains(stored);
        }

        @Test
        void aChangeKeepsTheTimeAndRaisesTheRevision() {
            TaskRecord before = store.task(A).orElseThrow();
            clock.turn(Duration.ofSeconds(5));

            TaskRecord after = store.putTask(task("a").with("x", ConfigValue.added("ü€😀")), Optional.empty());

            assertThat(after.revision()).isGreaterThan(before.revision());
            assertThat(after.createdAt()).isEqualTo(before.createdAt());
            assertThat(store.task(A)).contains(after);
        }

        @Test
        void executionsStay() {
            Execution execution = accept("a", "x");

            store.putTask(task("a").stopped("why"), Optional.empty());

            assertThat(status(execution.key())).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(store.task(A).orElseThrow().stopReason()).isEqualTo("why");
        }

        /** Defect B12 of CDS. */
        @Test
        void theWaitingTimerIsReplaced() {
            store.putTask(task("a"), Optional.of(timer("a", in(10))));
            store.putTask(task("a"), Optional.of(timer("a", in(20))));

            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
            assertThat(store.nextDue()).contains(in(20));
        }

        @Test
        void theWaitingTimerGoesIfNoneIsGiven() {
            store.putTask(task("a"), Optional.of(timer("a", in(10))));
            store.putTask(task("a"), Optional.empty());

            assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void aTimerThatRangStaysQueued() {
            Due due = timer("a", in(0));
            store.putTask(task("a"), Optional.of(due));
            store.ring(new Ring(
                    due.execution().key(),
                    new Ring.Fate.Run(Optional.empty()),
                    List.of(),
                    Optional.of(timer("a", in(60)))));

            store.putTask(task("a"), Optional.empty());

            assertThat(status(due.execution().key())).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(store.counts(A).waiting()).isZero();
        }

        @Test
        void aRetryStays() {
            Execution execution = accept("a", "x");
            Claim claim = claimOne();
            store.settle(claim, new Settlement.Retry(claim.execution().failed("no"), in(30)));

            store.putTask(task("a"), Optional.of(timer("a", in(60))));

            assertThat(status(execution.key())).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(store.counts(A).waiting()).isEqualTo(2);
        }
    }

    @Nested
    class ReadingTasks {
        @Test
        void anUnknownTaskIsNotThere() {
            assertThat(store.task(new TaskId("nobody"))).isEmpty();
            assertThat(store.cursor(new TaskId("nobody"))).isEmpty();
            assertThat(store.counts(new TaskId("nobody"))).isEqualTo(TaskCounts.NONE);
            assertThat(store.executions(new TaskId("nobody"), Long.MAX_VALUE, 10))
                    .isEmpty();
        }

        @Test
        void pagesAreOldestFirst() {
            for (String id : List.of("z", "y", "x")) {
                clock.turn(Duration.ofNanos(1));
                store.putTask(task(id), Optional.empty());
            }

            List<String> seen = new ArrayList<>();
            Optional<TaskId> after = Optional.empty();
            while (true) {
                List<TaskRecord> page = store.tasks(after, 2);
                page.forEach(each -> seen.add(each.id().value()));
                if (page.size() < 2) {
                    break;
                }
                after = Optional.of(page.getLast().id());
            }

            assertThat(seen.subList(2, 5)).containsExactly("z", "y", "x");
            assertThat(seen.subList(0, 2)).containsExactlyInAnyOrder("a", "b");
        }

        @Test
        void aPageAfterAnUnknownTaskIsEmpty() {
            assertThat(store.tasks(Optional.of(new TaskId("nobody")), 10)).isEmpty();
        }

        /** Defect D12 of CDS. */
        @Test
        void aChangedTaskKeepsItsPlace() {
            store.putTask(task("a").with("k", ConfigValue.of("v")), Optional.empty());

            assertThat(store.tasks(Optional.empty(), 10)).hasSize(2);
        }
    }

    @Nested
    class Revisions {
        private TaskRecord put(TaskRecord task) {
            clock.turn(Duration.ofSeconds(1));
            return store.replaceTask(store.task(task.id()), task, Optional.empty())
                    .orElseThrow();
        }

        private TaskRecord method(String method) {
            return task("a").with("method", ConfigValue.of(method));
        }

        private static List<String> methods(List<TaskRevision> revisions) {
            return revisions.stream()
                    .map(each -> each.task().config().get("method").value())
                    .toList();
        }

        @Test
        void aNewTaskHasOne() {
            TaskRecord stored = store.task(A).orElseThrow();

            assertThat(store.revisions(A))
                    .containsExactly(new TaskRevision(stored, TaskRevision.OPEN, stored.createdAt()));
            assertThat(store.revision(A, stored.revision()))
                    .hasValue(new TaskRevision(stored, TaskRevision.OPEN, stored.createdAt()));
        }

        @Test
        void eachChangeIsKeptWithItsTime() throws Exception {
            TaskRecord first = store.task(A).orElseThrow();
            TaskRecord second = put(method("PUT"));
            long changedAt = clock.nanos();
            TaskRecord third = put(method("PUT").stopped("gone"));
            store = reopen(store);

            assertThat(store.revisions(A))
                    .containsExactly(
                            new TaskRevision(third, TaskRevision.OPEN, clock.nanos()),
                            new TaskRevision(second, third.revision(), changedAt),
                            new TaskRevision(first, second.revision(), first.createdAt()));
        }

        @Test
        void aRevisionIsFoundByEachNumberForWhichItHolds() {
            TaskRecord first = store.task(A).orElseThrow();
            TaskRecord silent = put(task("a").silentIn("x"));
            TaskRecord changed = put(method("PUT"));

            assertThat(store.revision(A, first.revision()).orElseThrow().task().config())
                    .isEqualTo(first.config());
            assertThat(store.revision(A, silent.revision()).orElseThrow().number())
                    .isEqualTo(first.revision());
            assertThat(store.revision(A, changed.revision())
                            .orElseThrow()
                            .task()
                            .config())
                    .isEqualTo(changed.config());
            assertThat(store.revision(A, changed.revision()).orElseThrow().isNewest())
                    .isTrue();
            assertThat(store.revision(A, first.revision() - 1)).isEmpty();
            assertThat(store.revision(A, changed.revision() + 1)).isEmpty();
        }

        @Test
        void whatNobodyCanSeeMakesNone() {
            List<TaskRevision> before = store.revisions(A);

            put(task("a").silentIn("x"));
            put(task("a"));
            store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(10))));

            assertThat(store.revisions(A)).hasSize(1);
            assertThat(store.revisions(A).getFirst().number())
                    .isEqualTo(before.getFirst().number());
            assertThat(store.revisions(A).getFirst().changedAt())
                    .isEqualTo(before.getFirst().changedAt());
        }

        @Test
        void whetherAndHowATaskIsStoppedCanBeSeen() {
            put(task("a").stopped(""));
            put(task("a").stopped("gone"));
            put(task("a").disabled(false));
            put(task("a").disabled(true));
            put(TaskRecord.of(A, "Other", task("a").config()));

            assertThat(store.revisions(A)).hasSize(6);
            assertThat(store.revisions(A).get(1).task().stopMode()).isEqualTo(StopMode.DRAIN);
            assertThat(store.revisions(A).getFirst().task().type()).isEqualTo("Other");
        }

        @Test
        void thePutThatComesTwiceMakesOne() {
            store.putTask(method("PUT"), Optional.empty());
            store.putTask(method("PUT"), Optional.empty());

            assertThat(methods(store.revisions(A))).containsExactly("PUT", "POST");
        }

        @Test
        void whoComesTooLateMakesNone() {
            Optional<TaskRecord> seen = store.task(A);
            store.replaceTask(seen, method("PUT"), Optional.empty());

            assertThat(store.replaceTask(seen, method("GET"), Optional.empty())).isEmpty();

            assertThat(methods(store.revisions(A))).containsExactly("PUT", "POST");
        }

        @Test
        void theLastOnesAreKept() throws Exception {
            TaskRecord first = store.task(A).orElseThrow();
            for (int i = 1; i <= 30; i++) {
                put(method("m" + i));
            }
            store = reopen(store);
            put(method("m31"));

            List<TaskRevision> kept = store.revisions(A);
            assertThat(kept).hasSize(TaskStore.KEPT_REVISIONS);
            assertThat(methods(kept)).startsWith("m31", "m30").endsWith("m12");
            assertThat(store.revision(A, first.revision())).isEmpty();
            assertThat(store.revision(A, kept.getLast().number() - 1)).isEmpty();
            assertThat(store.revision(A, kept.getLast().number())).contains(kept.getLast());
        }

        @Test
        void theyGoWithTheTask() throws Exception {
            long number = store.task(A).orElseThrow().revision();
            put(method("PUT"));

            store.removeTask(A);

            assertThat(store.revisions(A)).isEmpty();
            assertThat(store.revision(A, number)).isEmpty();
            store.putTask(method("GET"), Optional.empty());
            store = reopen(store);
            assertThat(methods(store.revisions(A))).containsExactly("GET");
            assertThat(store.revision(A, number)).isEmpty();
        }

        @Test
        void aTaskThatIsNotThereHasNone() {
            assertThat(store.revisions(new TaskId("nope"))).isEmpty();
            assertThat(store.revision(new TaskId("nope"), 1)).isEmpty();
        }

        @Test
        void aTimerIsAcceptedUnderTheRevisionThatItRingsFor() throws Exception {
            Due due = timer("a", clock.instant().plusSeconds(10));
            TaskRecord task = store.putTask(task("a"), Optional.of(due));
            clock.turn(Duration.ofSeconds(10));

            store.ring(new Ring(
                    due.execution().key(),
                    new Ring.Fate.Run(Optional.empty()),
                    List.of(),
                    Optional.empty(),
                    task.revision()));
            store = reopen(store);

            assertThat(store.claim(1, 1, LEASE)
                            .getFirst()
                            .execution()
                            .marks()
                            .revisions()
                            .accepted())
                    .isEqualTo(task.revision());
        }

        @Test
        void aTimerThatIsSkippedTellsTheRevisionAsWell() {
            Due due = timer("a", clock.instant().plusSeconds(10));
            TaskRecord task = store.putTask(task("a"), Optional.of(due));
            clock.turn(Duration.ofSeconds(10));

            store.ring(new Ring(
                    due.execution().key(),
                    new Ring.Fate.Record("missed", Optional.empty()),
                    List.of(),
                    Optional.empty(),
                    task.revision()));

            assertThat(store.execution(due.execution().key())
                            .orElseThrow()
                            .marks()
                            .revisions()
                            .accepted())
                    .isEqualTo(task.revision());
        }

        @Test
        void underWhichConfigAReplayRunsIsKeptWithIt() throws Exception {
            accepted(execution("a", clock.nanos(), "x").acceptedUnder(7));
            Claim claim = store.claim(1, 1, LEASE).getFirst();
            store.settle(claim, new Settlement.Failed(claim.execution().executedUnder(8)));

            store.replay(claim.key(), ReplayConfig.THEN);
            store = reopen(store);

            assertThat(store.execution(claim.key()).orElseThrow().marks().revisions())
                    .isEqualTo(new RevisionMarks(7, 8, ReplayConfig.THEN));
            Claim again = store.claim(1, 1, LEASE).getFirst();
            store.settle(again, new Settlement.Failed(again.execution()));
            assertThat(store.replay(claim.key())
                            .orElseThrow()
                            .marks()
                            .revisions()
                            .config())
                    .isEqualTo(ReplayConfig.NOW);
        }
    }

    @Nested
    class RemovingTasks {
        @Test
        void everythingOfItGoes() {
            store.putTask(task("a"), Optional.of(timer("a", in(5))));
            store.accept(
                    execution("a", 1, "x"),
                    new AcceptTerms(Optional.of("d"), Duration.ofMinutes(5), 10, Optional.of("cursor")));

            assertThat(store.removeTask(A)).isTrue();

            assertThat(store.task(A)).isEmpty();
            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
            assertThat(store.execution(A, 1)).isEmpty();
            assertThat(store.nextDue()).isEmpty();
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
        }

        /** Defect D11 of CDS: the type is part of an execution's key. */
        @Test
        void itsExecutionsUnderAnotherTypeThanItsOwnGoToo() {
            accepted(execution("a", 7, "x"));
            store.putTask(TaskRecord.of(A, "Other", Map.of()), Optional.empty());

            assertThat(store.removeTask(A)).isTrue();
            store.putTask(task("a"), Optional.empty());

            assertThat(store.execution(A, 7)).isEmpty();
            assertThat(store.execution(execution("a", 7, "x").key())).isEmpty();
            assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
        }

        @Test
        void twiceIsOnce() {
            assertThat(store.removeTask(A)).isTrue();
            assertThat(store.removeTask(A)).isFalse();
        }

        @Test
        void workUnderWayIsRefused() {
            accept("a", "x");
            Claim claim = claimOne();

            store.removeTask(A);

            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
            assertThat(store.counts().refused()).isEqualTo(1);
            assertThat(store.counts().doing()).isZero();
            assertThat(store.nextLeaseEnd()).isEmpty();
        }

        @Test
        void aTaskMadeAnewRemembersNothing() {
            AcceptTerms terms = new AcceptTerms(Optional.of("d"), Duration.ofMinutes(5), 10, Optional.of("cursor"));
            store.accept(execution("a", 1, "x"), terms);
            Claim claim = claimOne();
            store.removeTask(A);

            store.putTask(task("a"), Optional.empty());

            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.accept(execution("a", 1, "y"), terms)).isInstanceOf(AcceptResult.Stored.class);
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("y");
        }

        @Test
        void aTaskMadeAnewAfterARestartGetsARevisionThatItNeverHad() throws Exception {
            TaskRecord before = store.putTask(task("c"), Optional.empty());
            store.removeTask(before.id());

            store = reopen(store);

            assertThat(store.putTask(task("c"), Optional.empty()).revision()).isGreaterThan(before.revision());
        }
    }

    @Nested
    class Accepting {
        @Test
        void whatWasAcceptedIsQueuedAsItCame() {
            Execution execution = execution("a", 42, "körper\0€😀");

            Execution stored = accepted(execution);

            assertThat(stored.status()).isEqualTo(ExecutionStatus.ENQUEUED);
            Execution read = store.execution(stored.key()).orElseThrow();
            assertThat(read.payload().text()).isEqualTo("körper\0€😀");
            assertThat(read.payload().attributes()).containsEntry("x-n", List.of("1", "2"));
            assertThat(read.config()).isEqualTo(execution.config());
            assertThat(read.trigger()).isEqualTo("http");
            assertThat(read.status()).isEqualTo(ExecutionStatus.ENQUEUED);
        }

        @Test
        void aTakenTimestampMovesToTheNextFreeOne() {
            assertThat(accepted(execution("a", 42, "1")).key().timestamp()).isEqualTo(42);
            assertThat(accepted(execution("a", 42, "2")).key().timestamp()).isEqualTo(43);
            assertThat(accepted(execution("a", 42, "3")).key().timestamp()).isEqualTo(44);
            assertThat(accepted(execution("b", 42, "4")).key().timestamp()).isEqualTo(42);
            assertThat(store.execution(A, 43).orElseThrow().payload().text()).isEqualTo("2");
            assertThat(store.execution(A, 43).orElseThrow().key().timestamp()).isEqualTo(43);
        }

        @Test
        void anUnknownTaskAcceptsNothing() {
            assertThat(store.accept(execution("nobody", 1, "x"), AcceptTerms.ANY))
                    .isEqualTo(new AcceptResult.NoSuchTask());
        }

        @Test
        void aFullTaskAcceptsNothingMore() {
            AcceptTerms two = new AcceptTerms(Optional.empty(), Duration.ZERO, 2, Optional.of("c"));
            store.accept(execution("a", 1, "1"), two);
            store.accept(execution("a", 2, "2"), two);

            assertThat(store.accept(execution("a", 3, "3"), two)).isEqualTo(new AcceptResult.Overloaded(2));
            assertThat(store.accept(execution("b", 3, "3"), two)).isInstanceOf(AcceptResult.Stored.class);

            Claim claim = claimOne();
            store.settle(claim, Settlement.done(claim.execution()));
            assertThat(store.accept(execution("a", 3, "3"), two)).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void theCursorIsStoredWithIt() {
            store.accept(
                    execution("a", 1, "1"), new AcceptTerms(Optional.empty(), Duration.ZERO, 10, Optional.of("é1")));

            assertThat(store.cursor(A)).contains("é1");
            assertThat(store.cursor(B)).isEmpty();
        }

        @Test
        void theCursorStaysIfNoneIsGiven() {
            store.accept(
                    execution("a", 1, "1"), new AcceptTerms(Optional.empty(), Duration.ZERO, 10, Optional.of("1")));
            accept("a", "2");

            assertThat(store.cursor(A)).contains("1");
        }

        @Test
        void theSameDeliveryMakesOneExecution() {
            AcceptTerms terms = AcceptTerms.ANY.dedup("delivery", Duration.ofMinutes(5));
            Execution first = ((AcceptResult.Stored) store.accept(execution("a", 1, "1"), terms)).execution();

            assertThat(store.accept(execution("a", 2, "2"), terms)).isEqualTo(new AcceptResult.Duplicate(first.key()));
            assertThat(store.accept(execution("b", 2, "2"), terms)).isInstanceOf(AcceptResult.Stored.class);
            assertThat(store.counts(A).total()).isEqualTo(1);
        }

        @Test
        void aDeliveryIsForgottenWhenItsWindowEnds() {
            AcceptTerms terms = AcceptTerms.ANY.dedup("delivery", Duration.ofMinutes(5));
            store.accept(execution("a", 1, "1"), terms);

            clock.turn(Duration.ofMinutes(5).minusNanos(1));
            assertThat(store.accept(execution("a", 2, "2"), terms)).isInstanceOf(AcceptResult.Duplicate.class);
            clock.turn(Duration.ofNanos(1));
            assertThat(store.accept(execution("a", 2, "2"), terms)).isInstanceOf(AcceptResult.Stored.class);
            clock.turn(Duration.ofMinutes(5).minusNanos(1));
            assertThat(store.accept(execution("a", 3, "3"), terms))
                    .isEqualTo(new AcceptResult.Duplicate(execution("a", 2, "").key()));
        }

        @Test
        void timestampsCountAsNumbersHoweverManyDigitsTheyHave() {
            for (long timestamp : new long[] {100, 9, 10, 99, 11}) {
                store.accept(execution("a", timestamp, "x"), AcceptTerms.ANY);
            }
            store.accept(execution("a", 9, "taken"), AcceptTerms.ANY);
            store.accept(execution("a", 99, "taken"), AcceptTerms.ANY);

            assertThat(timestamps(Long.MAX_VALUE, 100)).containsExactly(101L, 100L, 99L, 12L, 11L, 10L, 9L);
            assertThat(timestamps(100, 2)).containsExactly(99L, 12L);
            assertThat(timestamps(10, 5)).containsExactly(9L);
        }

        private List<Long> timestamps(long before, int limit) {
            return store.executions(new TaskId("a"), before, limit).stream()
                    .map(execution -> execution.key().timestamp())
                    .toList();
        }

        @Test
        void withoutAWindowADeliveryIsNotRemembered() {
            AcceptTerms terms = AcceptTerms.ANY.dedup("delivery", Duration.ZERO);
            assertThat(store.accept(execution("a", 1, "1"), terms)).isInstanceOf(AcceptResult.Stored.class);
            assertThat(store.accept(execution("a", 2, "2"), terms)).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void aDeliveryIsRememberedLongerThanItsExecution() {
            AcceptTerms terms = AcceptTerms.ANY.dedup("delivery", Duration.ofMinutes(5));
            Execution first = ((AcceptResult.Stored) store.accept(execution("a", 1, "1"), terms)).execution();
            store.removeExecutions(A);

            assertThat(store.accept(execution("a", 2, "2"), terms)).isEqualTo(new AcceptResult.Duplicate(first.key()));
        }

        @Test
        void aRefusedDeliveryIsNotRemembered() {
            AcceptTerms none = new AcceptTerms(Optional.of("d"), Duration.ofMinutes(5), 0, Optional.of("c"));
            assertThat(store.accept(execution("a", 1, "1"), none)).isEqualTo(new AcceptResult.Overloaded(0));

            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.accept(execution("a", 1, "1"), AcceptTerms.ANY.dedup("d", Duration.ofMinutes(5))))
                    .isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void manyAtOnceWithOneDeliveryMakeOneExecution() throws Exception {
            AcceptTerms terms = AcceptTerms.ANY.dedup("delivery", Duration.ofMinutes(5));
            AtomicInteger stored = new AtomicInteger();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    all.add(threads.submit(() -> {
                        if (store.accept(execution("a", 7, "x"), terms) instanceof AcceptResult.Stored) {
                            stored.incrementAndGet();
                        }
                    }));
                }
                for (Future<?> each : all) {
                    each.get(30, SECONDS);
                }
            }

            assertThat(stored).hasValue(1);
            assertThat(store.counts(A).total()).isEqualTo(1);
        }

        /** Defect A6 of CDS. */
        @Test
        void manyAtOnceAllGetTheirOwnTimestamp() throws Exception {
            Set<Long> timestamps = ConcurrentHashMap.newKeySet();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    all.add(threads.submit(
                            () -> timestamps.add(accept("a", "x").key().timestamp())));
                }
                for (Future<?> each : all) {
                    each.get(30, SECONDS);
                }
            }

            assertThat(timestamps).hasSize(200);
            assertThat(store.counts(A).queued()).isEqualTo(200);
        }

        @Test
        void anInterruptDoesNoHarm() throws Exception {
            AtomicBoolean stillInterrupted = new AtomicBoolean();
            Thread thread = Thread.ofVirtual().start(() -> {
                Thread.currentThread().interrupt();
                accept("a", "x");
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
            thread.join(30_000);

            assertThat(stillInterrupted).isTrue();
            assertThat(store.counts(A).queued()).isEqualTo(1);
            accept("a", "the store still works");
        }
    }

    @Nested
    class Timers {
        private final Due due = timer("a", clock.instant().plusSeconds(10));
        private final ExecutionKey key = due.execution().key();

        private RingResult ring(Ring.Fate fate, List<Execution> catchUp) {
            return store.ring(new Ring(
                    key, fate, catchUp, Optional.of(timer("a", clock.instant().plusSeconds(60)))));
        }

        @BeforeEach
        void putTimer() {
            store.putTask(task("a"), Optional.of(due));
        }

        @Test
        void aTimerIsDueWhenItsTimeHasComeAndNotBefore() {
            assertThat(store.nextDue()).contains(due.due());
            assertThat(store.dueTimers(10)).isEmpty();
            clock.turn(Duration.ofSeconds(10).minusNanos(1));
            assertThat(store.dueTimers(10)).isEmpty();
            clock.turn(Duration.ofNanos(1));

            List<Due> found = store.dueTimers(10);
            assertThat(found).hasSize(1);
            assertThat(found.getFirst().due()).isEqualTo(due.due());
            assertThat(found.getFirst().execution().key()).isEqualTo(key);
            assertThat(found.getFirst().execution().trigger()).isEqualTo("timer");
            assertThat(store.dueTimers(10)).as("asking changes nothing").hasSize(1);
            assertThat(status(key)).isEqualTo(ExecutionStatus.SCHEDULED);
        }

        @Test
        void theEarliestComesFirst() {
            store.putTask(task("b"), Optional.of(timer("b", in(5))));
            store.putTask(task("c"), Optional.of(timer("c", in(7))));
            clock.turn(Duration.ofSeconds(20));

            assertThat(store.dueTimers(2).stream()
                            .map(each -> each.execution().key().task().value()))
                    .containsExactly("b", "c");
        }

        private void putOther(String id, Instant time) {
            TaskRecord task = TaskRecord.of(new TaskId(id), "Other", Map.of());
            Execution run = Execution.of(
                    new ExecutionKey("Other", task.id(), Samples.nanos(time)), "timer", Map.of(), Payload.empty());
            store.putTask(task, Optional.of(new Due(run, time)));
        }

        /** A node asks for what it can ring, and is not held up by what it can't. */
        @Test
        void timersOfOtherTypesAreNotLookedAt() {
            putOther("b", in(5));
            putOther("c", in(6));
            assertThat(store.timersBeside(Set.of(Samples.TYPE))).isEqualTo(2);
            assertThat(store.timersBeside(Set.of("Other"))).isEqualTo(1);
            assertThat(store.timersBeside(Set.of())).isEqualTo(3);
            assertThat(store.nextTimes(Set.of(Samples.TYPE)).due()).contains(due.due());
            assertThat(store.nextTimes(Set.of("Other", Samples.TYPE)).due()).contains(in(5));
            assertThat(store.nextTimes(Set.of("Nobody")).due()).isEmpty();
            clock.turn(Duration.ofSeconds(20));

            assertThat(store.dueTimers(Set.of(Samples.TYPE), 10))
                    .extracting(each -> each.execution().key())
                    .containsExactly(key);
            assertThat(store.dueTimers(Set.of("Other"), 1))
                    .extracting(each -> each.execution().key().task().value())
                    .containsExactly("b");
            assertThat(store.dueTimers(Set.of("Other", Samples.TYPE), 10)).hasSize(3);
            assertThat(store.dueTimers(Set.of("Nobody"), 10)).isEmpty();
            assertThat(store.dueTimers(Set.of(), 10)).isEmpty();
        }

        @Test
        void timersOfOtherTypesAreStillThereAfterARestart() throws Exception {
            putOther("b", in(5));
            store = reopen(store);
            clock.turn(Duration.ofSeconds(20));

            assertThat(store.dueTimers(Set.of("Other"), 10)).hasSize(1);
        }

        @Test
        void manyTimersOfOneTypeDoNotHideThoseOfAnother() {
            for (int i = 0; i < 20; i++) {
                putOther("o" + i, in(1));
            }
            clock.turn(Duration.ofSeconds(20));

            assertThat(store.dueTimers(Set.of("Other", Samples.TYPE), 4))
                    .hasSizeLessThanOrEqualTo(4)
                    .extracting(each -> each.execution().key())
                    .contains(key);
        }

        @Test
        void aTimerThatIsHeldIsNotDueBeforeThatTime() {
            clock.turn(Duration.ofSeconds(9));
            store.holdTimer(key, Duration.ofSeconds(30));
            assertThat(store.nextDue()).as("only what is due is held").contains(due.due());
            clock.turn(Duration.ofSeconds(1));
            store.holdTimer(key, Duration.ofSeconds(30));

            assertThat(store.dueTimers(10)).isEmpty();
            assertThat(store.nextDue()).contains(in(30));
            clock.turn(Duration.ofSeconds(30));
            assertThat(store.dueTimers(10)).hasSize(1);
            assertThat(ring(new Ring.Fate.Run(Optional.empty()), List.of())).isEqualTo(RingResult.RUNG);
        }

        @Test
        void spreadMovesTheRingAndNotTheName() {
            Due spread = new Due(due.execution(), due.due().plusSeconds(3));
            store.putTask(task("a"), Optional.of(spread));
            clock.turn(Duration.ofSeconds(13));

            assertThat(store.dueTimers(1).getFirst().due()).isEqualTo(spread.due());
            assertThat(store.dueTimers(1).getFirst().execution().key()).isEqualTo(key);
        }

        /** Defect B3 of CDS. */
        @Test
        void retriesAreNotTimers() {
            accept("b", "x");
            Claim claim = claimOne();
            store.settle(claim, new Settlement.Retry(claim.execution().failed("no"), in(1)));
            clock.turn(Duration.ofSeconds(5));

            assertThat(store.dueTimers(10)).isEmpty();
        }

        @Test
        void aRunIsQueuedAndTheNextWaits() {
            assertThat(ring(new Ring.Fate.Run(Optional.of("busy")), List.of())).isEqualTo(RingResult.RUNG);

            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
            assertThat(store.nextDue()).contains(in(60));
            assertThat(claimOne().key()).isEqualTo(key);
        }

        @Test
        void twiceIsOnce() {
            ring(new Ring.Fate.Run(Optional.empty()), List.of());

            assertThat(ring(new Ring.Fate.Run(Optional.empty()), List.of())).isEqualTo(RingResult.STALE);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
        }

        @Test
        void aReplacedTimerIsStale() {
            store.putTask(task("a"), Optional.of(timer("a", in(11))));
            assertThat(ring(new Ring.Fate.Run(Optional.empty()), List.of())).isEqualTo(RingResult.STALE);
            store.removeTask(A);
            assertThat(ring(new Ring.Fate.Run(Optional.empty()), List.of())).isEqualTo(RingResult.STALE);
        }

        @Test
        void aQueuedExecutionCantRing() {
            Execution execution = accept("b", "x");

            assertThat(store.ring(new Ring(
                            execution.key(), new Ring.Fate.Run(Optional.empty()), List.of(), Optional.empty())))
                    .isEqualTo(RingResult.STALE);
        }

        @Test
        void aBusyTaskSkips() {
            accept("a", "busy");

            assertThat(ring(new Ring.Fate.Run(Optional.of("previous run not finished")), List.of()))
                    .isEqualTo(RingResult.SKIPPED);

            Execution skipped = store.execution(key).orElseThrow();
            assertThat(skipped.status()).isEqualTo(ExecutionStatus.DONE);
            assertThat(skipped.lastError()).isEqualTo("previous run not finished");
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(3, 1, 1, 0, 0));
        }

        @Test
        void aBusyTaskRunsNeverthelessIfRunsMayOverlap() {
            accept("a", "busy");

            assertThat(ring(new Ring.Fate.Run(Optional.empty()), List.of())).isEqualTo(RingResult.RUNG);
            assertThat(status(key)).isEqualTo(ExecutionStatus.ENQUEUED);
        }

        @Test
        void aBusyTaskForgetsARunThatIsMerged() {
            accept("a", "busy");
            List<Execution> missed = List.of(timer("a", in(20)).execution());

            assertThat(ring(new Ring.Fate.Merge(), missed)).isEqualTo(RingResult.MERGED);

            assertThat(store.execution(key)).isEmpty();
            assertThat(store.execution(missed.getFirst().key())).isEmpty();
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
            assertThat(store.nextDue()).contains(clock.instant().plusSeconds(60));
            assertThat(ring(new Ring.Fate.Merge(), List.of())).isEqualTo(RingResult.STALE);
        }

        @Test
        void aRunThatIsMergedRunsIfNothingElseDoes() {
            assertThat(ring(new Ring.Fate.Merge(), List.of())).isEqualTo(RingResult.RUNG);
            assertThat(status(key)).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
        }

        @Test
        void finishedWorkIsNotBusy() {
            accept("a", "x");
            Claim claim = claimOne();
            store.settle(claim, Settlement.done(claim.execution()));

            assertThat(ring(new Ring.Fate.Run(Optional.of("busy")), List.of())).isEqualTo(RingResult.RUNG);
        }

        @Test
        void missedRunsAreQueuedBehindIt() {
            List<Execution> missed =
                    List.of(timer("a", in(20)).execution(), timer("a", in(30)).execution());

            assertThat(ring(new Ring.Fate.Run(Optional.of("busy")), missed)).isEqualTo(RingResult.RUNG);

            assertThat(store.claim(10, 10, LEASE).stream().map(Claim::key))
                    .containsExactly(key, missed.get(0).key(), missed.get(1).key());
        }

        @Test
        void aBusyTaskSkipsMissedRunsToo() {
            accept("a", "busy");
            Execution missed = timer("a", in(20)).execution();

            assertThat(ring(new Ring.Fate.Run(Optional.of("busy")), List.of(missed)))
                    .isEqualTo(RingResult.SKIPPED);

            assertThat(store.execution(missed.key()).orElseThrow().lastError()).isEqualTo("busy");
            assertThat(status(missed.key())).isEqualTo(ExecutionStatus.DONE);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(4, 1, 1, 0, 0));
        }

        @Test
        void aRecordedRunDoesNotRunButMissedOnesDo() {
            Execution missed = timer("a", in(20)).execution();

            assertThat(ring(new Ring.Fate.Record("missed", Optional.of("busy")), List.of(missed)))
                    .isEqualTo(RingResult.RUNG);

            assertThat(store.execution(key).orElseThrow().lastError()).isEqualTo("missed");
            assertThat(status(key)).isEqualTo(ExecutionStatus.DONE);
            assertThat(claimOne().key()).isEqualTo(missed.key());
        }

        @Test
        void aBusyTaskSkipsWhatWasMissedBehindARecordedRun() {
            accept("a", "busy");
            Execution missed = timer("a", in(20)).execution();

            assertThat(ring(new Ring.Fate.Record("missed", Optional.of("busy")), List.of(missed)))
                    .isEqualTo(RingResult.SKIPPED);

            assertThat(store.execution(key).orElseThrow().lastError()).isEqualTo("missed");
            assertThat(store.execution(missed.key()).orElseThrow().lastError()).isEqualTo("busy");
        }

        @Test
        void aScheduleCanEnd() {
            store.ring(new Ring(key, new Ring.Fate.Run(Optional.empty()), List.of(), Optional.empty()));

            assertThat(store.nextDue()).isEmpty();
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 1, 0, 0));
        }
    }

    @Nested
    class Claiming {
        @Test
        void firstComeFirstServedWithinATask() {
            for (int i = 0; i < 5; i++) {
                accept("a", "" + i);
            }

            assertThat(bodies(store.claim(2, 10, LEASE))).containsExactly("0", "1");
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("2", "3", "4");
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
        }

        @Test
        void orderIsThatOfArrivalNotOfTimestamps() {
            accepted(execution("a", 9, "first"));
            accepted(execution("a", 5, "second"));

            assertThat(bodies(store.claim(2, 10, LEASE))).containsExactly("first", "second");
        }

        @Test
        void aClaimIsDoing() {
            Execution execution = accept("a", "x");
            Claim claim = claimOne();

            assertThat(claim.key()).isEqualTo(execution.key());
            assertThat(claim.crashes()).isZero();
            assertThat(claim.execution().status()).isEqualTo(ExecutionStatus.DOING);
            assertThat(claim.execution().payload().text()).isEqualTo("x");
            assertThat(status(execution.key())).isEqualTo(ExecutionStatus.DOING);
            assertThat(store.nextLeaseEnd()).contains(clock.instant().plus(LEASE));
        }

        @Test
        void noTaskWaitsBehindTheQueueOfAnother() {
            for (int i = 0; i < 100; i++) {
                accept("a", "a");
            }
            accept("b", "b");

            assertThat(bodies(store.claim(4, 10, LEASE))).contains("b");
        }

        @Test
        void twoLongQueuesShareTheWorkers() {
            for (int i = 0; i < 50; i++) {
                accept("a", "a");
            }
            for (int i = 0; i < 50; i++) {
                accept("b", "b");
            }

            List<String> order = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                order.addAll(bodies(store.claim(1, 100, LEASE)));
            }
            assertThat(order.stream().filter("a"::equals)).hasSizeBetween(8, 12);
        }

        @Test
        void aTaskHasAsManyLeasesAsItMay() {
            for (int i = 0; i < 5; i++) {
                accept("a", "a" + i);
            }
            accept("b", "b");

            List<Claim> claims = store.claim(10, 2, LEASE);
            assertThat(bodies(claims)).containsExactlyInAnyOrder("a0", "a1", "b");
            assertThat(store.claim(10, 2, LEASE)).isEmpty();

            Claim first = claims.stream()
                    .filter(claim -> claim.key().task().equals(A))
                    .findFirst()
                    .orElseThrow();
            store.settle(first, Settlement.done(first.execution()));
            assertThat(bodies(store.claim(10, 2, LEASE))).containsExactly("a2");
            assertThat(bodies(store.claim(10, 4, LEASE))).containsExactly("a3", "a4");
        }

        @Test
        void nothingIsClaimedIfNothingIsAskedFor() {
            accept("a", "x");

            assertThat(store.claim(0, 10, LEASE)).isEmpty();
        }

        /** Defects B1 and B2 of CDS. */
        @Test
        void manyWorkersAtOnceGetEachExecutionOnce() throws Exception {
            for (int i = 0; i < 300; i++) {
                accept(i % 3 == 0 ? "b" : "a", "" + i);
            }
            Set<String> seen = ConcurrentHashMap.newKeySet();
            AtomicInteger claimed = new AtomicInteger();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(threads.submit(() -> {
                        for (List<Claim> some = store.claim(3, 1000, LEASE);
                                !some.isEmpty();
                                some = store.claim(3, 1000, LEASE)) {
                            for (Claim claim : some) {
                                claimed.incrementAndGet();
                                seen.add(claim.execution().payload().text());
                                assertThat(store.settle(claim, Settlement.done(claim.execution())))
                                        .isTrue();
                            }
                        }
                    }));
                }
                for (Future<?> each : all) {
                    each.get(60, SECONDS);
                }
            }

            assertThat(claimed).hasValue(300);
            assertThat(seen).hasSize(300);
        }
    }

    @Nested
    class Extending {
        @Test
        void aLeaseIsRenewed() {
            accept("a", "x");
            Claim claim = claimOne();
            clock.turn(Duration.ofSeconds(9));

            assertThat(store.extend(List.of(claim), LEASE)).isEmpty();

            assertThat(store.nextLeaseEnd()).contains(in(10));
            clock.turn(Duration.ofSeconds(9));
            assertThat(store.recover(10)).isZero();
        }

        @Test
        void anExpiredLeaseThatNobodyTookCanBeRenewed() {
            accept("a", "x");
            Claim claim = claimOne();
            clock.turn(Duration.ofSeconds(11));

            assertThat(store.extend(List.of(claim), LEASE)).isEmpty();
            assertThat(store.recover(10)).isZero();
        }

        @Test
        void lostOnesAreReturned() {
            accept("a", "recovered");
            Claim recovered = claimOne();
            clock.turn(Duration.ofSeconds(5));
            accept("a", "aborted");
            Claim aborted = claimOne();
            accept("b", "removed");
            Claim removed = claimOne();
            accept("a", "kept");
            Claim kept = claimOne();
            clock.turn(Duration.ofSeconds(6));
            assertThat(store.recover(10)).isEqualTo(1);
            store.abort(aborted.key(), "stop");
            store.removeTask(B);

            assertThat(store.extend(List.of(recovered, aborted, removed, kept), LEASE))
                    .containsExactlyInAnyOrder(recovered, aborted, removed);
        }
    }

    @Nested
    class Checkpointing {
        @Test
        void whatWasYieldedIsStored() {
            accept("a", "x");
            Claim claim = claimOne();
            Execution progress = claim.execution().begun(5).events(List.of(Samples.event("1"), Samples.event("2")));

            assertThat(store.checkpoint(
                            claim, new Progress(progress, Optional.of("c"), Optional.of(timer("a", in(30))))))
                    .isTrue();

            Execution read = store.execution(claim.key()).orElseThrow();
            assertThat(read.status()).isEqualTo(ExecutionStatus.DOING);
            assertThat(read.events()).contains(List.of(Samples.event("1"), Samples.event("2")));
            assertThat(read.attempt()).isEqualTo(1);
            assertThat(store.cursor(A)).contains("c");
            assertThat(store.nextDue()).contains(in(30));
        }

        @Test
        void itSurvivesALostLease() {
            accept("a", "x");
            Claim claim = claimOne();
            store.checkpoint(
                    claim,
                    new Progress(
                            claim.execution().events(List.of(Samples.event("1"))), Optional.empty(), Optional.empty()));
            clock.turn(LEASE);
            store.recover(1);

            assertThat(claimOne().execution().events()).contains(List.of(Samples.event("1")));
        }

        @Test
        void aLostClaimStoresNothing() {
            accept("a", "x");
            Claim claim = claimOne();
            store.abort(claim.key(), "stop");

            assertThat(store.checkpoint(
                            claim, new Progress(claim.execution(), Optional.of("c"), Optional.of(timer("a", in(30))))))
                    .isFalse();

            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.nextDue()).isEmpty();
            assertThat(status(claim.key())).isEqualTo(ExecutionStatus.FAILED);
        }

        @Test
        void aWaitingTimerStaysIfNoneIsGiven() {
            store.putTask(task("a"), Optional.of(timer("a", in(60))));
            accept("a", "x");
            Claim claim = claimOne();

            store.checkpoint(claim, new Progress(claim.execution(), Optional.empty(), Optional.empty()));

            assertThat(store.nextDue()).contains(in(60));
        }
    }

    @Nested
    class Settling {
        private Claim claim;

        @BeforeEach
        void claimSomething() {
            accept("a", "x");
            claim = claimOne();
        }

        @Test
        void doneIsDone() {
            assertThat(store.settle(claim, Settlement.done(claim.execution().delivered("answer", 7))))
                    .isTrue();

            Execution read = store.execution(claim.key()).orElseThrow();
            assertThat(read.status()).isEqualTo(ExecutionStatus.DONE);
            assertThat(read.run()).isEqualTo(7);
            assertThat(read.answer()).isEqualTo("answer");
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 0, 0, 0));
            assertThat(store.nextLeaseEnd()).isEmpty();
        }

        @Test
        void twiceIsOnce() {
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();
            assertThat(store.settle(
                            claim, new Settlement.Failed(claim.execution().failed("late"))))
                    .isFalse();

            assertThat(status(claim.key())).isEqualTo(ExecutionStatus.DONE);
            assertThat(store.counts().refused()).isEqualTo(1);
        }

        @Test
        void cursorAndTimerAreInTheSameStep() {
            store.putTask(task("a"), Optional.of(timer("a", in(60))));

            store.settle(
                    claim, new Settlement.Done(claim.execution(), Optional.of("c"), Optional.of(timer("a", in(30)))));

            assertThat(store.cursor(A)).contains("c");
            assertThat(store.nextDue()).contains(in(30));
            assertThat(store.counts(A).waiting()).isEqualTo(1);
        }

        @Test
        void failedIsKept() {
            store.settle(claim, new Settlement.Failed(claim.execution().failed("no such project")));

            Execution read = store.execution(claim.key()).orElseThrow();
            assertThat(read.status()).isEqualTo(ExecutionStatus.FAILED);
            assertThat(read.lastError()).isEqualTo("no such project");
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 0, 0, 1));
            assertThat(store.counts().failed()).isEqualTo(1);
        }

        @Test
        void aRetryWaitsAndIsQueuedAgain() {
            store.settle(claim, new Settlement.Retry(claim.execution().failed("no"), in(30)));

            assertThat(status(claim.key())).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(store.nextDue()).contains(in(30));
            clock.turn(Duration.ofSeconds(30).minusNanos(1));
            assertThat(store.promoteRetries(10)).isZero();
            clock.turn(Duration.ofNanos(1));
            assertThat(store.promoteRetries(10)).isEqualTo(1);
            assertThat(store.promoteRetries(10)).isZero();

            Claim again = claimOne();
            assertThat(again.execution().errors()).isEqualTo(1);
            assertThat(again.token()).isNotEqualTo(claim.token());
        }

        @Test
        void retriesAreQueuedEarliestFirstAndNoMoreThanAskedFor() {
            accept("a", "2");
            Claim second = claimOne();
            store.settle(claim, new Settlement.Retry(claim.execution(), in(20)));
            store.settle(second, new Settlement.Retry(second.execution(), in(10)));
            clock.turn(Duration.ofSeconds(30));

            assertThat(store.promoteRetries(1)).isEqualTo(1);
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("2");
        }

        /** Defect B3 of CDS. */
        @Test
        void timersAreNotPromoted() {
            store.putTask(task("b"), Optional.of(timer("b", in(0))));

            assertThat(store.promoteRetries(10)).isZero();
        }

        @Test
        void aStaleTokenIsRefused() {
            clock.turn(LEASE);
            store.recover(1);
            Claim newer = claimOne();

            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
            assertThat(store.checkpoint(claim, new Progress(claim.execution(), Optional.empty(), Optional.empty())))
                    .isFalse();
            store.release(List.of(claim));

            assertThat(status(newer.key())).isEqualTo(ExecutionStatus.DOING);
            assertThat(store.settle(newer, Settlement.done(newer.execution()))).isTrue();
        }

        @Test
        void aLateResultIsWelcomeWhileNobodyElseTookTheWork() {
            clock.turn(LEASE.plusSeconds(5));

            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();
            assertThat(store.recover(10)).isZero();
        }
    }

    @Nested
    class Releasing {
        @Test
        void whatWasNotBegunGoesBackToTheHead() {
            for (int i = 0; i < 4; i++) {
                accept("a", "" + i);
            }
            List<Claim> claims = store.claim(2, 10, LEASE);

            store.release(claims);

            assertThat(store.counts(A)).isEqualTo(new TaskCounts(4, 0, 4, 0, 0));
            List<Claim> again = store.claim(10, 10, LEASE);
            assertThat(bodies(again)).containsExactly("0", "1", "2", "3");
            assertThat(again.getFirst().crashes()).isZero();
            assertThat(again.getFirst().execution().attempt()).isZero();
        }

        @Test
        void twiceIsOnce() {
            accept("a", "x");
            Claim claim = claimOne();
            store.release(List.of(claim));
            store.release(List.of(claim));

            assertThat(store.counts(A).queued()).isEqualTo(1);
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
        }
    }

    @Nested
    class Recovering {
        @Test
        void anExpiredLeaseIsQueuedWithOneCrashMore() {
            accept("a", "x");
            claimOne();
            clock.turn(LEASE.minusNanos(1));
            assertThat(store.recover(10)).isZero();
            clock.turn(Duration.ofNanos(1));

            assertThat(store.recover(10)).isEqualTo(1);
            assertThat(store.recover(10)).isZero();
            assertThat(claimOne().crashes()).isEqualTo(1);
        }

        /** Claims the one execution there is, and lets its node die of it. */
        private void crash() {
            Claim claim = claimOne();
            if (claim.isSuspect()) {
                assertThat(store.setPhase(claim, ClaimPhase.ISOLATED)).isTrue();
            }
            clock.turn(LEASE);
            assertThat(store.recover(10)).isEqualTo(1);
        }

        @Test
        void theThirdCrashFailsAnExecutionThatRanIsolated() {
            Execution execution = accept("a", "x");
            for (int i = 0; i < 3; i++) {
                assertThat(store.execution(execution.key()).orElseThrow().status())
                        .isEqualTo(ExecutionStatus.ENQUEUED);
                crash();
            }

            Execution parked = store.execution(execution.key()).orElseThrow();
            assertThat(parked.status()).isEqualTo(ExecutionStatus.FAILED);
            assertThat(parked.lastError()).contains("3");
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
        }

        @Test
        void anExecutionIsASuspectAfterItsSecondCrash() {
            accept("a", "x");
            crash();
            Claim claim = claimOne();
            assertThat(claim.isSuspect()).isFalse();
            clock.turn(LEASE);
            store.recover(10);

            assertThat(claimOne().isSuspect()).isTrue();
        }

        @Test
        void aCrashSaysNothingOfAnExecutionThatHadNotBegun() {
            for (int i = 0; i < 3; i++) {
                accept("a", Integer.toString(i));
            }
            List<Claim> claims = store.claim(2, 10, LEASE);
            assertThat(store.setPhase(claims.getFirst(), ClaimPhase.HELD)).isTrue();
            clock.turn(LEASE);

            assertThat(store.recover(10)).isEqualTo(2);

            List<Claim> again = store.claim(3, 10, LEASE);
            assertThat(bodies(again)).as("the held one has kept its place").containsExactly("0", "2", "1");
            assertThat(again).extracting(Claim::crashes).containsExactly(0, 0, 1);
        }

        @Test
        void anExecutionThatHasBegunAfterItWasHeldCounts() {
            accept("a", "x");
            Claim claim = claimOne();
            store.setPhase(claim, ClaimPhase.HELD);
            store.setPhase(claim, ClaimPhase.RUNNING);
            clock.turn(LEASE);
            store.recover(10);

            assertThat(claimOne().crashes()).isEqualTo(1);
        }

        @Test
        void aSuspectThatHasNotBegunIsNotFailed() {
            accept("a", "x");
            crash();
            crash();
            for (int i = 0; i < 3; i++) {
                assertThat(claimOne().crashes()).isEqualTo(2);
                clock.turn(LEASE);
                assertThat(store.recover(10)).isEqualTo(1);
            }
        }

        @Test
        void aSuspectThatRanBesideOthersIsNotFailed() {
            accept("a", "x");
            crash();
            crash();
            Claim claim = claimOne();
            assertThat(store.setPhase(claim, ClaimPhase.ISOLATED)).isTrue();
            assertThat(store.setPhase(claim, ClaimPhase.RUNNING)).isTrue();
            clock.turn(LEASE);
            store.recover(10);

            assertThat(claimOne().crashes()).isEqualTo(2);
        }

        @Test
        void aSuspectWhoseIsolatedAttemptHasEndedIsNoneAnyMore() {
            accept("a", "x");
            crash();
            crash();
            Claim claim = claimOne();
            store.setPhase(claim, ClaimPhase.ISOLATED);
            store.settle(claim, new Settlement.Retry(claim.execution().failed("no"), clock.instant()));
            assertThat(store.promoteRetries(10)).isEqualTo(1);

            assertThat(claimOne().crashes()).isZero();
        }

        @Test
        void thePhaseOfALostClaimIsNotNoted() {
            accept("a", "x");
            Claim lost = claimOne();
            clock.turn(LEASE);
            store.recover(10);
            Claim now = claimOne();

            assertThat(store.setPhase(lost, ClaimPhase.HELD)).isFalse();

            clock.turn(LEASE);
            store.recover(10);
            assertThat(claimOne().crashes()).isEqualTo(now.crashes() + 1);
        }

        @Test
        void aCheckpointKeepsThePhase() {
            accept("a", "x");
            Claim claim = claimOne();
            store.setPhase(claim, ClaimPhase.HELD);
            store.checkpoint(
                    claim,
                    new Progress(
                            claim.execution(),
                            Optional.of("c"),
                            Optional.of(timer("a", clock.instant().plusSeconds(900)))));
            clock.turn(LEASE);
            store.recover(10);

            assertThat(claimOne().crashes()).isZero();
        }

        @Test
        void noExecutionThatRanBesideOthersIsFailedHoweverOftenItsNodeDies() {
            for (int i = 0; i < 5; i++) {
                accept("a", "x");
            }
            for (int i = 0; i < 5; i++) {
                List<Claim> claims = store.claim(5, 10, LEASE);
                assertThat(claims).hasSize(5);
                clock.turn(LEASE);
                assertThat(store.recover(10)).isEqualTo(5);
            }

            assertThat(store.counts(A)).isEqualTo(new TaskCounts(5, 0, 5, 0, 0));
        }

        @Test
        void aParkedOneCanBeReplayedAndBeginsAnew() {
            Execution execution = accept("a", "x");
            for (int i = 0; i < 3; i++) {
                crash();
            }

            assertThat(store.replay(execution.key())).isPresent();

            Claim claim = claimOne();
            assertThat(claim.crashes()).isZero();
            assertThat(claim.execution().lastError()).isEmpty();
        }

        @Test
        void noMoreThanAskedFor() {
            for (int i = 0; i < 5; i++) {
                accept("a", "x");
            }
            store.claim(5, 10, LEASE);
            clock.turn(LEASE);

            assertThat(store.recover(2)).isEqualTo(2);
            assertThat(store.recover(10)).isEqualTo(3);
        }
    }

    @Nested
    class Telling {
        private final AtomicInteger told = new AtomicInteger();

        @BeforeEach
        void listen() {
            store.onWork(told::incrementAndGet);
        }

        private void expectTold(Runnable what) {
            int before = told.get();
            what.run();
            expectGrowth(told, before);
        }

        @Test
        void newWork() {
            expectTold(() -> accept("a", "x"));
        }

        @Test
        void anEarlierDueTime() {
            expectTold(() -> store.putTask(task("a"), Optional.of(timer("a", in(60)))));
            expectTold(() -> store.putTask(task("b"), Optional.of(timer("b", in(30)))));
        }

        @Test
        void replayedReleasedAndPromotedWork() {
            Execution execution = accept("a", "x");
            expectTold(() -> store.release(List.of(claimOne())));
            Claim claim = claimOne();
            expectTold(() -> store.settle(claim, new Settlement.Retry(claim.execution(), in(5))));
            clock.turn(Duration.ofSeconds(5));
            expectTold(() -> store.promoteRetries(1));
            Claim again = claimOne();
            store.settle(again, Settlement.done(again.execution()));
            expectTold(() -> store.replay(execution.key()));
        }

        @Test
        void aTaskThatMayHaveALeaseAgain() {
            accept("a", "1");
            accept("a", "2");
            Claim claim = store.claim(5, 1, LEASE).getFirst();
            assertThat(store.claim(5, 1, LEASE)).isEmpty();

            expectTold(() -> store.settle(claim, Settlement.done(claim.execution())));
        }

        @Test
        void aListenerMayUseTheStore() throws Exception {
            CountDownLatch used = new CountDownLatch(1);
            store.onWork(() -> {
                store.counts();
                used.countDown();
            });
            accept("a", "x");

            assertThat(used.await(10, SECONDS)).isTrue();
        }
    }

    @Nested
    class Replaying {
        @Test
        void aFinishedOneRunsAgain() {
            Execution execution = accept("a", "x");
            Claim claim = claimOne();
            store.settle(claim, new Settlement.Failed(claim.execution().begun(1).failed("no")));

            Execution queued = store.replay(execution.key()).orElseThrow();

            assertThat(queued.status()).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(queued.errors()).isZero();
            assertThat(queued.attempt()).isEqualTo(1);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 1, 0, 0));
            assertThat(claimOne().execution().payload().text()).isEqualTo("x");
        }

        @Test
        void anUnfinishedOrUnknownOneDoesNot() {
            Execution execution = accept("a", "x");

            assertThat(store.replay(execution.key())).isEmpty();
            assertThat(store.replay(execution.key().at(5))).isEmpty();
            Claim claim = claimOne();
            assertThat(store.replay(execution.key())).isEmpty();
            store.settle(claim, Settlement.done(claim.execution()));
            assertThat(store.replay(execution.key())).isPresent();
            assertThat(store.replay(execution.key())).as("twice").isEmpty();
        }
    }

    @Nested
    class Aborting {
        @Test
        void aQueuedOneFails() {
            Execution execution = accept("a", "x");

            Execution aborted = store.abort(execution.key(), "stopped by hand").orElseThrow();

            assertThat(aborted.status()).isEqualTo(ExecutionStatus.FAILED);
            assertThat(aborted.lastError()).isEqualTo("stopped by hand");
            assertThat(store.execution(execution.key()).orElseThrow().lastError())
                    .isEqualTo("stopped by hand");
            assertThat(store.claim(1, 1, LEASE)).isEmpty();
        }

        @Test
        void workUnderWayIsRefused() {
            Execution execution = accept("a", "x");
            Claim claim = claimOne();

            assertThat(store.abort(execution.key(), "stop")).isPresent();

            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
            assertThat(status(execution.key())).isEqualTo(ExecutionStatus.FAILED);
            assertThat(store.nextLeaseEnd()).isEmpty();
        }

        @Test
        void aRetryFails() {
            Execution execution = accept("a", "x");
            Claim claim = claimOne();
            store.settle(claim, new Settlement.Retry(claim.execution(), in(5)));

            assertThat(store.abort(execution.key(), "stop")).isPresent();
            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void aFinishedUnknownOrTimedOneDoesNot() {
            Due due = timer("a", in(5));
            store.putTask(task("a"), Optional.of(due));
            Execution execution = accept("a", "x");
            Claim claim = claimOne();
            store.settle(claim, Settlement.done(claim.execution()));

            assertThat(store.abort(execution.key(), "stop")).isEmpty();
            assertThat(store.abort(execution.key().at(5), "stop")).isEmpty();
            assertThat(store.abort(due.execution().key(), "stop")).isEmpty();
        }

        @Test
        void twiceIsOnce() {
            Execution execution = accept("a", "x");

            assertThat(store.abort(execution.key(), "one")).isPresent();
            assertThat(store.abort(execution.key(), "two")).isEmpty();
        }
    }

    @Nested
    class Removing {
        private void finish(int count, boolean well) {
            for (int i = 0; i < count; i++) {
                accept("a", "x");
                Claim claim = claimOne();
                store.settle(
                        claim, well ? Settlement.done(claim.execution()) : new Settlement.Failed(claim.execution()));
            }
        }

        @Test
        void theNewestFinishedOnesStay() {
            finish(5, true);
            finish(4, false);
            Execution queued = accept("a", "x");

            assertThat(store.clean(A, 2, 3)).isEqualTo(4);
            assertThat(store.clean(A, 2, 3)).isZero();

            long first = clock.nanos();
            assertThat(store.executions(A, Long.MAX_VALUE, 100).stream()
                            .map(each -> each.key().timestamp() - first))
                    .containsExactly(9L, 8L, 7L, 6L, 4L, 3L);
            assertThat(status(queued.key())).isEqualTo(ExecutionStatus.ENQUEUED);
        }

        @Test
        void cleaningAnUnknownTaskDoesNothing() {
            assertThat(store.clean(new TaskId("nobody"), 0, 0)).isZero();
            assertThat(store.removeExecutions(new TaskId("nobody"))).isZero();
        }

        @Test
        void allButTheTimerGo() {
            store.putTask(task("a"), Optional.of(timer("a", in(5))));
            finish(2, true);
            accept("a", "doing");
            Claim claim = claimOne();
            accept("a", "queued");

            assertThat(store.removeExecutions(A)).isEqualTo(4);
            assertThat(store.removeExecutions(A)).isZero();

            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isFalse();
        }
    }

    @Nested
    class Agreeing {
        @Test
        void whatWasAgreedOnOnceStays() {
            String agreed = store.agree("hash", "one");

            assertThat(store.agree("hash", agreed)).isEqualTo(agreed);
            assertThat(store.agree("other", "two")).isEqualTo("two");
        }
    }

    @Nested
    class FirstToDo {
        private static final Duration WINDOW = Duration.ofMinutes(5);

        private ExecutionKey asks(String scope, String key, ExecutionKey who) {
            return store.firstToDo(scope, key, who, WINDOW, Optional.empty());
        }

        private static ExecutionKey who(String task, long timestamp) {
            return execution(task, timestamp, "x").key();
        }

        @Test
        void whoComesFirstIsAnsweredTheSameAgain() {
            assertThat(asks("s", "push", who("a", 1))).isEqualTo(who("a", 1));
            assertThat(asks("s", "push", who("b", 2))).isEqualTo(who("a", 1));
            assertThat(asks("s", "push", who("a", 1))).isEqualTo(who("a", 1));
        }

        @Test
        void anotherScopeAndAnotherKeyAreOthers() {
            asks("s", "push", who("a", 1));
            assertThat(asks("t", "push", who("b", 2))).isEqualTo(who("b", 2));
            assertThat(asks("s", "push\n", who("b", 2))).isEqualTo(who("b", 2));
        }

        @Test
        void afterTheWindowItIsForgotten() {
            asks("s", "push", who("a", 1));
            clock.turn(WINDOW.minusMillis(1));
            assertThat(asks("s", "push", who("b", 2))).isEqualTo(who("a", 1));
            clock.turn(Duration.ofMillis(1));
            assertThat(asks("s", "push", who("b", 2))).isEqualTo(who("b", 2));
        }

        @Test
        void aRestartForgetsNothing() throws Exception {
            asks("s", "push", who("a", 1));

            store = reopen(store);

            assertThat(asks("s", "push", who("b", 2))).isEqualTo(who("a", 1));
            clock.turn(WINDOW);
            assertThat(asks("s", "push", who("b", 2))).isEqualTo(who("b", 2));
        }

        @Test
        void itGoesToTheNextInsteadOfWhoHasItAlone() {
            asks("s", "push", who("a", 1));
            Optional<ExecutionKey> other = Optional.of(who("b", 9));
            Optional<ExecutionKey> first = Optional.of(who("a", 1));
            assertThat(store.firstToDo("s", "push", who("b", 2), WINDOW, other)).isEqualTo(who("a", 1));
            assertThat(store.firstToDo("s", "push", who("b", 2), WINDOW, first)).isEqualTo(who("b", 2));
            assertThat(store.firstToDo("s", "push", who("b", 3), WINDOW, first)).isEqualTo(who("b", 2));
        }

        @Test
        void ofFiftyAtOnceOneIsFirst() throws Exception {
            Set<ExecutionKey> firsts = ConcurrentHashMap.newKeySet();
            CountDownLatch all = new CountDownLatch(50);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Boolean>> asking = new ArrayList<>();
                for (int i = 1; i <= 50; i++) {
                    ExecutionKey mine = who("a", i);
                    asking.add(threads.submit(() -> {
                        all.countDown();
                        all.await();
                        return firsts.add(asks("s", "push", mine));
                    }));
                }
                for (Future<Boolean> each : asking) {
                    each.get();
                }
            }
            assertThat(firsts).hasSize(1);
        }
    }

    @Nested
    class Listing {
        /** Defect D12 of CDS. */
        @Test
        void pagesAreNewestFirst() {
            for (int i = 1; i <= 7; i++) {
                accepted(execution("a", i, "" + i));
            }

            List<String> seen = new ArrayList<>();
            long before = Long.MAX_VALUE;
            while (true) {
                List<Execution> page = store.executions(A, before, 3);
                page.forEach(each -> seen.add(each.payload().text()));
                if (page.size() < 3) {
                    break;
                }
                before = page.getLast().key().timestamp();
            }

            assertThat(seen).containsExactly("7", "6", "5", "4", "3", "2", "1");
        }

        @Test
        void anExecutionIsFoundByItsTimestamp() {
            Execution execution = accepted(execution("a", 77, "x"));

            assertThat(store.execution(A, 77).orElseThrow().key()).isEqualTo(execution.key());
            assertThat(store.execution(A, 78)).isEmpty();
            assertThat(store.execution(B, 77)).isEmpty();
        }

        @Test
        void aKeyOfAnotherTypeIsAnotherKey() {
            accepted(execution("a", 77, "x"));

            assertThat(store.execution(new ExecutionKey("Other", A, 77))).isEmpty();
        }

        @Test
        void nothingIsAmissInWords() {
            assertThat(store.problem()).isEmpty();
            assertThat(store.durability()).isNotBlank();
        }
    }

    @Nested
    class ReplacingTasks {
        @Test
        void aTaskThatIsAsItWasSeenIsReplaced() {
            TaskRecord seen = store.task(A).orElseThrow();
            clock.turn(Duration.ofSeconds(5));

            TaskRecord after = store.replaceTask(Optional.of(seen), task("a").stopped("why"), Optional.empty())
                    .orElseThrow();

            assertThat(after.revision()).isGreaterThan(seen.revision());
            assertThat(after.createdAt()).isEqualTo(seen.createdAt());
            assertThat(after.stopReason()).isEqualTo("why");
            assertThat(store.task(A)).contains(after);
        }

        @Test
        void itsTimerIsReplacedInTheSameStep() {
            store.putTask(task("a"), Optional.of(timer("a", in(10))));
            TaskRecord seen = store.task(A).orElseThrow();

            TaskRecord after = store.replaceTask(Optional.of(seen), task("a"), Optional.of(timer("a", in(20))))
                    .orElseThrow();
            assertThat(store.nextDue()).contains(in(20));
            assertThat(store.counts(A).waiting()).isEqualTo(1);

            assertThat(store.replaceTask(Optional.of(after), task("a"), Optional.empty()))
                    .isPresent();
            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void whatExecutedAndWasHeardMeanwhileIsNoChangeOfTheTask() {
            TaskRecord seen = store.task(A).orElseThrow();
            store.accept(
                    execution("a", 1, "x"),
                    new AcceptTerms(Optional.empty(), Duration.ZERO, 10, Optional.of("cursor")));
            claimOne();
            store.listen(A, "n1", LEASE);

            assertThat(store.replaceTask(Optional.of(seen), task("a"), Optional.empty()))
                    .isPresent();
            assertThat(store.cursor(A)).contains("cursor");
            assertThat(store.counts(A).doing()).isEqualTo(1);
        }

        @Test
        void aTaskThatNobodyHasSeenIsMadeIfThereIsNone() {
            TaskRecord made = store.replaceTask(Optional.empty(), task("c"), Optional.of(timer("c", in(10))))
                    .orElseThrow();

            assertThat(made.revision()).isPositive();
            assertThat(made.createdAt()).isEqualTo(clock.nanos());
            assertThat(store.task(new TaskId("c"))).contains(made);
            assertThat(store.nextDue()).contains(in(10));
        }

        @Test
        void aTaskThatHasComeMeanwhileIsNotReplaced() {
            TaskRecord there = store.task(A).orElseThrow();

            assertThat(store.replaceTask(Optional.empty(), task("a").stopped("unseen"), Optional.of(timer("a", in(9)))))
                    .isEmpty();

            assertThat(store.task(A)).contains(there);
            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void aTaskThatHasChangedMeanwhileIsNotReplaced() {
            TaskRecord seen = store.task(A).orElseThrow();
            TaskRecord changed = store.putTask(task("a").stopped("by another"), Optional.of(timer("a", in(10))));

            assertThat(store.replaceTask(Optional.of(seen), task("a").stopped("mine"), Optional.empty()))
                    .isEmpty();

            assertThat(store.task(A)).contains(changed);
            assertThat(store.nextDue()).contains(in(10));
        }

        @Test
        void aTaskThatIsGoneIsNotMadeAnew() {
            TaskRecord seen = store.task(A).orElseThrow();
            store.removeTask(A);

            assertThat(store.replaceTask(Optional.of(seen), task("a"), Optional.of(timer("a", in(10)))))
                    .isEmpty();

            assertThat(store.task(A)).isEmpty();
            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void aTaskThatWasRemovedAndMadeAnewIsAnotherOne() {
            TaskRecord seen = store.task(A).orElseThrow();
            store.removeTask(A);
            TaskRecord anew = store.putTask(task("a").stopped("anew"), Optional.empty());

            assertThat(anew.revision()).as("never used before under this id").isGreaterThan(seen.revision());
            assertThat(store.replaceTask(Optional.of(seen), task("a"), Optional.empty()))
                    .isEmpty();
            assertThat(store.task(A)).contains(anew);
        }

        @Test
        void ofManyAtOnceWhoSawTheSameOneReplacesIt() throws Exception {
            TaskRecord seen = store.task(A).orElseThrow();
            AtomicInteger replaced = new AtomicInteger();
            AtomicInteger made = new AtomicInteger();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    String mine = "thread " + i;
                    all.add(threads.submit(() -> {
                        store.replaceTask(Optional.of(seen), task("a").stopped(mine), Optional.empty())
                                .ifPresent(task -> replaced.incrementAndGet());
                        store.replaceTask(Optional.empty(), task("c").stopped(mine), Optional.empty())
                                .ifPresent(task -> made.incrementAndGet());
                    }));
                }
                for (Future<?> each : all) {
                    each.get(30, SECONDS);
                }
            }

            assertThat(replaced).hasValue(1);
            assertThat(made).hasValue(1);
        }
    }

    @Nested
    class AskingForTheRevision {
        private final Due due = timer("a", clock.instant().plusSeconds(10));
        private final ExecutionKey key = due.execution().key();

        private RingResult ring(long revision) {
            return store.ring(new Ring(
                    key, new Ring.Fate.Run(Optional.empty()), List.of(), Optional.of(timer("a", in(60))), revision));
        }

        private boolean checkpoint(Claim claim, long revision) {
            return store.checkpoint(
                    claim,
                    new Progress(
                            claim.execution().events(List.of(Samples.event("1"))),
                            Optional.of("cursor"),
                            Optional.of(timer("a", in(30))),
                            revision));
        }

        @Test
        void aTimerRingsAsItWasPlannedForTheRevision() {
            TaskRecord task = store.putTask(task("a"), Optional.of(due));

            assertThat(ring(task.revision())).isEqualTo(RingResult.RUNG);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
            assertThat(store.nextDue()).contains(in(60));
        }

        @Test
        void aTimerThatWasPlannedForAnotherRevisionDoesNotRing() {
            TaskRecord before = store.putTask(task("a"), Optional.of(due));
            TaskRecord after = store.putTask(task("a").with("k", ConfigValue.of("v")), Optional.of(due));

            assertThat(ring(before.revision())).isEqualTo(RingResult.STALE);

            assertThat(status(key)).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
            assertThat(store.nextDue()).contains(due.due());
            assertThat(ring(after.revision())).isEqualTo(RingResult.RUNG);
        }

        @Test
        void aTimerThatWasPlannedForATaskMadeAnewSinceDoesNotRing() {
            TaskRecord before = store.putTask(task("a"), Optional.of(due));
            store.removeTask(A);
            store.putTask(task("a"), Optional.of(due));

            assertThat(ring(before.revision())).isEqualTo(RingResult.STALE);
            assertThat(status(key)).isEqualTo(ExecutionStatus.SCHEDULED);
        }

        @Test
        void aTimerRingsForAnyRevisionIfNoneIsAskedFor() {
            store.putTask(task("a"), Optional.of(due));
            store.putTask(task("a"), Optional.of(due));

            assertThat(ring(0)).isEqualTo(RingResult.RUNG);
        }

        @Test
        void theTimerOfACheckpointIsSetForTheRevisionThatTheHookSaw() {
            TaskRecord task = store.putTask(task("a"), Optional.of(timer("a", in(60))));
            accept("a", "x");

            assertThat(checkpoint(claimOne(), task.revision())).isTrue();

            assertThat(store.nextDue()).contains(in(30));
            assertThat(store.counts(A).waiting()).isEqualTo(1);
        }

        @Test
        void theTimerOfANewRevisionIsLeftAlone() {
            TaskRecord before = store.putTask(task("a"), Optional.of(timer("a", in(60))));
            accept("a", "x");
            Claim claim = claimOne();
            store.putTask(task("a"), Optional.of(timer("a", in(45))));

            assertThat(checkpoint(claim, before.revision())).isTrue();

            assertThat(store.nextDue()).contains(in(45));
            assertThat(store.cursor(A)).contains("cursor");
            assertThat(store.execution(claim.key()).orElseThrow().events()).contains(List.of(Samples.event("1")));
        }

        @Test
        void aTaskThatWasStoppedMeanwhileGetsNoTimer() {
            TaskRecord before = store.putTask(task("a"), Optional.of(timer("a", in(60))));
            accept("a", "x");
            Claim claim = claimOne();
            store.putTask(task("a").stopped("why"), Optional.empty());

            assertThat(checkpoint(claim, before.revision())).isTrue();

            assertThat(store.nextDue()).isEmpty();
        }

        @Test
        void theTimerIsSetInAnyCaseIfNoRevisionIsAskedFor() {
            store.putTask(task("a"), Optional.of(timer("a", in(60))));
            accept("a", "x");
            Claim claim = claimOne();
            store.putTask(task("a"), Optional.of(timer("a", in(45))));

            assertThat(checkpoint(claim, 0)).isTrue();

            assertThat(store.nextDue()).contains(in(30));
        }
    }

    @Nested
    class Pausing {
        @Test
        void nothingOfAPausedTaskIsClaimedUntilItIsResumed() {
            accept("a", "1");
            assertThat(store.pausedUntil(A)).isEmpty();
            assertThat(store.pause(A, in(3600))).isTrue();
            accept("a", "2");
            accept("b", "3");

            assertThat(store.pausedUntil(A)).contains(in(3600));
            assertThat(store.counts().paused()).isEqualTo(1);
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("3");
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 0, 2, 0, 0));

            assertThat(store.pause(A, clock.instant())).isTrue();
            assertThat(store.pausedUntil(A)).isEmpty();
            assertThat(store.counts().paused()).isZero();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("1", "2");
        }

        @Test
        void itGoesOnByItselfWhenTheTimeComes() {
            store.pause(A, in(60));
            accept("a", "1");
            clock.turn(Duration.ofSeconds(59));
            assertThat(store.claim(10, 10, LEASE)).isEmpty();

            clock.turn(Duration.ofSeconds(1));

            assertThat(store.pausedUntil(A)).isEmpty();
            assertThat(store.counts().paused()).isZero();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("1");
        }

        @Test
        void theLastPauseThatIsSaidCounts() {
            accept("a", "1");
            store.pause(A, in(60));
            store.pause(A, in(3600));
            clock.turn(Duration.ofSeconds(61));
            assertThat(store.claim(10, 10, LEASE)).isEmpty();

            store.pause(A, in(1));
            clock.turn(Duration.ofSeconds(1));
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("1");
        }

        @Test
        void itOutlivesTheStoreAndChangesOfTheTask() throws Exception {
            accept("a", "1");
            store.pause(A, in(3600));
            store.putTask(task("a"), Optional.empty());
            store = reopen(store);

            assertThat(store.pausedUntil(A)).contains(in(3600));
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
            store.pause(A, in(0));
            store = reopen(store);
            assertThat(store.pausedUntil(A)).isEmpty();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("1");
        }

        @Test
        void workUnderWayEndsAndWhatComesBackWaitsInItsOrder() {
            accept("a", "1");
            accept("a", "2");
            accept("a", "3");
            List<Claim> claims = store.claim(3, 10, LEASE);
            store.pause(A, in(3600));

            assertThat(store.settle(
                            claims.get(0), new Settlement.Retry(claims.get(0).execution(), in(1))))
                    .isTrue();
            store.release(claims.subList(1, 2));
            clock.turn(LEASE);
            assertThat(store.recover(10)).isEqualTo(1);
            assertThat(store.promoteRetries(10)).isEqualTo(1);
            Execution done = accept("a", "4");
            store.abort(done.key(), "stop");
            assertThat(store.replay(done.key())).isPresent();
            assertThat(store.claim(10, 10, LEASE)).isEmpty();

            store.pause(A, in(0));
            assertThat(bodies(store.claim(10, 10, LEASE)))
                    .startsWith("2")
                    .endsWith("4")
                    .hasSize(4);
        }

        @Test
        void aTaskThatHasAsManyLeasesAsItMayHaveIsPausedToo() {
            accept("a", "1");
            accept("a", "2");
            accept("a", "3");
            Claim first = store.claim(10, 1, LEASE).getFirst();
            assertThat(store.claim(10, 1, LEASE)).isEmpty();
            store.pause(A, in(3600));
            store.settle(first, Settlement.done(first.execution()));
            assertThat(store.claim(10, 1, LEASE)).isEmpty();
            assertThat(store.claim(10, 10, LEASE)).isEmpty();

            store.pause(A, in(0));
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("2", "3");
        }

        @Test
        void itGoesWithItsTask() {
            store.pause(A, in(3600));
            store.removeTask(A);
            assertThat(store.pausedUntil(A)).isEmpty();
            assertThat(store.pause(A, in(3600))).isFalse();
            assertThat(store.counts().paused()).isZero();

            store.putTask(task("a"), Optional.empty());
            accept("a", "1");
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("1");
        }

        @Test
        void workIsToldOfWhenItEnds() {
            accept("a", "1");
            store.pause(A, in(3600));
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
            AtomicInteger told = new AtomicInteger();
            store.onWork(told::incrementAndGet);
            int before = told.get();

            store.pause(A, in(0));

            expectGrowth(told, before);
        }
    }

    @Nested
    class Maintenance {
        @Test
        void isOffAtFirst() {
            assertThat(store.isMaintenance()).isFalse();
        }

        @Test
        void nothingIsClaimedUntilItEnds() {
            accept("a", "x");
            store.setMaintenance(true);
            accept("a", "y");

            assertThat(store.isMaintenance()).isTrue();
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 0, 2, 0, 0));

            store.setMaintenance(false);
            assertThat(store.isMaintenance()).isFalse();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("x", "y");
        }

        @Test
        void twiceIsOnce() {
            accept("a", "x");
            store.setMaintenance(true);
            store.setMaintenance(true);
            store.setMaintenance(false);
            assertThat(store.isMaintenance()).isFalse();
            store.setMaintenance(false);

            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("x");
        }

        @Test
        void workUnderWayGoesOn() {
            accept("a", "1");
            accept("a", "2");
            accept("b", "3");
            Claim settled = claimOne();
            Claim retried = claimOne();
            Claim lost = claimOne();
            store.setMaintenance(true);
            clock.turn(LEASE.minusSeconds(1));

            assertThat(store.extend(List.of(settled, retried), LEASE)).isEmpty();
            assertThat(store.checkpoint(settled, new Progress(settled.execution(), Optional.of("c"), Optional.empty())))
                    .isTrue();
            assertThat(store.settle(settled, Settlement.done(settled.execution())))
                    .isTrue();
            assertThat(store.settle(retried, new Settlement.Retry(retried.execution(), in(2))))
                    .isTrue();
            clock.turn(Duration.ofSeconds(2));
            assertThat(store.recover(10)).isEqualTo(1);
            assertThat(store.promoteRetries(10)).isEqualTo(1);

            assertThat(status(lost.key())).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(status(retried.key())).isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(store.claim(10, 10, LEASE)).isEmpty();
        }

        @Test
        void timersRingAndTasksChange() {
            store.setMaintenance(true);
            Due due = timer("a", in(0));
            store.putTask(task("a"), Optional.of(due));

            assertThat(store.dueTimers(10)).hasSize(1);
            assertThat(store.ring(new Ring(
                            due.execution().key(),
                            new Ring.Fate.Run(Optional.empty()),
                            List.of(),
                            Optional.of(timer("a", in(60))))))
                    .isEqualTo(RingResult.RUNG);
            assertThat(store.listen(A, "n1", LEASE)).isPresent();
            Execution aborted = accept("b", "x");
            assertThat(store.abort(aborted.key(), "stop")).isPresent();
            assertThat(store.replay(aborted.key())).isPresent();
            assertThat(store.removeTask(B)).isTrue();
            assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 1, 1, 0, 0));
        }

        @Test
        void aWorkerIsToldWhenItEnds() {
            accept("a", "x");
            store.setMaintenance(true);
            AtomicInteger told = new AtomicInteger();
            store.onWork(told::incrementAndGet);
            int before = told.get();

            store.setMaintenance(false);

            expectGrowth(told, before);
        }

        @Test
        void outlivesARestart() throws Exception {
            accept("a", "x");
            store.setMaintenance(true);

            store = reopen(store);

            assertThat(store.isMaintenance()).isTrue();
            assertThat(store.claim(10, 10, LEASE)).isEmpty();

            store.setMaintenance(false);
            store = reopen(store);

            assertThat(store.isMaintenance()).isFalse();
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("x");
        }
    }

    @Nested
    class Nodes {
        private final Duration alive = Duration.ofSeconds(10);

        @Test
        void areToldHowLongTheyMaySleep() {
            assertThat(store.maxSleep()).isPositive();
        }

        @Test
        void whoTellsSoIsAlive() {
            assertThat(store.nodes("n1", alive)).containsExactly("n1");
            assertThat(store.nodes("n2", alive)).containsExactlyInAnyOrder("n1", "n2");
            assertThat(store.nodes("n1", alive)).containsExactlyInAnyOrder("n1", "n2");
        }

        @Test
        void whoTellsNothingIsForgottenWhenItsTimeIsOver() {
            store.nodes("n1", alive);
            clock.turn(Duration.ofSeconds(6));
            assertThat(store.nodes("n2", alive)).containsExactlyInAnyOrder("n1", "n2");
            clock.turn(Duration.ofSeconds(5));

            assertThat(store.nodes("n2", alive)).containsExactly("n2");
            assertThat(store.nodes("n1", alive)).containsExactlyInAnyOrder("n1", "n2");
        }

        @Test
        void whoTellsSoAgainLivesOn() {
            store.nodes("n1", alive);
            for (int i = 0; i < 5; i++) {
                clock.turn(Duration.ofSeconds(6));
                assertThat(store.nodes("n1", alive)).containsExactly("n1");
            }
        }

        @Test
        void whoLeavesIsGoneAtOnce() {
            store.nodes("n1", alive);
            store.nodes("n2", alive);

            assertThat(store.nodes("n1", Duration.ZERO)).containsExactly("n2");
            assertThat(store.nodes("n2", alive)).containsExactly("n2");
            assertThat(store.nodes("n2", Duration.ofSeconds(-1))).isEmpty();
            assertThat(store.nodes("n3", Duration.ZERO)).as("was never there").isEmpty();
        }
    }

    @Nested
    class Listening {
        private ListenRight listen(TaskId id, String node) {
            return store.listen(id, node, LEASE).orElseThrow();
        }

        private AcceptResult say(ListenRight right, String body) {
            return store.accept(execution(right.task().value(), clock.nanos(), body), AcceptTerms.ANY.by(right));
        }

        @Test
        void oneNodeHasTheRightAtATime() {
            ListenRight right = listen(A, "n1");

            assertThat(right.task()).isEqualTo(A);
            assertThat(right.node()).isEqualTo("n1");
            assertThat(store.listen(A, "n2", LEASE)).isEmpty();
            assertThat(listen(B, "n2").node())
                    .as("each task has a right of its own")
                    .isEqualTo("n2");
        }

        @Test
        void whoHasItMaySpeak() {
            AcceptResult result = say(listen(A, "n1"), "x");

            assertThat(result).isInstanceOf(AcceptResult.Stored.class);
            assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("x");
        }

        @Test
        void renewedItIsTheSameAndLastsLonger() {
            ListenRight right = listen(A, "n1");
            clock.turn(LEASE.minusSeconds(1));

            assertThat(listen(A, "n1")).isEqualTo(right);

            clock.turn(LEASE.minusSeconds(1));
            assertThat(store.listen(A, "n2", LEASE)).isEmpty();
            assertThat(say(right, "x")).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void manyAreRenewedTogetherAndLastLonger() {
            ListenRight ofA = listen(A, "n1");
            ListenRight ofB = listen(B, "n1");
            clock.turn(LEASE.minusSeconds(1));

            assertThat(store.renewListening(List.of(ofA, ofB), LEASE)).isEmpty();

            clock.turn(LEASE.minusSeconds(1));
            assertThat(store.listen(A, "n2", LEASE)).isEmpty();
            assertThat(store.listen(B, "n2", LEASE)).isEmpty();
            assertThat(say(ofA, "x")).isInstanceOf(AcceptResult.Stored.class);
            assertThat(store.renewListening(List.of(), LEASE)).isEmpty();
        }

        @Test
        void thoseThatHaveEndedAreToldWhenTheyAreToBeRenewedAndTheOthersAreRenewed() {
            ListenRight passedOn = listen(A, "n1");
            store.endListening(passedOn);
            ListenRight others = listen(A, "n2");
            ListenRight held = listen(B, "n1");
            store.putTask(task("c"), Optional.empty());
            ListenRight ofRemoved = listen(new TaskId("c"), "n1");
            store.removeTask(new TaskId("c"));
            ListenRight ofNobody = new ListenRight(new TaskId("nobody"), "n1", 1);
            clock.turn(LEASE.minusSeconds(1));

            assertThat(store.renewListening(List.of(passedOn, ofRemoved, held, ofNobody), LEASE))
                    .containsExactlyInAnyOrder(passedOn, ofRemoved, ofNobody);

            clock.turn(Duration.ofSeconds(1));
            assertThat(store.listen(B, "n2", LEASE)).as("was renewed").isEmpty();
            assertThat(store.listen(A, "n3", LEASE))
                    .as("whose right it is must renew it")
                    .isPresent();
            assertThat(say(others, "late")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void whatIsRenewedTooLateIsToldAndFree() {
            ListenRight late = listen(A, "n1");
            clock.turn(LEASE);

            assertThat(store.renewListening(List.of(late), LEASE)).containsExactly(late);

            assertThat(store.listen(A, "n2", LEASE)).isPresent();
        }

        @Test
        void ofHundredsEachIsRenewedOrTold() {
            List<ListenRight> all = new ArrayList<>();
            for (int i = 0; i < 703; i++) {
                TaskId id = new TaskId("ear-" + i);
                store.putTask(task(id.value()), Optional.empty());
                all.add(listen(id, "n1"));
            }
            List<ListenRight> ended = List.of(all.get(0), all.get(499), all.get(500), all.get(702));
            ended.forEach(store::endListening);
            clock.turn(LEASE.minusSeconds(1));

            assertThat(store.renewListening(all, LEASE)).containsExactlyInAnyOrderElementsOf(ended);

            clock.turn(Duration.ofSeconds(1));
            for (ListenRight right : all) {
                assertThat(store.listen(right.task(), "n2", LEASE).isPresent()).isEqualTo(ended.contains(right));
            }
        }

        @Test
        void itPassesOnWhenItsTimeIsOverAndNotBefore() {
            ListenRight old = listen(A, "n1");
            clock.turn(LEASE.minusSeconds(1));
            assertThat(store.listen(A, "n2", LEASE)).isEmpty();
            clock.turn(Duration.ofSeconds(1));

            ListenRight right = listen(A, "n2");

            assertThat(right.node()).isEqualTo("n2");
            assertThat(right.epoch()).isGreaterThan(old.epoch());
            assertThat(store.listen(A, "n1", LEASE)).isEmpty();
        }

        @Test
        void whoLostItIsRefusedAndNothingOfWhatItSaysIsKept() {
            ListenRight old = listen(A, "n1");
            clock.turn(LEASE);
            ListenRight right = listen(A, "n2");
            AcceptTerms terms = new AcceptTerms(Optional.of("d"), Duration.ofMinutes(5), 10, Optional.of("old"));

            assertThat(store.accept(execution("a", 1, "late"), terms.by(old))).isEqualTo(new AcceptResult.Fenced());

            assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
            assertThat(store.cursor(A)).isEmpty();
            assertThat(store.accept(execution("a", 1, "again"), terms.by(right)))
                    .as("the refused delivery is not remembered")
                    .isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void whoIsLateMaySpeakWhileNobodyElseTookTheRight() {
            ListenRight right = listen(A, "n1");
            clock.turn(LEASE.plusSeconds(5));

            assertThat(say(right, "late")).isInstanceOf(AcceptResult.Stored.class);

            listen(A, "n2");
            assertThat(say(right, "later")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void whoTakesItBackAfterItsTimeHasAnotherRight() {
            ListenRight old = listen(A, "n1");
            clock.turn(LEASE);

            ListenRight right = listen(A, "n1");

            assertThat(right.epoch()).isGreaterThan(old.epoch());
            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
            assertThat(say(right, "x")).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void givenBackItIsFreeAtOnce() {
            ListenRight old = listen(A, "n1");

            store.endListening(old);

            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
            ListenRight right = listen(A, "n2");
            assertThat(right.epoch()).isGreaterThan(old.epoch());
            assertThat(say(right, "x")).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void givenBackAndTakenAgainIsAnotherRight() {
            ListenRight old = listen(A, "n1");
            store.endListening(old);
            store.endListening(old);

            ListenRight right = listen(A, "n1");

            assertThat(right.epoch()).isGreaterThan(old.epoch());
            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void anOldRightThatIsGivenBackTakesNothingFromTheNewOne() {
            ListenRight old = listen(A, "n1");
            clock.turn(LEASE);
            ListenRight right = listen(A, "n2");

            store.endListening(old);

            assertThat(store.listen(A, "n3", LEASE)).isEmpty();
            assertThat(say(right, "x")).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void nobodyListensForAnUnknownTask() {
            assertThat(store.listen(new TaskId("nobody"), "n1", LEASE)).isEmpty();
            store.endListening(new ListenRight(new TaskId("nobody"), "n1", 1));

            assertThat(say(new ListenRight(new TaskId("nobody"), "n1", 1), "x"))
                    .isEqualTo(new AcceptResult.NoSuchTask());
        }

        @Test
        void theRightEndsWithItsTask() {
            ListenRight old = listen(A, "n1");
            store.removeTask(A);
            assertThat(store.listen(A, "n1", LEASE)).isEmpty();
            assertThat(say(old, "late")).isEqualTo(new AcceptResult.NoSuchTask());

            store.putTask(task("a"), Optional.empty());

            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
            ListenRight right = listen(A, "n2");
            assertThat(right.epoch()).as("never used before under this id").isGreaterThan(old.epoch());
            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void theSameNodeHasAnotherRightOfATaskMadeAnew() {
            ListenRight old = listen(A, "n1");
            store.removeTask(A);
            store.putTask(task("a"), Optional.empty());

            assertThat(listen(A, "n1")).isNotEqualTo(old);
            assertThat(say(old, "late")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void aChangeOfTheTaskTakesNoRightAway() {
            ListenRight right = listen(A, "n1");
            store.putTask(task("a").with("k", ConfigValue.of("v")), Optional.empty());

            assertThat(store.listen(A, "n2", LEASE)).isEmpty();
            assertThat(listen(A, "n1")).isEqualTo(right);
            assertThat(say(right, "x")).isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void othersNeedNoRight() {
            listen(A, "n1");

            assertThat(store.accept(execution("a", 1, "a request"), AcceptTerms.ANY))
                    .isInstanceOf(AcceptResult.Stored.class);
        }

        @Test
        void aRightThatNobodyGaveIsRefused() {
            assertThat(say(new ListenRight(A, "n1", 1), "x")).isEqualTo(new AcceptResult.Fenced());
        }

        @Test
        void ofManyAtOnceOneGetsIt() throws Exception {
            Set<ListenRight> rights = ConcurrentHashMap.newKeySet();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    String node = "n" + i;
                    all.add(threads.submit(() -> store.listen(A, node, LEASE).ifPresent(rights::add)));
                }
                for (Future<?> each : all) {
                    each.get(30, SECONDS);
                }
            }

            assertThat(rights).hasSize(1);
        }
    }

    /** What {@link RequestLog} promises. */
    @Nested
    class OfRequests {
        private final RequestLog.Kind kind = RequestLog.Kind.QUARANTINE;

        private RequestLog.Entry entry(TaskId task, long id, String text) {
            return new RequestLog.Entry(task, id, text.getBytes(UTF_8));
        }

        private List<Long> ids(TaskId task) {
            return store.requests().list(kind, task, Long.MAX_VALUE, 1000).stream()
                    .map(RequestLog.Entry::id)
                    .toList();
        }

        @Test
        void entriesComeBackNewestFirstAndPageByPage() throws Exception {
            long now = clock.nanos();
            store.requests()
                    .append(kind, List.of(entry(A, now, "one"), entry(B, now, "other"), entry(A, now + 1, "two")));
            store.requests().append(RequestLog.Kind.TRACE, List.of(entry(A, now + 2, "of another kind")));
            store.putTask(task("b"), Optional.empty()); // what returned from this is durable, and so is all before it
            store = reopen(store);

            assertThat(ids(A)).containsExactly(now + 1, now);
            assertThat(store.requests().list(kind, A, now + 1, 10))
                    .singleElement()
                    .satisfies(found -> assertThat(found.value()).asString().isEqualTo("one"));
            assertThat(store.requests().list(kind, A, Long.MAX_VALUE, 1)).hasSize(1);
            assertThat(store.requests().find(kind, A, now)).isPresent();
            assertThat(store.requests().find(kind, A, now + 2)).isEmpty();
            assertThat(store.requests().list(RequestLog.Kind.TRACE, A, Long.MAX_VALUE, 10))
                    .hasSize(1);
        }

        @Test
        void twoOfOneTimeGetTwoIds() {
            long now = clock.nanos();
            store.requests().append(kind, List.of(entry(A, now, "one"), entry(A, now, "two")));
            assertThat(ids(A)).containsExactly(now + 1, now);
        }

        @Test
        void onlyTheNewestAreKeptByCountBytesAndAge() {
            long now = clock.nanos();
            for (int i = 0; i < kind.count() + 50; i++) {
                store.requests().append(kind, List.of(entry(A, now + i, "x")));
            }
            assertThat(ids(A)).hasSize(kind.count()).startsWith(now + kind.count() + 49);

            String large = "x".repeat(kind.bytes() / 3);
            for (int i = 1000; i < 1005; i++) {
                store.requests().append(kind, List.of(entry(A, now + i, large)));
            }
            assertThat(ids(A)).containsExactly(now + 1004, now + 1003, now + 1002);

            clock.turn(RequestLog.AGE.plusSeconds(1));
            assertThat(ids(A)).isEmpty();
            store.requests().append(kind, List.of(entry(A, clock.nanos(), "x")));
            assertThat(ids(A)).containsExactly(clock.nanos());
        }

        @Test
        void entriesAreRemovedOneByOneOrAll() {
            long now = clock.nanos();
            store.requests().append(kind, List.of(entry(A, now, "1"), entry(A, now + 1, "2"), entry(A, now + 2, "3")));
            assertThat(store.requests().remove(kind, A, now + 1)).isTrue();
            assertThat(store.requests().remove(kind, A, now + 1)).isFalse();
            assertThat(ids(A)).containsExactly(now + 2, now);
            assertThat(store.requests().clear(kind, A)).isEqualTo(2);
            assertThat(store.requests().clear(kind, A)).isZero();
            assertThat(ids(A)).isEmpty();
        }

        @Test
        void theyGoWithTheirTaskAndNobodyElseHasAny() throws Exception {
            TaskId nobody = new TaskId("nobody");
            store.requests().append(kind, List.of(entry(A, clock.nanos(), "x"), entry(nobody, clock.nanos(), "x")));
            assertThat(ids(nobody)).isEmpty();
            store.removeTask(A);
            store.putTask(task("a"), Optional.empty());
            store = reopen(store);
            assertThat(ids(A)).isEmpty();
        }

        @Test
        void manyMayAppendAtTheSameTime() throws Exception {
            long now = clock.nanos();
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    String text = "thread " + i + ", entry ";
                    all.add(threads.submit(() -> {
                        for (int n = 0; n < 20; n++) {
                            store.requests().append(kind, List.of(entry(A, now + n, text + n)));
                        }
                    }));
                }
                for (Future<?> each : all) {
                    each.get(30, SECONDS);
                }
            }
            assertThat(ids(A)).hasSize(80).doesNotHaveDuplicates();
        }
    }
}
