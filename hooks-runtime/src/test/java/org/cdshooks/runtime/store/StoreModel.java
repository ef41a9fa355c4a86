package org.cdshooks.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * What a store has to answer and to hold, worked out in the plainest way there is: one list of tasks, each with one list of
 * runs that know their status. It looks at everything in each step, so there is nothing that could go out of step.
 *
 * <p>What the contract leaves open (whose turn it is among tasks, which of two that were due at the same instant comes
 * first) is left open here.
 *
 * <p>Long, since the contract is.
 */
final class StoreModel {
    /** One execution: what is stored of it, and what has happened to it. */
    static final class Run {
        final Task task;
        final ExecutionKey key;
        ExecutionStatus status;
        Execution content;
        boolean timer;
        /** When it is due, or its lease ends. */
        long until;
        /** The place in line. Those that were due at the same instant share one. */
        long order;

        int crashes;
        ClaimPhase phase = ClaimPhase.RUNNING;
        /** Changes with each lease. */
        long lease;

        Optional<Long> token = Optional.empty();
        final Set<Long> tokens = new HashSet<>();
        final Set<ExecutionKey> timersPut = new HashSet<>();
        boolean removed;

        boolean skipped;
        int executed;
        int retried;
        int replayed;
        int lost;

        Run(Task task, ExecutionKey key, ExecutionStatus status, Execution content) {
            this.task = task;
            this.key = key;
            this.status = status;
            this.content = content;
        }

        boolean is(ExecutionStatus wanted) {
            return status == wanted;
        }

        Execution stored() {
            Execution execution = content.at(key.timestamp()).status(status);
            return is(ExecutionStatus.FAILED) && crashes >= TaskStore.MAX_CRASHES
                    ? execution.givenUp(crashes)
                    : execution;
        }

        @Override
        public String toString() {
            return key.task() + ":" + key.timestamp() % 1_000_000_000_000L + " " + status;
        }
    }

    /** A task with all that goes when it is removed. */
    static final class Task {
        final TreeMap<Long, Run> runs = new TreeMap<>();
        final Map<String, Delivery> deliveries = new HashMap<>();
        TaskRecord record;
        final List<Revision> revisions = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        long pausedUntil;
        Optional<ListenRight> right = Optional.empty();
        long rightUntil;

        Task(TaskRecord record) {
            this.record = record;
        }

        List<Run> all(Predicate<Run> which) {
            return runs.values().stream().filter(which).toList();
        }

        int count(ExecutionStatus status) {
            return all(run -> run.is(status)).size();
        }

        Optional<Run> timer() {
            return runs.values().stream().filter(run -> run.timer).findFirst();
        }

        TaskCounts counts() {
            return new TaskCounts(
                    runs.size(),
                    count(ExecutionStatus.SCHEDULED),
                    count(ExecutionStatus.ENQUEUED),
                    count(ExecutionStatus.DOING),
                    count(ExecutionStatus.FAILED));
        }
    }

    private record Delivery(ExecutionKey first, long until) {}

    /** A change that a user can see, and between which two revisions it was made: a put that comes twice gives two. */
    private record Revision(TaskRecord record, long after, long notAfter, long changedAt) {}

    private final TurnedClock clock;
    private final Map<TaskId, Task> tasks = new LinkedHashMap<>();
    private final Map<TaskId, Long> lastRevisions = new HashMap<>();
    private final Map<TaskId, Long> lastEpochs = new HashMap<>();
    private final TreeMap<String, Long> nodes = new TreeMap<>();
    private boolean maintenance;
    private long lastOrder;
    private long lastLease;
    private int crashes;

    StoreModel(TurnedClock clock) {
        this.clock = clock;
    }

    private long now() {
        return clock.nanos();
    }

    private long in(Duration span) {
        return now() + span.toNanos();
    }

    // ------------------------------------------------------------------------------------------------ to look at

    Collection<Task> tasks() {
        return tasks.values();
    }

    Optional<Task> task(TaskId id) {
        return Optional.ofNullable(tasks.get(id));
    }

    List<Run> all(Predicate<Run> which) {
        return tasks.values().stream().flatMap(task -> task.all(which).stream()).toList();
    }

