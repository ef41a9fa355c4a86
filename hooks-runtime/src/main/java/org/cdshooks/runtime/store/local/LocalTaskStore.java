package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.NextTimes;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.RingResult;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.Entry.Place;
import org.cdshooks.runtime.store.local.Formers.Former;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of one process. {@link Transitions} says in memory what happens; this class brings JSON, waiting and errors
 * around it, all of them outside the lock.
 *
 * <p>Long, since the contract is: most methods are three lines.
 *
 * <p>Status, timestamp and revision in the JSON may be older than those in memory, which count: so nothing has to be
 * encoded once more under the lock, or when an execution only moves.
 */
final class LocalTaskStore implements TaskStore {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTaskStore.class);

    /** How much JSON the records that are kept decoded may have come from. */
    private static final int DECODED_BYTES = 512 << 10;

    private record Decoded(TaskRecord task, int bytes) {}

    private final Backing backing;
    private final Transitions transitions;

    /** Records of tasks by the number of their row, which never has another record: each is read often while it is in use. */
    private final Cache<Long, Decoded> decoded = Caffeine.newBuilder()
            .maximumWeight(DECODED_BYTES)
            .weigher((Long number, Decoded record) -> record.bytes())
            .executor(Runnable::run)
            .build();

    private final InstantSource clock;
    private volatile Runnable listener = () -> {};

    /** Opens a store whose leases are judged by the clock that judges everything else, for tests. */
    LocalTaskStore(Backing backing, InstantSource clock) {
        this(backing, clock, () -> Time.nanos(clock.instant()));
    }

    LocalTaskStore(Backing backing, InstantSource clock, LongSupplier steady) {
        this.backing = backing;
        this.clock = clock;
        this.transitions = Transitions.load(backing, clock, steady);
    }

    // ------------------------------------------------------------------------------------------------------ tasks

    @Override
    public TaskRecord putTask(TaskRecord task, Optional<Due> timer) {
        Optional<TaskRecord> stored;
        do {
            stored = replaceTask(task(task.id()), task, timer);
        } while (stored.isEmpty());
        return stored.get();
    }

    @Override
    public Optional<TaskRecord> replaceTask(
            Optional<TaskRecord> seen, TaskRecord task, Optional<TaskRecord> former, Optional<Due> timer) {
        backing.checkRoom();
        checkName("type", task.type());
        byte[] json = TaskJson.encode(task);
        Optional<byte[]> before = former.map(TaskJson::encode);
        Optional<NewRun> run = timer.map(NewRun::of);
        Transitions.Written<Optional<TaskRecord>> written =
                change(() -> transitions.replaceTask(seen, task, json, before, run));
        backing.await(written.ticket());
        return written.result();
    }

    @Override
    public Optional<TaskRecord> task(TaskId id) {
        backing.checkUsable();
        // A record is replaced under another number, so whoever finds nothing under the number looks once more.
        for (long missed = -1; ; ) {
            Transitions.TaskRow row = transitions.taskRow(id);
            if (row == null) {
                return Optional.empty();
            }
            Optional<TaskRecord> task = read(id, row);
            if (task.isPresent()) {
                return task;
            }
            if (missed == row.number()) {
                throw new StoreUnavailableException("the record of task " + id + " is gone from the store", false);
            }
            missed = row.number();
        }
    }

    /** Returns the record of a row; empty if another row has taken its place. */
    private Optional<TaskRecord> read(TaskId id, Transitions.TaskRow row) {
        Decoded known = decoded.getIfPresent(row.number());
        if (known != null) {
            return Optional.of(known.task());
        }
        byte[] value;
        try {
            value = backing.read(Kind.TASK, row.number());
        } catch (DamagedValueException e) {
            // It was whole when the store was opened.
            throw new StoreUnavailableException("the record of task " + id + " can't be read any more", e);
        }
        if (value == null) {
            return Optional.empty();
        }
        TaskRecord task = TaskJson.decode(Rows.taskJson(value)).stored(row.revision(), row.createdAt());
        decoded.put(row.number(), new Decoded(task, value.length));
        return Optional.of(task);
    }

    @Override
    public List<TaskRevision> revisions(TaskId id) {
        List<TaskRevision> found = new ArrayList<>();
        for (Former kept : transitions.revisions(id).reversed()) {
            read(id, kept).ifPresent(found::add);
        }
        return found;
    }

    @Override
    public Optional<TaskRevision> revision(TaskId id, long number) {
        return transitions.revision(id, number).flatMap(kept -> read(id, kept));
    }

    /** Reads what a task was or is; empty if it was dropped or damaged meanwhile. */
    private Optional<TaskRevision> read(TaskId id, Former kept) {
        backing.checkUsable();
        Transitions.TaskRow row = transitions.taskRow(id);
        if (row == null) {
            return Optional.empty();
        }
        try {
            // What it is now may have become what it was in between; whoever asked just before would have got it.
            return FormerTasks.read(backing, kept, row.createdAt())
                    .or(() -> kept.until() == TaskRevision.OPEN
                            ? transitions.revisions(id).stream()
                                    .filter(again -> again.since() == kept.since())
                                    .findFirst()
                                    .flatMap(again -> FormerTasks.read(backing, again, row.createdAt()))
                            : Optional.empty());
        } catch (DamagedValueException | MalformedRecordException e) {
            LOG.error("revision {} of task {} can't be read: {}", kept.since(), id, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public boolean removeTask(TaskId id) {
        Transitions.Written<Boolean> written = change(() -> transitions.removeTask(id));
        backing.await(written.ticket());
        return written.result();
    }

    @Override
    public List<TaskRecord> tasks(Optional<TaskId> after, int limit) {
        backing.checkUsable();
        List<TaskRecord> tasks = new ArrayList<>();
        for (TaskId id : transitions.tasks(after, limit)) {
            task(id).ifPresent(tasks::add);
        }
        return tasks;
    }

    @Override
    public Optional<String> cursor(TaskId id) {
        backing.checkUsable();
        return transitions.cursor(id);
    }

    // --------------------------------------------------------------------------------------------------- new work

    @Override
    public AcceptResult accept(Execution execution, AcceptTerms terms) {
        backing.checkRoom();
        checkName("type", execution.key().type());
        checkName("trigger", execution.trigger());
        NewRun run = NewRun.of(execution);
        Optional<DeliveryHash> delivery = terms.dedupKey().map(DeliveryHash::of);
        Transitions.Written<AcceptResult> written = change(() -> transitions.accept(run, delivery, terms));
        switch (written.result()) {
            // A duplicate waits as well, since its first may not be durable yet.
            case AcceptResult.Stored _, AcceptResult.Duplicate _ -> backing.await(written.ticket());
            case AcceptResult.NoSuchTask _, AcceptResult.Overloaded _, AcceptResult.Fenced _ -> {}
        }
        return written.result();
    }

    @Override
    public List<Due> dueTimers(int max) {
        backing.checkUsable();
        return due(transitions.dueTimers(max));
    }

    @Override
    public List<Due> dueTimers(Set<String> types, int max) {
        backing.checkUsable();
        return due(transitions.dueTimers(types, max));
    }

    @Override
    public void holdTimer(ExecutionKey key, Duration time) {
        backing.checkUsable();
        transitions.holdTimer(key, time);
    }

    @Override
    public long timersBeside(Set<String> types) {
        backing.checkUsable();
        return transitions.timersBeside(types);
    }

    private List<Due> due(List<Seen> timers) {
        List<Due> due = new ArrayList<>();
        for (Seen seen : timers) {
            load(seen).ifPresent(execution -> due.add(new Due(execution, Time.instant(seen.until()))));
        }
        return due;
    }

    @Override
    public RingResult ring(Ring ring) {
        // A run is new work: a timer that is due waits until there is room.
        backing.checkRoom();
        Seen waiting = transitions.waitingTimer(ring.key());
        if (waiting == null) {
            return RingResult.STALE;
        }
        Optional<Execution> stored = load(waiting);
        if (stored.isEmpty()) {
            return RingResult.STALE;
        }
        Optional<Execution> found = stored.map(ring::accepted);
        Optional<byte[]> run = found.filter(
                        execution -> !execution.marks().equals(stored.get().marks()))
                .map(ExecutionJson::encode);
        long now = Time.nanos(clock.instant());
        Optional<String> busyReason = switch (ring.fate()) {
            case Ring.Fate.Run(Optional<String> reason) -> reason;
            case Ring.Fate.Merge _ -> Optional.empty();
            case Ring.Fate.Record(String _, Optional<String> reason) -> reason;
        };
        Optional<byte[]> recorded = switch (ring.fate()) {
            case Ring.Fate.Run _, Ring.Fate.Merge _ -> Optional.empty();
            case Ring.Fate.Record(String reason, Optional<String> _) ->
                Optional.of(ExecutionJson.encode(found.get().ended(reason, now)));
        };
        Optional<byte[]> skipped =
                busyReason.map(reason -> ExecutionJson.encode(found.get().ended(reason, now)));
        List<Transitions.Missed> missed = new ArrayList<>();
        for (Execution execution : ring.catchUp()) {
            missed.add(new Transitions.Missed(
                    NewRun.of(execution),
                    busyReason.map(reason -> ExecutionJson.encode(execution.ended(reason, now)))));
        }
        Optional<NewRun> next = ring.next().map(NewRun::of);
        return change(() -> transitions.ring(
                waiting,
                ring.revision(),
                ring.fate() instanceof Ring.Fate.Merge,
                run,
                recorded,
                skipped,
                missed,
                next));
    }

    @Override
    public int promoteRetries(int max) {
        return change(() -> transitions.promoteRetries(max));
    }

    @Override
    public NextTimes nextTimes() {
        backing.checkUsable();
        return transitions.nextTimes();
    }

    @Override
    public NextTimes nextTimes(Set<String> types) {
        backing.checkUsable();
        return transitions.nextTimes(types);
    }

    // --------------------------------------------------------------------------------------------------- workers

    @Override
    public List<Claim> claim(int max, int maxPerTask, Duration lease) {
        Transitions.Written<Transitions.Taken> taken = change(() -> transitions.claim(max, maxPerTask, lease));
        while (taken.result().claimed().isEmpty() && taken.result().more() != 0) {
            // No worker gets what a crash could still undo. Nothing else is to be done meanwhile.
            backing.await(taken.result().more());
            taken = change(() -> transitions.claim(max, maxPerTask, lease));
        }
        List<Claim> claims = new ArrayList<>();
        for (Seen seen : taken.result().claimed()) {
            load(seen).ifPresent(execution -> claims.add(new Claim(execution, seen.token(), seen.crashes())));
        }
        backing.await(taken.ticket());
        return claims;
    }

    @Override
    public boolean setPhase(Claim claim, ClaimPhase phase) {
        Transitions.Written<Boolean> written = change(() -> transitions.setPhase(claim, phase));
        backing.await(written.ticket());
        return written.result();
    }

    @Override
    public List<Claim> extend(Collection<Claim> claims, Duration lease) {
        return finish(() -> transitions.extend(claims, lease));
    }

    @Override
    public boolean checkpoint(Claim claim, Progress progress) {
        byte[] body = ExecutionJson.encode(progress.execution().status(ExecutionStatus.DOING));
        Optional<NewRun> timer = progress.timer().map(NewRun::of);
        return finish(() -> transitions.checkpoint(claim, body, progress.cursor(), timer, progress.revision()));
    }

    @Override
    public boolean settle(Claim claim, Settlement settlement) {
        byte[] body = ExecutionJson.encode(settlement.execution());
        return switch (settlement) {
            case Settlement.Done done -> {
                Optional<NewRun> timer = done.timer().map(NewRun::of);
                yield finish(() -> transitions.settle(claim, Place.DONE, 0, body, done.cursor(), timer));
            }
            case Settlement.Retry retry ->
                finish(() -> transitions.settle(
                        claim, Place.RETRY, Time.nanos(retry.due()), body, Optional.empty(), Optional.empty()));
            case Settlement.Failed _ ->
                finish(() -> transitions.settle(claim, Place.FAILED, 0, body, Optional.empty(), Optional.empty()));
        };
    }

    @Override
    public void release(Collection<Claim> claims) {
        finish(() -> transitions.release(claims));
    }

    @Override
    public int recover(int max) {
        return change(() -> transitions.recover(max));
    }

    @Override
    public boolean pause(TaskId id, Instant until) {
        Transitions.Written<Boolean> written = change(() -> transitions.pause(id, Time.nanos(until)));
        backing.await(written.ticket());
        return written.result();
    }

    @Override
    public Optional<Instant> pausedUntil(TaskId id) {
        backing.checkUsable();
        return transitions.pausedUntil(id);
    }

    @Override
    public void setMaintenance(boolean enable) {
        backing.await(change(() -> transitions.setMaintenance(enable)).ticket());
    }

    @Override
    public boolean isMaintenance() {
        backing.checkUsable();
        return transitions.isMaintenance();
    }

    @Override
    public void onWork(Runnable newListener) {
        listener = newListener;
    }

    // ------------------------------------------------------------------------------------------------ many nodes

    @Override
    public ExecutionKey firstToDo(
            String scope, String key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        DeliveryHash hash = DeliveryHash.of(scope + "\n" + key);
        return change(() -> transitions.firstToDo(hash, execution, window, insteadOf));
    }

    /** Nobody else uses this store: the process itself knows of everything. */
    @Override
    public Duration maxSleep() {
        return Duration.ofSeconds(60);
    }

    @Override
    public String agree(String name, String offered) {
        return offered;
    }

    @Override
    public List<String> nodes(String node, Duration alive) {
        return finish(() -> transitions.nodes(node, alive));
    }

    @Override
    public Optional<ListenRight> listen(TaskId id, String node, Duration lease) {
        return change(() -> transitions.listen(id, node, lease));
    }

    @Override
    public List<ListenRight> renewListening(Collection<ListenRight> rights, Duration lease) {
        return finish(() -> transitions.renewListening(List.copyOf(rights), lease));
    }

    @Override
    public void endListening(ListenRight right) {
        finish(() -> transitions.endListening(right));
    }

    /** There are no other nodes. */
    @Override
    public void onTaskChange(TaskChangeListener newListener) {}

    // ------------------------------------------------------------------------------------------ what people ask for

    @Override
    public Optional<Execution> replay(ExecutionKey key, ReplayConfig config) {
        return rewrite(
                key,
                seen -> seen.place().isFinished(),
                execution -> execution.replayed(config),
                (seen, execution, body) -> transitions.replay(seen, body));
    }

    @Override
    public Optional<Execution> abort(ExecutionKey key, String reason) {
        return rewrite(
                key,
                seen -> !seen.place().isFinished() && seen.place() != Place.TIMER,
                execution -> execution.ended(reason, Time.nanos(clock.instant())),
                (seen, execution, body) -> transitions.abort(seen, body));
    }

    /** Puts an execution with another body into another place, once nothing has happened to it in between. */
    private Optional<Execution> rewrite(ExecutionKey key, Applies applies, Edit edit, Put put) {
        backing.checkUsable();
        while (true) {
            Seen seen = transitions.execution(key);
            if (seen == null || !applies.to(seen)) {
                return Optional.empty();
            }
            Optional<Execution> execution = load(seen).map(edit::of);
            if (execution.isEmpty()) {
                continue;
            }
            byte[] body = ExecutionJson.encode(execution.get());
            Transitions.Written<Optional<ExecutionStatus>> written = change(() -> put.put(seen, execution.get(), body));
            if (written.result().isPresent()) {
                backing.await(written.ticket());
                return Optional.of(execution.get().status(written.result().get()));
            }
        }
    }

    private interface Applies {
        boolean to(Seen seen);
    }

    private interface Edit {
        Execution of(Execution execution);
    }

    private interface Put {
        Transitions.Written<Optional<ExecutionStatus>> put(Seen seen, Execution execution, byte[] body);
    }

    @Override
    public int clean(TaskId id, int keepDone, int keepFailed) {
        return change(() -> transitions.clean(id, keepDone, keepFailed));
    }

    @Override
    public int removeExecutions(TaskId id) {
        Transitions.Written<Integer> written = change(() -> transitions.removeExecutions(id));
        backing.await(written.ticket());
        return written.result();
    }

    @Override
    public Optional<Execution> execution(ExecutionKey key) {
        return latest(() -> transitions.execution(key));
    }

    @Override
    public Optional<Execution> execution(TaskId id, long timestamp) {
        return latest(() -> transitions.execution(id, timestamp));
    }

    @Override
    public List<Execution> executions(TaskId id, long before, int limit) {
        backing.checkUsable();
        List<Execution> executions = new ArrayList<>();
        for (Seen seen : transitions.executions(id, before, limit)) {
            load(seen).or(() -> execution(seen.key())).ifPresent(executions::add);
        }
        return executions;
    }

    @Override
    public TaskCounts counts(TaskId id) {
        backing.checkUsable();
        return transitions.counts(id);
    }

    @Override
    public StoreCounts counts() {
        return transitions.counts();
    }

    @Override
    public RequestLog requests() {
        return new LocalRequestLog(backing, transitions);
    }

    // --------------------------------------------------------------------------------------------------- the store

    @Override
    public String durability() {
        return backing.durability();
    }

    @Override
    public Optional<String> problem() {
        return backing.condition().problem();
    }

    @Override
    public boolean hasStopped() {
        return backing.condition() instanceof Condition.Stopped;
    }

    /** Work that is under lease was not given up by a crash: it waits in the queue for the next start. */
    @Override
    public void close() {
        if (!hasStopped()) {
            transitions.releaseAll();
        }
        backing.close();
    }

    // ------------------------------------------------------------------------------------------------------ inside

    /** Tells whether it is being filled from another store, and so is not whole. */
    boolean isMoving() {
        return transitions.isMoving();
    }

    /** Makes a change that can wait until something can be written again. */
    private <T> T change(Supplier<T> transition) {
        backing.checkWritable();
        return finish(transition);
    }

    /**
     * Makes a change that tells what has become of work that runs: it is made in memory also while nothing can be
     * written, so that the work is not done once more when there is room.
     */
    private <T> T finish(Supplier<T> transition) {
        backing.checkUsable();
        backing.awaitRoom();
        T result = transition.get();
        if (transitions.takeWork()) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("whoever waits for work could not be told", e);
            }
        }
        return result;
    }

    private Optional<Execution> latest(Supplier<@Nullable Seen> look) {
        backing.checkUsable();
        while (true) {
            Seen seen = look.get();
            if (seen == null) {
                return Optional.empty();
            }
            Optional<Execution> execution = load(seen);
            if (execution.isPresent()) {
                return execution;
            }
        }
    }

    /**
     * Reads the body of an execution as it was seen.
     *
     * @return the execution; empty if it has moved on in between, so that its body has been replaced or removed
     */
    private Optional<Execution> load(Seen seen) {
        String damage;
        try {
            byte[] body = backing.read(Kind.BODY, seen.body());
            if (body != null) {
                return Optional.of(overlay(seen, ExecutionJson.decode(body)));
            }
            if (!transitions.hasBody(seen)) {
                return Optional.empty();
            }
            damage = "it is not in the file";
        } catch (DamagedValueException | MalformedRecordException e) {
            damage = String.valueOf(e.getMessage());
        }
        return replaceDamaged(seen, damage);
    }

    private static Execution overlay(Seen seen, Execution stored) {
        Execution execution = stored.at(seen.timestamp()).status(seen.place().status());
        return seen.crashed() ? execution.givenUp(seen.crashes()) : execution;
    }

    /**
     * Deals with one body that can't be read, so that everything else goes on: a waiting timer has no content worth
     * speaking of and rings as it should; everything else that is unfinished is put aside as FAILED. The damaged body
     * stays in the file for whoever wants to look at it.
     */
    private Optional<Execution> replaceDamaged(Seen seen, String damage) {
        LOG.error("the content of execution {} is damaged: {}", seen.key(), damage);
        Execution empty = Execution.of(seen.key(), seen.trigger(), Map.of(), Payload.empty());
        if (seen.place() == Place.TIMER) {
            byte[] body = ExecutionJson.encode(empty);
            change(() -> transitions.replaceBody(seen, Place.TIMER, body));
            return Optional.of(empty);
        }
        Execution failed = empty.failed("what came in can't be read any more: " + damage)
                .status(seen.place().isFinished() ? seen.place().status() : ExecutionStatus.FAILED);
        if (!seen.place().isFinished()) {
            byte[] body = ExecutionJson.encode(failed);
            change(() -> transitions.replaceBody(seen, Place.FAILED, body));
            // A worker must not get it.
            return seen.place() == Place.LEASE ? Optional.empty() : Optional.of(failed);
        }
        return Optional.of(failed);
    }

    private static void checkName(String what, String name) {
        if (name.getBytes(UTF_8).length > 1024) {
            throw new IllegalArgumentException("the name of the " + what + " is longer than 1024 bytes");
        }
    }
}
