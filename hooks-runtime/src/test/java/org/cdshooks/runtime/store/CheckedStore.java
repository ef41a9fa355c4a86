package org.cdshooks.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.Faults.Kind;
import org.cdshooks.runtime.store.StoreModel.Run;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * The store of one caller, whose every answer is compared with that of a model, also when calls fail or come twice. Callers
 * that share a store share the model. For one thread.
 *
 * <p>Long, since the contract is.
 */
final class CheckedStore implements TaskStore {
    private final String caller;
    private final TaskStore store;
    private final StoreModel model;
    private final Faults faults;
    private final Consumer<String> log;

    /** Leases of claims whose reply was lost: the next claim gives them. */
    private List<Lease> unanswered = List.of();

    private record Lease(Run run, long lease) {
        boolean isHeld() {
            return !run.removed && run.is(ExecutionStatus.DOING) && run.lease == lease;
        }
    }

    /** Not checked against the model: no transition depends on it. */
    @Override
    public RequestLog requests() {
        return store.requests();
    }

    CheckedStore(String caller, TaskStore store, StoreModel model, Faults faults, Consumer<String> log) {
        this.caller = caller;
        this.store = store;
        this.model = model;
        this.faults = faults;
        this.log = log;
    }

    /** Compares all that can be read, and returns the tasks with their executions. */
    Map<TaskRecord, List<Execution>> compare() {
        return model.compare(store);
    }

    /**
     * Makes a call and compares its answer.
     *
     * @param again what the same call answers when it comes at once for the second time, in the place of what it answered
     *     first
     */
    private <T> T call(String words, Supplier<T> call, Supplier<T> expected, UnaryOperator<T> again) {
        T answer;
        try {
            answer = call.get();
        } catch (StoreUnavailableException e) {
            log.accept(caller + " " + words + ": " + e.getMessage());
            if (faults.struck() == Kind.LOST_REPLY) {
                var _ = expected.get();
            }
            throw e;
        } catch (RuntimeException | AssertionError e) {
            log.accept(caller + " " + words + ": " + e);
            throw e;
        }
        boolean twice = faults.struck() == Kind.TWICE;
        log.accept(caller + " " + words + (twice ? ", twice: " : ": ") + answer);
        T first = expected.get();
        assertThat(answer).as(caller + " " + words).isEqualTo(twice ? again.apply(first) : first);
        return answer;
    }

    private <T> T call(String words, Supplier<T> call, Supplier<T> expected) {
        return call(words, call, expected, first -> expected.get());
    }

    private void run(String words, Runnable call, Runnable expected) {
        call(
                words,
                () -> {
                    call.run();
                    return "done";
                },
                () -> {
                    expected.run();
                    return "done";
                });
    }

    private static String words(Claim claim) {
        return claim.key().task() + ":" + claim.key().timestamp() % 1_000_000_000_000L;
    }

    // ------------------------------------------------------------------------------------------------------ tasks

    @Override
    public TaskRecord putTask(TaskRecord task, Optional<Due> timer) {
        return call(
                "puts " + task.id() + timer.map(due -> " until " + due.due()).orElse(""),
                () -> store.putTask(task, timer),
                () -> model.put(task, timer, revision(task.id())),
                first -> first);
    }

    @Override
    public Optional<TaskRecord> replaceTask(
            Optional<TaskRecord> seen, TaskRecord task, Optional<TaskRecord> former, Optional<Due> timer) {
        return call(
                "replaces " + task.id() + " "
                        + seen.map(TaskRecord::revision).map(String::valueOf).orElse("none")
                        + timer.map(due -> " until " + due.due()).orElse(""),
                () -> store.replaceTask(seen, task, former, timer),
                () -> model.replace(seen, task, timer, revision(task.id())));
    }

    private LongSupplier revision(TaskId id) {
        return () -> store.task(id).orElseThrow().revision();
    }

    @Override
    public Optional<TaskRecord> task(TaskId id) {
        return call("reads " + id, () -> store.task(id), () -> model.task(id).map(task -> task.record));
    }

    @Override
    public List<TaskRevision> revisions(TaskId id) {
        return store.revisions(id);
    }

    @Override
    public Optional<TaskRevision> revision(TaskId id, long number) {
        return store.revision(id, number);
    }