    Optional<Run> run(ExecutionKey key) {
        return task(key.task()).map(task -> task.runs.get(key.timestamp())).filter(run -> run.key.equals(key));
    }

    boolean isMaintenance() {
        return maintenance;
    }

    /** How often a lease was lost. */
    int crashes() {
        return crashes;
    }

    // ------------------------------------------------------------------------------------------------ tasks

    /** The store alone says which revision comes next; it has to be greater than all before. */
    TaskRecord put(TaskRecord record, Optional<Due> timer, LongSupplier newRevision) {
        long revision = newRevision.getAsLong();
        assertThat(revision)
                .as("revision of " + record.id())
                .isGreaterThan(lastRevisions.getOrDefault(record.id(), 0L));
        Optional<Long> last = Optional.ofNullable(lastRevisions.put(record.id(), revision));
        Task task = tasks.get(record.id());
        if (task == null) {
            task = new Task(record.stored(revision, now()));
            tasks.put(record.id(), task);
        } else {
            task.record = record.stored(revision, task.record.createdAt());
        }
        if (task.revisions.isEmpty() || !task.revisions.getLast().record().looksLike(record)) {
            task.revisions.add(new Revision(task.record, last.orElse(0L), revision, now()));
        }
        replaceTimer(task, timer);
        return task.record;
    }

    Optional<TaskRecord> replace(
            Optional<TaskRecord> seen, TaskRecord record, Optional<Due> timer, LongSupplier newRevision) {
        Optional<Long> is = task(record.id()).map(task -> task.record.revision());
        return is.equals(seen.map(TaskRecord::revision))
                ? Optional.of(put(record, timer, newRevision))
                : Optional.empty();
    }

    boolean remove(TaskId id) {
        Task task = tasks.remove(id);
        if (task != null) {
            List.copyOf(task.runs.values()).forEach(this::drop);
        }
        return task != null;
    }

    private void replaceTimer(Task task, Optional<Due> timer) {
        task.timer().ifPresent(this::drop);
        timer.ifPresent(due -> await(task, due));
    }

    private void await(Task task, Due due) {
        Run run = fresh(task, due.execution(), ExecutionStatus.SCHEDULED);
        run.timer = true;
        run.until = Samples.nanos(due.due());
    }

    private Run fresh(Task task, Execution execution, ExecutionStatus status) {
        long free = execution.key().timestamp();
        while (task.runs.containsKey(free)) {
            free++;
        }
        Run run = new Run(task, execution.key().at(free), status, execution);
        run.order = ++lastOrder;
        task.runs.put(free, run);
        return run;
    }

    private void drop(Run run) {
        run.removed = true;
        run.task.runs.remove(run.key.timestamp());
    }

    // ------------------------------------------------------------------------------------------------ new work

    AcceptResult accept(Execution execution, AcceptTerms terms) {
        Task task = tasks.get(execution.key().task());
        if (task == null) {
            return new AcceptResult.NoSuchTask();
        }
        if (terms.right().isPresent() && !terms.right().equals(task.right)) {
            return new AcceptResult.Fenced();
        }
        Optional<Delivery> before = terms.dedupKey().map(task.deliveries::get).filter(each -> each.until() > now());
        if (before.isPresent()) {
            return new AcceptResult.Duplicate(before.get().first());
        }
        int unfinished = task.counts().unfinished();
        if (unfinished >= terms.maxUnfinished()) {
            return new AcceptResult.Overloaded(unfinished);
        }
        Run run = fresh(task, execution, ExecutionStatus.ENQUEUED);
        terms.dedupKey().ifPresent(key -> task.deliveries.put(key, new Delivery(run.key, in(terms.dedupWindow()))));
        task.cursor = terms.cursor().or(() -> task.cursor);
        return new AcceptResult.Stored(run.stored());
    }

    List<Run> dueTimers() {
        return all(run -> run.timer && run.until <= now());
    }

    RingResult ring(Ring ring) {
        Optional<Run> found = run(ring.key()).filter(run -> run.timer);
        if (found.isEmpty() || (ring.revision() != 0 && found.get().task.record.revision() != ring.revision())) {
            return RingResult.STALE;
        }
        Run run = found.get();
        if (ring.fate() instanceof Ring.Fate.Merge && run.task.counts().unfinished() > 1) {
            run.task.runs.remove(run.key.timestamp());
            ring.next().ifPresent(due -> await(run.task, due));
            return RingResult.MERGED;
        }
        if (ring.revision() != 0) {
            run.content = run.content.acceptedUnder(ring.revision());
        }
        Optional<String> reason = ring.fate() instanceof Ring.Fate.Record(String why, Optional<String> _)
                ? Optional.of(why)
                : Optional.empty();
        Optional<String> busyReason = switch (ring.fate()) {
            case Ring.Fate.Run(Optional<String> skipIfBusy) -> skipIfBusy;
            case Ring.Fate.Merge _ -> Optional.empty();
            case Ring.Fate.Record(String _, Optional<String> skipIfBusy) -> skipIfBusy;
        };
        boolean busy = busyReason.isPresent() && run.task.counts().unfinished() > 1;
        boolean skips = busy && (reason.isEmpty() || !ring.catchUp().isEmpty());
        run.timer = false;
        if (reason.isPresent() || busy) {
            skip(run, reason.or(() -> busyReason).orElseThrow());
        } else {
            queue(run);
        }
        for (Execution missed : ring.catchUp()) {
            Run late = fresh(run.task, missed, ExecutionStatus.ENQUEUED);
            if (busy) {
                skip(late, busyReason.get());
            }
        }
        ring.next().ifPresent(due -> await(run.task, due));
        return skips ? RingResult.SKIPPED : RingResult.RUNG;
    }

    private void skip(Run run, String reason) {
        run.content = run.content.ended(reason, now());
        run.status = ExecutionStatus.DONE;
        run.skipped = true;
    }

    private void queue(Run run) {
        run.status = ExecutionStatus.ENQUEUED;
        run.order = ++lastOrder;
    }

    /** Moves runs into line by their time. Those of one instant may stand in any order. */
    private void queueByTime(List<Run> runs) {
        long last = Long.MIN_VALUE;
        for (Run run : runs) {
            long until = run.until;
            if (until == last) {
                run.status = ExecutionStatus.ENQUEUED;
                run.order = lastOrder;
            } else {
                queue(run);
            }
            last = until;
        }
    }

    private List<Run> firstByTime(int max, Predicate<Run> which) {
        List<Run> sorted = all(which).stream()
                .sorted(Comparator.comparingLong(run -> run.until))
                .toList();
        if (sorted.size() <= max) {
            return sorted;
        }
        assertThat(sorted.get(max - 1).until)
                .as("two of one instant, of which only one is asked for: the model can't tell which")
                .isLessThan(sorted.get(max).until);
        return sorted.subList(0, max);
    }

    int promoteRetries(int max) {
        List<Run> due = firstByTime(max, run -> run.is(ExecutionStatus.SCHEDULED) && !run.timer && run.until <= now());
        queueByTime(due);
        return due.size();
    }

    Optional<Long> nextDue() {
        return all(run -> run.is(ExecutionStatus.SCHEDULED)).stream()
                .map(run -> run.until)
                .min(Comparator.naturalOrder());
    }

    // ------------------------------------------------------------------------------------------------ workers

    /** How many a claim gives. */
    int claimable(int max, int maxPerTask) {
        if (maintenance) {
            return 0;
        }
        int possible = tasks.values().stream()
                .filter(task -> !isPaused(task))
                .mapToInt(task -> Math.min(
                        task.count(ExecutionStatus.ENQUEUED),
                        Math.max(0, maxPerTask - task.count(ExecutionStatus.DOING))))
                .sum();
        return Math.min(Math.max(0, max), possible);
    }