    @Override
    public boolean removeTask(TaskId id) {
        return call("removes " + id, () -> store.removeTask(id), () -> model.remove(id));
    }

    @Override
    public List<TaskRecord> tasks(Optional<TaskId> after, int limit) {
        return store.tasks(after, limit);
    }

    @Override
    public Optional<String> cursor(TaskId id) {
        return call(
                "asks for the cursor of " + id,
                () -> store.cursor(id),
                () -> model.task(id).flatMap(task -> task.cursor));
    }

    // --------------------------------------------------------------------------------------------------- new work

    @Override
    public AcceptResult accept(Execution execution, AcceptTerms terms) {
        return call(
                        "accepts " + execution.payload().text() + " for "
                                + execution.key().task()
                                + terms.right().map(right -> " by " + right).orElse(""),
                        () -> plain(store.accept(execution, terms)),
                        () -> plain(model.accept(execution, terms)),
                        first -> first)
                .result();
    }

    /** Executions know nothing of equality. */
    private record Accepted(String words, AcceptResult result) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Accepted accepted && accepted.words.equals(words);
        }

        @Override
        public int hashCode() {
            return words.hashCode();
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private static Accepted plain(AcceptResult result) {
        return new Accepted(
                result instanceof AcceptResult.Stored(Execution execution)
                        ? "stored as " + StoreModel.words(execution)
                        : result.toString(),
                result);
    }

    @Override
    public List<Due> dueTimers(int max) {
        List<Due> found = store.dueTimers(max);
        log.accept(caller + " finds timers: "
                + found.stream().map(due -> due.execution().key().toString()).toList());
        List<Run> all = model.dueTimers();
        List<Long> times = all.stream().map(run -> run.until).sorted().toList();
        assertThat(found.stream().map(due -> Samples.nanos(due.due())))
                .as("timers that are due, earliest first")
                .containsExactlyElementsOf(times.subList(0, Math.min(max, times.size())));
        assertThat(all.stream().map(run -> StoreModel.words(run.stored()) + run.until))
                .as("timers that are due")
                .containsAll(found.stream()
                        .map(due -> StoreModel.words(due.execution()) + Samples.nanos(due.due()))
                        .toList());
        return found;
    }

    @Override
    public RingResult ring(Ring ring) {
        return call(
                "rings " + ring.key() + (ring.fate() instanceof Ring.Fate.Run ? "" : ", recorded") + ", missed "
                        + ring.catchUp().size() + ", next "
                        + ring.next().map(Due::due).map(Instant::toString).orElse("none"),
                () -> store.ring(ring),
                () -> model.ring(ring));
    }

    @Override
    public int promoteRetries(int max) {
        return call("promotes", () -> store.promoteRetries(max), () -> model.promoteRetries(max));
    }

    @Override
    public List<Due> dueTimers(Set<String> types, int max) {
        return store.dueTimers(types, max);
    }

    @Override
    public void holdTimer(ExecutionKey key, Duration time) {
        throw new UnsupportedOperationException("the model knows no timers that are held");
    }

    @Override
    public long timersBeside(Set<String> types) {
        return store.timersBeside(types);
    }

    @Override
    public NextTimes nextTimes(Set<String> types) {
        return store.nextTimes(types);
    }

    @Override
    public NextTimes nextTimes() {
        return store.nextTimes();
    }

    // --------------------------------------------------------------------------------------------------- workers

    @Override
    public List<Claim> claim(int max, int maxPerTask, Duration lease) {
        String words = caller + " claims " + max + ", " + maxPerTask + " per task: ";
        List<Claim> claims;
        try {
            claims = store.claim(max, maxPerTask, lease);
        } catch (StoreUnavailableException e) {
            log.accept(words + e.getMessage());
            if (faults.struck() == Kind.LOST_REPLY) {
                unheard(max, maxPerTask, lease);
            }
            throw e;
        }
        log.accept(words + claims.stream().map(CheckedStore::words).toList());
        List<Run> held =
                unanswered.stream().filter(Lease::isHeld).map(Lease::run).toList();
        unanswered = List.of();
        if (held.isEmpty()) {
            List<ExecutionKey> keys = claims.stream().map(Claim::key).toList();
            List<Run> runs = model.claimed(keys, max, maxPerTask, lease);
            for (int i = 0; i < runs.size(); i++) {
                StoreModel.told(runs.get(i), claims.get(i));
            }
            return claims;
        }
        assertThat(claims).as("what the lost reply said").hasSize(Math.min(max, held.size()));
        for (Claim claim : claims) {
            Run run = model.run(claim.key()).orElseThrow();
            assertThat(held).as("what the lost reply said").contains(run);
            StoreModel.told(run, claim);
        }
        held.stream().filter(run -> run.token.isEmpty()).forEach(run -> run.status = ExecutionStatus.ENQUEUED);
        return claims;
    }

    /** A claim has been made, and nobody has heard of what: it can be seen in the store. */
    private void unheard(int max, int maxPerTask, Duration lease) {
        if (unanswered.stream().anyMatch(Lease::isHeld)) {
            return; // the same claim once more
        }
        Set<ExecutionKey> doing = new HashSet<>();
        model.tasks()
                .forEach(task -> store.executions(task.record.id(), Long.MAX_VALUE, 1000).stream()
                        .filter(execution -> execution.status() == ExecutionStatus.DOING)
                        .forEach(execution -> doing.add(execution.key())));
        List<ExecutionKey> taken =
                model.all(run -> run.is(ExecutionStatus.ENQUEUED) && doing.contains(run.key)).stream()
                        .sorted(Comparator.comparingLong(run -> run.order))
                        .map(run -> run.key)
                        .toList();
        log.accept(caller + " has not heard of " + taken);
        unanswered = model.claimed(taken, max, maxPerTask, lease).stream()
                .map(run -> new Lease(run, run.lease))
                .toList();
    }

    @Override
    public List<Claim> extend(Collection<Claim> claims, Duration lease) {
        Set<String> lost = call(
                "extends " + claims.stream().map(CheckedStore::words).toList() + ", lost",
                () -> names(store.extend(claims, lease)),
                () -> names(model.extend(claims, lease)));
        return claims.stream().filter(claim -> lost.contains(name(claim))).toList();
    }

    private static Set<String> names(List<Claim> claims) {
        Set<String> names = new TreeSet<>();
        claims.forEach(claim -> names.add(name(claim)));
        assertThat(names).hasSameSizeAs(claims);
        return names;
    }

    private static String name(Claim claim) {
        return claim.key() + " " + claim.token();
    }

    @Override
    public boolean setPhase(Claim claim, ClaimPhase phase) {
        return call(
                "notes that " + words(claim) + " is " + phase,
                () -> store.setPhase(claim, phase),
                () -> model.setPhase(claim, phase));
    }

    @Override
    public boolean checkpoint(Claim claim, Progress progress) {
        return call(
                "checkpoints " + words(claim)
                        + progress.timer().map(due -> " until " + due.due()).orElse(""),
                () -> store.checkpoint(claim, progress),
                () -> model.checkpoint(claim, progress));
    }

    @Override
    public boolean settle(Claim claim, Settlement settlement) {
        return call(
                "settles " + words(claim) + " " + settlement.getClass().getSimpleName(),
                () -> store.settle(claim, settlement),
                () -> model.settle(claim, settlement));
    }

    @Override
    public void release(Collection<Claim> claims) {
        run(
                "releases " + claims.stream().map(CheckedStore::words).toList(),
                () -> store.release(claims),
                () -> model.release(claims));
    }

    @Override
    public int recover(int max) {
        return call("recovers", () -> store.recover(max), () -> model.recover(max));
    }

    @Override
    public boolean pause(TaskId id, Instant until) {
        return call("pauses " + id + " until " + until, () -> store.pause(id, until), () -> model.pause(id, until));
    }

    @Override
    public Optional<Instant> pausedUntil(TaskId id) {
        return call("asks for the pause of " + id, () -> store.pausedUntil(id), () -> model.pausedUntil(id));
    }

    @Override
    public void setMaintenance(boolean enable) {
        run("sets maintenance " + enable, () -> store.setMaintenance(enable), () -> model.setMaintenance(enable));
    }

    @Override
    public boolean isMaintenance() {
        return call("asks for maintenance", store::isMaintenance, model::isMaintenance);
    }

    @Override
    public void onWork(Runnable listener) {
        store.onWork(listener);
    }

    // ------------------------------------------------------------------------------------------------ many nodes

    @Override
    public Duration maxSleep() {
        return store.maxSleep();
    }

    @Override
    public ExecutionKey firstToDo(
            String scope, String key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        return store.firstToDo(scope, key, execution, window, insteadOf);
    }

    @Override
    public String agree(String name, String offered) {
        return store.agree(name, offered);
    }

    @Override
    public List<String> nodes(String node, Duration alive) {
        return new ArrayList<>(call(
                "lives for " + alive.toSeconds() + " s as " + node,
                () -> new TreeSet<>(store.nodes(node, alive)),
                () -> model.nodes(node, alive)));
    }

    @Override
    public Optional<ListenRight> listen(TaskId id, String node, Duration lease) {
        List<ListenRight> told = new ArrayList<>();
        return call(
                "listens for " + id,
                () -> {
                    Optional<ListenRight> right = store.listen(id, node, lease);
                    right.ifPresent(told::add);
                    return right;
                },
                () -> model.listen(
                        id,
                        node,
                        lease,
                        told.isEmpty() ? right(id, node, lease) : told.stream().findFirst()));
    }

    /** What was given by a call whose reply is lost is given again by the next one. */
    private Optional<ListenRight> right(TaskId id, String node, Duration lease) {
        return faults.struck() == Kind.LOST_REPLY ? store.listen(id, node, lease) : Optional.empty();
    }

    @Override
    public List<ListenRight> renewListening(Collection<ListenRight> rights, Duration lease) {
        return new ArrayList<>(call(
                "renews " + rights,
                () -> Set.copyOf(store.renewListening(rights, lease)),
                () -> model.renewListening(rights, lease)));
    }

    @Override
    public void endListening(ListenRight right) {
        run("ends " + right, () -> store.endListening(right), () -> model.endListening(right));
    }

    @Override
    public void onTaskChange(TaskChangeListener listener) {
        store.onTaskChange(listener);
    }

    // ------------------------------------------------------------------------------------------ what people ask for

    @Override
    public Optional<Execution> replay(ExecutionKey key, ReplayConfig config) {
        return rewritten(
                "replays " + key + " as " + config, () -> store.replay(key, config), () -> model.replay(key, config));
    }

    @Override
    public Optional<Execution> abort(ExecutionKey key, String reason) {
        return rewritten("aborts " + key, () -> store.abort(key, reason), () -> model.abort(key, reason));
    }

    private Optional<Execution> rewritten(
            String words, Supplier<Optional<Execution>> call, Supplier<Optional<Run>> expected) {
        List<Execution> answer = new ArrayList<>();
        call(
                words,
                () -> {
                    Optional<Execution> execution = call.get();
                    execution.ifPresent(answer::add);
                    return execution.map(StoreModel::words);
                },
                () -> expected.get().map(run -> StoreModel.words(run.stored())));
        return answer.stream().findFirst();
    }

    @Override
    public int clean(TaskId id, int keepDone, int keepFailed) {
        return call(
                "cleans " + id + ", keeps " + keepDone + " and " + keepFailed,
                () -> store.clean(id, keepDone, keepFailed),
                () -> model.clean(id, keepDone, keepFailed));
    }

    @Override
    public int removeExecutions(TaskId id) {
        return call("removes executions of " + id, () -> store.removeExecutions(id), () -> model.removeExecutions(id));
    }

    @Override
    public Optional<Execution> execution(ExecutionKey key) {
        return rewritten("reads " + key, () -> store.execution(key), () -> model.run(key));
    }

    @Override
    public Optional<Execution> execution(TaskId id, long timestamp) {
        return rewritten(
                "reads " + id + ":" + timestamp,
                () -> store.execution(id, timestamp),
                () -> model.task(id).map(task -> task.runs.get(timestamp)));
    }

    @Override
    public List<Execution> executions(TaskId id, long before, int limit) {
        return store.executions(id, before, limit);
    }

    @Override
    public TaskCounts counts(TaskId id) {
        return call(
                "counts " + id,
                () -> store.counts(id),
                () -> model.task(id).map(StoreModel.Task::counts).orElse(TaskCounts.NONE));
    }

    @Override
    public StoreCounts counts() {
        StoreCounts counts = store.counts();
        model.compareTotals(counts);
        return counts;
    }

    // --------------------------------------------------------------------------------------------------- the store

    @Override
    public String durability() {
        return store.durability();
    }

    @Override
    public Optional<String> problem() {
        return store.problem();
    }

    @Override
    public void close() {
        store.close();
    }
}