    /** Puts what a store has given under lease, if it may be given: whose turn it was among tasks is its own affair. */
    List<Run> claimed(List<ExecutionKey> keys, int max, int maxPerTask, Duration lease) {
        assertThat(keys).as("claimed").hasSize(claimable(max, maxPerTask));
        List<Run> runs = new ArrayList<>();
        for (ExecutionKey key : keys) {
            Run run = run(key).orElseThrow(() -> new AssertionError(key + " is claimed, and is not there"));
            assertThat(run.status)
                    .as("status of " + run + " when it is claimed")
                    .isEqualTo(ExecutionStatus.ENQUEUED);
            assertThat(isPaused(run.task))
                    .as("pause of " + key.task() + ", of which something is claimed")
                    .isFalse();
            long head = run.task.all(each -> each.is(ExecutionStatus.ENQUEUED)).stream()
                    .mapToLong(each -> each.order)
                    .min()
                    .orElseThrow();
            assertThat(run.order)
                    .as("place in line of " + run + ", which is claimed")
                    .isEqualTo(head);
            run.status = ExecutionStatus.DOING;
            run.phase = run.crashes >= 2 ? ClaimPhase.HELD : ClaimPhase.RUNNING;
            run.until = in(lease);
            run.lease = ++lastLease;
            run.token = Optional.empty();
            run.timersPut.clear();
            assertThat(run.task.count(ExecutionStatus.DOING))
                    .as("leases of " + key.task())
                    .isLessThanOrEqualTo(maxPerTask);
            runs.add(run);
        }
        return runs;
    }

    /** Compares a claim with the run that was put under lease for it. */
    static void told(Run run, Claim claim) {
        assertThat(claim.key()).isEqualTo(run.key);
        assertThat(claim.crashes()).as("crashes of " + run).isEqualTo(run.crashes);
        assertThat(words(claim.execution())).isEqualTo(words(run.stored()));
        assertThat(run.tokens.add(claim.token()))
                .as("token of " + run + " is new")
                .isTrue();
        run.token = Optional.of(claim.token());
    }

    private Optional<Run> held(Claim claim) {
        return run(claim.key())
                .filter(run -> run.is(ExecutionStatus.DOING) && run.token.equals(Optional.of(claim.token())));
    }

    boolean setPhase(Claim claim, ClaimPhase phase) {
        Optional<Run> found = held(claim);
        found.ifPresent(run -> run.phase = phase);
        return found.isPresent();
    }

    List<Claim> extend(Collection<Claim> claims, Duration lease) {
        claims.forEach(claim -> held(claim).ifPresent(run -> run.until = in(lease)));
        return claims.stream().filter(claim -> held(claim).isEmpty()).toList();
    }

    boolean checkpoint(Claim claim, Progress progress) {
        Optional<Run> found = held(claim);
        found.ifPresent(run -> {
            run.content = progress.execution();
            run.task.cursor = progress.cursor().or(() -> run.task.cursor);
            progress.timer()
                    .filter(due -> progress.revision() == 0 || progress.revision() == run.task.record.revision())
                    // the same call once more: what it put may have rung since
                    .filter(due -> run.timersPut.add(due.execution().key()))
                    .ifPresent(due -> replaceTimer(run.task, Optional.of(due)));
        });
        return found.isPresent();
    }

    boolean settle(Claim claim, Settlement settlement) {
        Optional<Run> found = held(claim);
        found.ifPresent(run -> {
            run.content = settlement.execution();
            if (run.phase == ClaimPhase.ISOLATED) {
                run.crashes = 0;
            }
            switch (settlement) {
                case Settlement.Done done -> {
                    run.status = ExecutionStatus.DONE;
                    run.task.cursor = done.cursor().or(() -> run.task.cursor);
                    if (done.timer().isPresent()) {
                        replaceTimer(run.task, done.timer());
                    }
                }
                case Settlement.Retry retry -> {
                    run.status = ExecutionStatus.SCHEDULED;
                    run.until = Samples.nanos(retry.due());
                    run.retried++;
                }
                case Settlement.Failed _ -> run.status = ExecutionStatus.FAILED;
            }
        });
        return found.isPresent();
    }

    void release(Collection<Claim> claims) {
        claims.forEach(claim -> held(claim).ifPresent(run -> run.status = ExecutionStatus.ENQUEUED));
    }

    int recover(int max) {
        List<Run> expired = firstByTime(max, run -> run.is(ExecutionStatus.DOING) && run.until <= now());
        expired.forEach(this::crash);
        queueByTime(expired.stream()
                .filter(run -> run.crashes < TaskStore.MAX_CRASHES && run.phase != ClaimPhase.HELD)
                .toList());
        expired.stream()
                .filter(run -> run.phase == ClaimPhase.HELD)
                .forEach(run -> run.status = ExecutionStatus.ENQUEUED);
        return expired.size();
    }

    private void crash(Run run) {
        crashes++;
        run.lost++;
        switch (run.phase) {
            case HELD -> {}
            case RUNNING -> run.crashes = Math.min(2, run.crashes + 1);
            case ISOLATED -> run.crashes++;
        }
        if (run.crashes >= TaskStore.MAX_CRASHES) {
            run.status = ExecutionStatus.FAILED;
        }
    }

    Optional<Long> nextLeaseEnd() {
        return all(run -> run.is(ExecutionStatus.DOING)).stream()
                .map(run -> run.until)
                .min(Comparator.naturalOrder());
    }

    private boolean isPaused(Task task) {
        return task.pausedUntil > now();
    }

    boolean pause(TaskId id, Instant until) {
        task(id).ifPresent(task -> task.pausedUntil = Samples.nanos(until));
        return tasks.containsKey(id);
    }

    Optional<Instant> pausedUntil(TaskId id) {
        return task(id).filter(this::isPaused).map(task -> Instant.ofEpochSecond(0, task.pausedUntil));
    }

    void setMaintenance(boolean enable) {
        maintenance = enable;
    }

    /** The only process has ended, in good order or in a crash, and there is a new one. */
    void restarted(boolean crashed) {
        nodes.clear();
        lastEpochs.clear();
        tasks.values().forEach(task -> task.right = Optional.empty());
        for (Run run : all(run -> run.is(ExecutionStatus.DOING))) {
            run.status = ExecutionStatus.ENQUEUED;
            if (crashed) {
                crash(run);
            } else {
                run.lost++;
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ many nodes

    Set<String> nodes(String node, Duration alive) {
        nodes.values().removeIf(until -> until <= now());
        if (alive.isPositive()) {
            nodes.put(node, in(alive));
        } else {
            nodes.remove(node);
        }
        return new TreeSet<>(nodes.keySet());
    }

    /** The store alone says which epoch comes next; it has to be greater than all before. */
    Optional<ListenRight> listen(TaskId id, String node, Duration lease, Optional<ListenRight> told) {
        Task task = tasks.get(id);
        if (task == null) {
            return Optional.empty();
        }
        Optional<ListenRight> valid = task.right.filter(right -> task.rightUntil > now());
        if (valid.isPresent() && !valid.get().node().equals(node)) {
            return Optional.empty();
        }
        if (valid.isEmpty()) {
            long epoch = told.map(ListenRight::epoch).orElse(0L);
            assertThat(epoch).as("epoch of " + id).isGreaterThan(lastEpochs.getOrDefault(id, 0L));
            lastEpochs.put(id, epoch);
            task.right = Optional.of(new ListenRight(id, node, epoch));
        }
        task.rightUntil = in(lease);
        return task.right;
    }

    /** Returns the rights that are over. */
    Set<ListenRight> renewListening(Collection<ListenRight> rights, Duration lease) {
        Set<ListenRight> over = new HashSet<>(rights);
        for (ListenRight right : rights) {
            task(right.task())
                    .filter(task -> task.right.equals(Optional.of(right)) && task.rightUntil > now())
                    .ifPresent(task -> {
                        task.rightUntil = in(lease);
                        over.remove(right);
                    });
        }
        return over;
    }

    void endListening(ListenRight right) {
        task(right.task())
                .filter(task -> task.right.equals(Optional.of(right)))
                .ifPresent(task -> task.right = Optional.empty());
    }

    // ------------------------------------------------------------------------------------------------ by order

    Optional<Run> replay(ExecutionKey key, ReplayConfig config) {
        Optional<Run> found = run(key).filter(run -> run.status.isFinished());
        found.ifPresent(run -> {
            run.content = run.stored().replayed(config);
            run.crashes = 0;
            run.replayed++;
            queue(run);
        });
        return found;
    }

    Optional<Run> abort(ExecutionKey key, String reason) {
        Optional<Run> found = run(key).filter(run -> !run.status.isFinished() && !run.timer);
        found.ifPresent(run -> {
            run.content = run.content.ended(reason, now());
            run.status = ExecutionStatus.FAILED;
            run.crashes = 0;
        });
        return found;
    }

    int clean(TaskId id, int keepDone, int keepFailed) {
        List<Run> old = task(id).stream()
                .flatMap(task ->
                        Map.of(ExecutionStatus.DONE, keepDone, ExecutionStatus.FAILED, keepFailed).entrySet().stream()
                                .flatMap(each -> task.runs.descendingMap().values().stream()
                                        .filter(run -> run.is(each.getKey()))
                                        .skip(each.getValue())))
                .toList();
        old.forEach(this::drop);
        return old.size();
    }

    int removeExecutions(TaskId id) {
        List<Run> all = task(id).map(task -> task.all(run -> !run.timer)).orElse(List.of());
        all.forEach(this::drop);
        return all.size();
    }

    // ------------------------------------------------------------------------------------------------ the whole

    /** Compares all that can be read of a store, and returns the tasks with their executions, newest first. */
    Map<TaskRecord, List<Execution>> compare(TaskStore store) {
        Map<TaskRecord, List<Execution>> all = new LinkedHashMap<>();
        store.tasks(Optional.empty(), 1000)
                .forEach(task -> all.put(task, store.executions(task.id(), Long.MAX_VALUE, 1000)));
        assertThat(all.keySet())
                .as("tasks")
                .containsExactlyElementsOf(
                        tasks.values().stream().map(task -> task.record).toList());
        for (Task task : tasks.values()) {
            TaskId id = task.record.id();
            assertThat(store.counts(id)).as("counts of " + id).isEqualTo(task.counts());
            assertThat(all.get(task.record).stream().map(StoreModel::words))
                    .as("executions of " + id)
                    .containsExactlyElementsOf(task.runs.descendingMap().values().stream()
                            .map(run -> words(run.stored()))
                            .toList());
            assertThat(store.cursor(id)).as("cursor of " + id).isEqualTo(task.cursor);
            assertThat(store.pausedUntil(id)).as("pause of " + id).isEqualTo(pausedUntil(id));
            compareRevisions(task, store.revisions(id));
        }
        compareTotals(store.counts());
        assertThat(store.nextDue().map(Samples::nanos)).as("next due").isEqualTo(nextDue());
        assertThat(store.nextLeaseEnd().map(Samples::nanos))
                .as("next end of a lease")
                .isEqualTo(nextLeaseEnd());
        assertThat(store.isMaintenance()).as("maintenance").isEqualTo(maintenance);
        return all;
    }

    private static void compareRevisions(Task task, List<TaskRevision> kept) {
        TaskId id = task.record.id();
        List<Revision> all = task.revisions.reversed();
        assertThat(kept).as("revisions of " + id).hasSize(Math.min(all.size(), TaskStore.KEPT_REVISIONS));
        for (int i = 0; i < kept.size(); i++) {
            TaskRevision told = kept.get(i);
            Revision made = all.get(i);
            assertThat(told.task().looksLike(made.record()))
                    .as("what " + id + " was " + i + " changes ago: " + told)
                    .isTrue();
            assertThat(told.number())
                    .as("number of a revision of " + id)
                    .isGreaterThan(made.after())
                    .isLessThanOrEqualTo(made.notAfter());
            assertThat(told.until())
                    .as("end of a revision of " + id)
                    .isEqualTo(i == 0 ? TaskRevision.OPEN : kept.get(i - 1).number());
            assertThat(told.changedAt()).as("time of a change of " + id).isEqualTo(made.changedAt());
        }
    }

    /** Compares what a store tells of itself in constant time. */
    void compareTotals(StoreCounts counts) {
        assertThat(counts)
                .as("counts")
                .isEqualTo(new StoreCounts(
                        tasks.size(),
                        all(run -> run.is(ExecutionStatus.SCHEDULED)).size(),
                        all(run -> run.is(ExecutionStatus.ENQUEUED)).size(),
                        all(run -> run.is(ExecutionStatus.DOING)).size(),
                        all(run -> run.is(ExecutionStatus.FAILED)).size(),
                        tasks.values().stream().filter(this::isPaused).count(),
                        counts.refused()));
    }

    /** All of an execution that a store keeps and this model changes, in words. */
    static String words(Execution execution) {
        return execution.key() + " " + execution.status() + " attempt " + execution.attempt() + " errors "
                + execution.errors() + " '" + execution.lastError() + "' at " + execution.processedAt() + " '"
                + Objects.requireNonNull(execution.payload()).text() + "' " + execution.trigger() + " "
                + execution.events() + " " + execution.marks();
    }
}
