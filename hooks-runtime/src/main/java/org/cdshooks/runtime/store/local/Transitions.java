package org.cdshooks.runtime.store.local;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.NextTimes;
import org.cdshooks.runtime.store.RingResult;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreContents.DeliveryContents;
import org.cdshooks.runtime.store.StoreContents.ExecutionContents;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.Entry.Place;
import org.cdshooks.runtime.store.local.Formers.Former;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of an execution's life, each one step under one lock: the index is changed, and what has to be written is
 * handed to the backing before the lock is let go, so that the order on disk is the order in memory. Nothing in here reads
 * a file, waits or touches JSON.
 *
 * <p>Long, for this is the one place that says what a transition is.
 */
final class Transitions {
    private final Backing backing;
    private final InstantSource clock;
    private final LongSupplier steady;
    private final ReentrantLock lock = new ReentrantLock();
    private final Index index = new Index();
    private final List<Change> changes = new ArrayList<>();

    /**
     * What somebody has asked this step to queue: no worker gets such an execution before the step is durable, for a crash
     * would undo what nobody was told of. A timer that rings does not wait: undone, the timer rings again for the same run.
     */
    private final List<Entry> fresh = new ArrayList<>();

    private final RequestRows requests;
    private final Firsts firsts;

    /** The last number given: of tasks, executions, bodies, deliveries and places in queues. */
    private long last;

    /** The last number that a process before has given. An execution with a lower one may have killed that process. */
    private long lastBefore;

    /** Begins anywhere, so that a claim of a process before is not taken for one of this process. */
    private long lastToken = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2);

    private long lastTicket;
    private long refused;
    private boolean maintenance;

    /** Whether the step that runs begins work that the next process must know of, should this one die of it. */
    private boolean mustBeKnown;

    /** Tasks with a greater number have been brought in by a move that has not ended; -1 if there is none. */
    private long movedAfter = -1;

    /** Nodes and rights live as long as this process, which is the only one: the next one begins without them. */
    private final Map<String, Long> nodes = new TreeMap<>();

    private final Map<TaskId, Right> rights = new HashMap<>();
    private long lastEpoch;
    private volatile boolean work;

    /**
     * The result of a transition that has to be waited for.
     *
     * @param result the result
     * @param ticket what has to be durable before it may be told
     */
    record Written<T>(T result, long ticket) {}

    /** Where the record of a task is, and what the store has set in it. */
    record TaskRow(long number, long revision, long createdAt) {}

    /**
     * A run of a timer that was missed.
     *
     * @param run the run, to be queued
     * @param skipped its JSON if it is recorded as skipped instead; empty if it may not be skipped
     */
    record Missed(NewRun run, Optional<byte[]> skipped) {}

    private Transitions(Backing backing, InstantSource clock, LongSupplier steady) {
        this.backing = backing;
        this.clock = clock;
        this.steady = steady;
        this.requests = new RequestRows(index, changes, () -> ++last, this::now);
        this.firsts = new Firsts(changes, () -> ++last, this::now);
    }

    // -------------------------------------------------------------------------------------------------- at the start

    /**
     * Loads what is there.
     *
     * @param clock judges what is due, deliveries and pauses
     * @param steady a clock in nanoseconds that nobody sets: judges leases, which end with this process at the latest
     */
    static Transitions load(Backing backing, InstantSource clock, LongSupplier steady) {
        Transitions transitions = new Transitions(backing, clock, steady);
        transitions.step(() -> {
            Map<Long, TaskEntry> tasks = new HashMap<>();
            Rows rows = new Rows();
            backing.load((kind, number, value) -> transitions.load(kind, number, value, tasks, rows));
            transitions.forgetDeliveries(Integer.MAX_VALUE);
            transitions.firsts.dropExpired(Integer.MAX_VALUE);
            transitions.lastBefore = transitions.last;
            return true;
        });
        return transitions;
    }

    private void load(Kind kind, long number, byte[] value, Map<Long, TaskEntry> tasks, Rows rows) {
        last = Math.max(last, number);
        switch (kind) {
            case TASK -> {
                TaskEntry task = Rows.task(value);
                task.row = number;
                last = Math.max(last, task.number);
                tasks.put(task.number, task);
                index.add(task);
            }
            case EXECUTION -> {
                Entry entry = rows.execution(number, value, tasks);
                last = Math.max(last, Math.max(entry.order, entry.body));
                if (entry.place == Place.LEASE) {
                    // The process that worked on it has ended without giving it back.
                    entry.crashes = entry.phase.crashesAfter(entry.crashes);
                    entry.place = entry.crashes >= TaskStore.MAX_CRASHES ? Place.FAILED : Place.QUEUE;
                    entry.until = 0;
                    save(entry);
                }
                index.add(entry);
            }
            case CURSOR -> {
                TaskEntry task = tasks.get(number);
                if (task != null) {
                    task.cursor = Rows.cursor(value);
                }
            }
            case PAUSE -> {
                TaskEntry task = tasks.get(number);
                if (task != null) {
                    index.pause(task, Rows.number(value));
                }
            }
            case FORMER -> {
                Former former = Rows.former(number, value);
                last = Math.max(last, former.body());
                TaskEntry task = tasks.get(former.task());
                if (task != null) {
                    forget(task.formers().add(former));
                }
            }
            case DELIVERY -> index.add(rows.delivery(number, value, tasks));
            case REQUEST -> {
                RequestRow row = Rows.request(number, value);
                if (!tasks.containsKey(row.task())) {
                    throw new DamagedValueException("it belongs to no task", null);
                }
                last = Math.max(last, row.body());
                requests.add(row);
            }
            case IDEMPOTENCY_KEY -> firsts.add(rows.first(number, value));
            case SWITCH -> {
                if (number == Rows.LAST) {
                    last = Math.max(last, Rows.number(value));
                } else if (number == Rows.MOVING) {
                    movedAfter = Rows.number(value);
                } else {
                    maintenance |= number == Rows.MAINTENANCE && Rows.isOn(value);
                }
            }
            case BODY -> throw new IllegalArgumentException("bodies are not loaded");
        }
    }

    // --------------------------------------------------------------------------------------------------------- tasks

    private TaskRecord put(TaskRecord record, byte[] json, Optional<byte[]> before, Optional<NewRun> timer) {
        TaskEntry task = index.task(record.id());
        if (task == null) {
            task = new TaskEntry(++last, record.id(), now());
            // Each revision takes a number at least, so this one is greater than all of a task before it under this id.
            task.revision = task.number - 1;
            index.add(task);
            changed(task, task.number);
        } else {
            changes.add(new Change(Kind.TASK, task.row, null));
            if (before.isPresent()) {
                keep(
                        task,
                        new Former(++last, task.number, task.since, task.revision + 1, task.changedAt, ++last),
                        before.get());
                changed(task, task.revision + 1);
            }
        }
        task.revision++;
        task.row = ++last;
        changes.add(new Change(Kind.TASK, task.row, Rows.task(task, json)));
        replaceTimer(task, timer);
        return record.stored(task.revision, task.createdAt);
    }

    private void changed(TaskEntry task, long since) {
        task.since = since;
        task.changedAt = now();
    }

    private void keep(TaskEntry task, Former former, byte[] json) {
        changes.add(new Change(Kind.FORMER, former.id(), Rows.former(former)));
        changes.add(new Change(Kind.BODY, former.body(), json));
        forget(task.formers().add(former));
    }

    private void forget(List<Former> formers) {
        for (Former former : formers) {
            changes.add(new Change(Kind.FORMER, former.id(), null));
            changes.add(new Change(Kind.BODY, former.body(), null));
        }
    }

    /** Returns what is kept of a task, oldest first; the last one is what it is now, and has its row in the place of a body. */
    List<Former> revisions(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                return List.of();
            }
            List<Former> all = new ArrayList<>(task.formers().oldestFirst());
            all.add(new Former(task.row, task.number, task.since, TaskRevision.OPEN, task.changedAt, task.row));
            return all;
        });
    }

    /** Returns what holds for a revision that the task has or had. */
    Optional<Former> revision(TaskId id, long number) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null || number > task.revision
                    ? Optional.empty()
                    : revisions(id).stream().filter(kept -> kept.holds(number)).findFirst();
        });
    }

    /**
     * Replaces a task, if it is as it was seen.
     *
     * @param before its JSON as it was seen, if a user can see the change
     */
    Written<Optional<TaskRecord>> replaceTask(
            Optional<TaskRecord> seen,
            TaskRecord record,
            byte[] json,
            Optional<byte[]> before,
            Optional<NewRun> timer) {
        return write(() -> {
            TaskEntry task = index.task(record.id());
            boolean unchanged = task == null
                    ? seen.isEmpty()
                    : seen.isPresent()
                            && seen.get().revision() == task.revision
                            && seen.get().createdAt() == task.createdAt;
            return unchanged ? Optional.of(put(record, json, before, timer)) : Optional.empty();
        });
    }

    Written<Boolean> removeTask(TaskId id) {
        return write(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                return false;
            }
            changes.add(new Change(Kind.TASK, task.row, null));
            // A task made anew must not get its numbers again, not even in another process.
            changes.add(new Change(Kind.SWITCH, Rows.LAST, Rows.number(last)));
            setCursor(task, Optional.empty());
            setPause(task, 0);
            forget(task.formers().oldestFirst());
            task.executions.values().forEach(this::erase);
            if (task.hasDeliveries()) {
                task.deliveries()
                        .values()
                        .forEach(delivery -> changes.add(new Change(Kind.DELIVERY, delivery.id(), null)));
            }
            requests.removeTask(task);
            index.remove(task);
            rights.remove(id);
            return true;
        });
    }

    @Nullable
    TaskRow taskRow(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null ? null : new TaskRow(task.row, task.revision, task.createdAt);
        });
    }

    List<TaskId> tasks(Optional<TaskId> after, int limit) {
        return step(() -> {
            long number = -1;
            if (after.isPresent()) {
                TaskEntry task = index.task(after.get());
                number = task == null ? Long.MAX_VALUE : task.number;
            }
            return index.tasksAfter(number, limit).stream().map(task -> task.id).toList();
        });
    }

    Optional<String> cursor(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null ? Optional.empty() : Optional.ofNullable(task.cursor);
        });
    }

    private void setCursor(TaskEntry task, Optional<String> cursor) {
        if (cursor.isPresent()) {
            task.cursor = cursor.get();
            changes.add(new Change(Kind.CURSOR, task.number, Rows.cursor(cursor.get())));
        } else if (task.cursor != null) {
            task.cursor = null;
            changes.add(new Change(Kind.CURSOR, task.number, null));
        }
    }

    private void replaceTimer(TaskEntry task, Optional<NewRun> timer) {
        if (task.timer != null) {
            erase(task.timer);
            index.remove(task.timer);
        }
        timer.ifPresent(run -> insert(task, run, Place.TIMER));
    }

    // ------------------------------------------------------------------------------------------------------ new work

    Written<AcceptResult> accept(NewRun run, Optional<DeliveryHash> hash, AcceptTerms terms) {
        return write(() -> {
            TaskEntry task = index.task(run.execution().key().task());
            if (task == null) {
                return new AcceptResult.NoSuchTask();
            }
            if (terms.right().isPresent()
                    && !terms.right()
                            .equals(Optional.ofNullable(rights.get(task.id)).map(Right::right))) {
                return new AcceptResult.Fenced();
            }
            // A few more than one is added each time, so none is left over for long.
            forgetDeliveries(4);
            if (hash.isPresent() && task.hasDeliveries()) {
                Delivery first = task.deliveries().get(hash.get());
                if (first != null && first.expires() > now()) {
                    return new AcceptResult.Duplicate(first.execution());
                }
            }
            int unfinished = task.counts().unfinished();
            if (unfinished >= terms.maxUnfinished()) {
                return new AcceptResult.Overloaded(unfinished);
            }
            Entry entry = insert(task, run, Place.QUEUE);
            fresh.add(entry);
            if (hash.isPresent() && terms.dedupWindow().isPositive()) {
                remember(new Delivery(
                        ++last, task, hash.get(), entry.type, entry.timestamp, Time.plus(now(), terms.dedupWindow())));
            }
            if (terms.cursor().isPresent()) {
                setCursor(task, terms.cursor());
            }
            return new AcceptResult.Stored(run.execution().at(entry.timestamp).status(ExecutionStatus.ENQUEUED));
        });
    }

    private void remember(Delivery delivery) {
        Delivery before = delivery.task().deliveries().get(delivery.hash());
        if (before != null) {
            changes.add(new Change(Kind.DELIVERY, before.id(), null));
        }
        index.add(delivery);
        changes.add(new Change(Kind.DELIVERY, delivery.id(), Rows.delivery(delivery)));
    }

    private void forgetDeliveries(int max) {
        for (int i = 0; i < max; i++) {
            Delivery expired = index.pollExpired(now());
            if (expired == null) {
                return;
            }
            changes.add(new Change(Kind.DELIVERY, expired.id(), null));
        }
    }

    ExecutionKey firstToDo(
            DeliveryHash key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        return step(() -> firsts.firstToDo(key, execution, window, insteadOf));
    }

    List<Seen> dueTimers(int max) {
        return step(() -> seenTimers(index.timerTypes(), max, max));
    }

    List<Seen> dueTimers(Set<String> types, int max) {
        return step(() -> {
            Set<String> due = types.stream()
                    .filter(type -> index.firstTimer(Set.of(type))
                            .filter(entry -> entry.until <= now())
                            .isPresent())
                    .collect(Collectors.toSet());
            return seenTimers(due, max / Math.max(1, due.size()) + 1, max);
        });
    }

    private List<Seen> seenTimers(Set<String> types, int maxOfType, int max) {
        return index.timersUntil(types, now(), maxOfType).stream()
                .limit(max)
                .map(Seen::of)
                .toList();
    }

    /** Not written: after a restart a timer that was held is due at once. */
    void holdTimer(ExecutionKey key, Duration time) {
        step(() -> {
            Entry entry = find(key);
            if (entry != null && entry.place == Place.TIMER && entry.until <= now()) {
                index.move(entry, Place.TIMER, Time.plus(now(), time));
            }
            return entry;
        });
    }

    long timersBeside(Set<String> types) {
        return step(() -> index.timersBeside(types));
    }

    @Nullable
    Seen waitingTimer(ExecutionKey key) {
        return step(() -> {
            Entry entry = find(key);
            return entry == null || entry.place != Place.TIMER ? null : Seen.of(entry);
        });
    }

    /**
     * Rings a timer.
     *
     * @param waiting the run that waits
     * @param revision the revision of the task by which this was planned; 0 does not ask
     * @param merges whether it is forgotten, with what was missed, if the task is busy
     * @param run its JSON if it runs; empty if it stays as it is
     * @param recorded its JSON if it is not to run; empty if it is
     * @param skipped its JSON if it was to run and the task is busy; empty if that doesn't matter
     * @param missed runs that are to run now
     * @param next the run that waits from now on
     */
    RingResult ring(
            Seen waiting,
            long revision,
            boolean merges,
            Optional<byte[]> run,
            Optional<byte[]> recorded,
            Optional<byte[]> skipped,
            List<Missed> missed,
            Optional<NewRun> next) {
        return step(() -> {
            Entry entry = unmoved(waiting);
            if (entry == null || (revision != 0 && entry.task.revision != revision)) {
                return RingResult.STALE;
            }
            TaskEntry task = entry.task;
            boolean isBusy = task.counts().unfinished() > 1;
            if (merges && isBusy) {
                replaceTimer(task, next);
                return RingResult.MERGED;
            }
            boolean busy = skipped.isPresent() && isBusy;
            boolean skips = busy && (recorded.isEmpty() || !missed.isEmpty());
            Optional<byte[]> ended = recorded.isPresent() ? recorded : busy ? skipped : Optional.empty();
            if (ended.isPresent()) {
                setBody(entry, ended.get());
                moveAndSave(entry, Place.DONE, 0);
            } else {
                run.ifPresent(body -> setBody(entry, body));
                entry.order = ++last;
                moveAndSave(entry, Place.QUEUE, 0);
            }
            for (Missed late : missed) {
                if (busy && late.skipped().isPresent()) {
                    insert(
                            task,
                            new NewRun(late.run().execution(), late.skipped().get(), 0),
                            Place.DONE);
                } else {
                    insert(task, late.run(), Place.QUEUE);
                }
            }
            next.ifPresent(later -> insert(task, later, Place.TIMER));
            return skips ? RingResult.SKIPPED : RingResult.RUNG;
        });
    }

    int promoteRetries(int max) {
        return step(() -> {
            int count = 0;
            for (Entry entry = index.firstRetry();
                    entry != null && entry.until <= now() && count < max;
                    entry = index.firstRetry()) {
                entry.order = ++last;
                moveAndSave(entry, Place.QUEUE, 0);
                count++;
            }
            return count;
        });
    }

    NextTimes nextTimes() {
        return step(() -> nextTimesOf(index.timerTypes()));
    }

    NextTimes nextTimes(Set<String> types) {
        return step(() -> nextTimesOf(types));
    }

    private NextTimes nextTimesOf(Set<String> types) {
        Optional<Instant> due = Stream.of(
                        index.firstTimer(types).flatMap(Transitions::until), until(index.firstRetry()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
        long ahead = now() - steady();
        return new NextTimes(
                Time.instant(now()),
                due,
                Optional.ofNullable(index.firstLease()).map(entry -> Time.instant(entry.until + ahead)));
    }

    private static Optional<Instant> until(@Nullable Entry entry) {
        return entry == null ? Optional.empty() : Optional.of(Time.instant(entry.until));
    }

    // ------------------------------------------------------------------------------------------------------- workers

    /**
     * What was claimed.
     *
     * @param claimed what was taken
     * @param more the ticket after which there is more to take; 0 if there is not
     */
    record Taken(List<Seen> claimed, long more) {}

    /**
     * Takes executions from the queue, but for those whose accept or replay is not durable yet.
     *
     * @return what was taken, and the ticket that the claims have if one of them must be durable before its work begins
     */
    Written<Taken> claim(int max, int maxPerTask, Duration lease) {
        return begin(() -> {
            goOn();
            long durable = backing.durable();
            List<Seen> claimed = new ArrayList<>();
            while (!maintenance && claimed.size() < max) {
                Entry entry = index.next(maxPerTask, durable);
                if (entry == null) {
                    break;
                }
                entry.token = ++lastToken;
                entry.phase = Claim.isSuspect(entry.crashes) ? ClaimPhase.HELD : ClaimPhase.RUNNING;
                mustBeKnown |= mayBePoison(entry);
                moveAndSave(entry, Place.LEASE, Time.plus(steady(), lease));
                claimed.add(Seen.of(entry));
            }
            return new Taken(claimed, index.endRound());
        });
    }

    Written<Boolean> setPhase(Claim claim, ClaimPhase phase) {
        return begin(() -> {
            Entry entry = leased(claim);
            if (entry == null) {
                return false;
            }
            entry.phase = phase;
            save(entry);
            mustBeKnown |= phase != ClaimPhase.HELD && mayBePoison(entry);
            return true;
        });
    }

    /**
     * Tells whether an execution may have killed a process before: then the work on it begins only once it is on disk that it
     * begins, so that a process that dies at once leaves that behind. All other work need not wait.
     */
    private boolean mayBePoison(Entry entry) {
        return entry.id <= lastBefore || entry.crashes > 0;
    }

    /** Runs one step by which work begins, which is waited for if somebody in it says so. */
    private <T> Written<T> begin(Supplier<T> step) {
        return step(() -> {
            mustBeKnown = false;
            T result = step.get();
            long ticket = flush();
            return new Written<>(result, mustBeKnown ? ticket : 0);
        });
    }

    List<Claim> extend(Collection<Claim> claims, Duration lease) {
        return step(() -> {
            List<Claim> lost = new ArrayList<>();
            for (Claim claim : claims) {
                Entry entry = leased(claim);
                if (entry == null) {
                    lost.add(claim);
                } else {
                    // Not written: a lease means nothing to the next process.
                    index.move(entry, Place.LEASE, Time.plus(steady(), lease));
                }
            }
            return lost;
        });
    }

    boolean checkpoint(Claim claim, byte[] body, Optional<String> cursor, Optional<NewRun> timer, long revision) {
        return step(() -> {
            Entry entry = leased(claim);
            if (entry == null) {
                return false;
            }
            setBody(entry, body);
            save(entry);
            boolean unchanged = revision == 0 || entry.task.revision == revision;
            follow(entry.task, cursor, unchanged ? timer : Optional.empty());
            return true;
        });
    }

    boolean settle(Claim claim, Place place, long until, byte[] body, Optional<String> cursor, Optional<NewRun> timer) {
        return step(() -> {
            Entry entry = leased(claim);
            if (entry == null) {
                refused++;
                return false;
            }
            setBody(entry, body);
            if (entry.phase == ClaimPhase.ISOLATED) {
                entry.crashes = 0;
            }
            moveAndSave(entry, place, until);
            follow(entry.task, cursor, timer);
            return true;
        });
    }

    private void follow(TaskEntry task, Optional<String> cursor, Optional<NewRun> timer) {
        if (cursor.isPresent()) {
            setCursor(task, cursor);
        }
        if (timer.isPresent()) {
            replaceTimer(task, timer);
        }
    }

    boolean release(Collection<Claim> claims) {
        return step(() -> {
            for (Claim claim : claims) {
                Entry entry = leased(claim);
                if (entry != null) {
                    // Its order is still the one it had, and all that came before it has been taken.
                    moveAndSave(entry, Place.QUEUE, 0);
                }
            }
            return true;
        });
    }

    void releaseAll() {
        step(() -> {
            index.leased().forEach(entry -> moveAndSave(entry, Place.QUEUE, 0));
            return true;
        });
    }

    int recover(int max) {
        return step(() -> {
            int count = 0;
            for (Entry entry = index.firstLease();
                    entry != null && entry.until <= steady() && count < max;
                    entry = index.firstLease()) {
                entry.crashes = entry.phase.crashesAfter(entry.crashes);
                if (entry.crashes >= TaskStore.MAX_CRASHES) {
                    moveAndSave(entry, Place.FAILED, 0);
                } else {
                    if (entry.phase != ClaimPhase.HELD) {
                        entry.order = ++last;
                    }
                    moveAndSave(entry, Place.QUEUE, 0);
                }
                count++;
            }
            return count;
        });
    }

    /** Lets tasks go on whose pause is over. */
    private void goOn() {
        for (TaskEntry task = index.firstPaused();
                task != null && task.pausedUntil <= now();
                task = index.firstPaused()) {
            setPause(task, 0);
        }
    }

    private void setPause(TaskEntry task, long until) {
        if (task.pausedUntil != until) {
            changes.add(new Change(Kind.PAUSE, task.number, until == 0 ? null : Rows.number(until)));
            index.pause(task, until);
        }
    }

    Written<Boolean> pause(TaskId id, long until) {
        return write(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                return false;
            }
            setPause(task, until > now() ? until : 0);
            return true;
        });
    }

    Optional<Instant> pausedUntil(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null || task.pausedUntil <= now()
                    ? Optional.empty()
                    : Optional.of(Time.instant(task.pausedUntil));
        });
    }

    Written<Boolean> setMaintenance(boolean enable) {
        return write(() -> {
            if (maintenance != enable) {
                changes.add(new Change(Kind.SWITCH, Rows.MAINTENANCE, enable ? Rows.on() : null));
            }
            maintenance = enable;
            work |= !enable;
            return enable;
        });
    }

    boolean isMaintenance() {
        return step(() -> maintenance);
    }

    // ------------------------------------------------------------------------------------------- nodes and listeners

    /** A right to listen and when it ends. */
    private record Right(ListenRight right, long until) {}

    List<String> nodes(String node, Duration alive) {
        return step(() -> {
            nodes.values().removeIf(until -> until <= steady());
            if (alive.isPositive()) {
                nodes.put(node, Time.plus(steady(), alive));
            } else {
                nodes.remove(node);
            }
            return List.copyOf(nodes.keySet());
        });
    }

    Optional<ListenRight> listen(TaskId id, String node, Duration lease) {
        return step(() -> {
            if (index.task(id) == null) {
                return Optional.empty();
            }
            Optional<ListenRight> held = Optional.ofNullable(rights.get(id))
                    .filter(right -> right.until() > steady())
                    .map(Right::right);
            if (held.isPresent() && !held.get().node().equals(node)) {
                return Optional.empty();
            }
            ListenRight right = held.orElseGet(() -> new ListenRight(id, node, ++lastEpoch));
            rights.put(id, new Right(right, Time.plus(steady(), lease)));
            return Optional.of(right);
        });
    }

    List<ListenRight> renewListening(Collection<ListenRight> asked, Duration lease) {
        return step(() -> {
            List<ListenRight> lost = new ArrayList<>();
            for (ListenRight right : asked) {
                Right held = rights.get(right.task());
                if (held != null && held.right().equals(right) && held.until() > steady()) {
                    rights.put(right.task(), new Right(right, Time.plus(steady(), lease)));
                } else {
                    lost.add(right);
                }
            }
            return List.copyOf(lost);
        });
    }

    boolean endListening(ListenRight right) {
        return step(() -> {
            Right held = rights.get(right.task());
            return held != null && held.right().equals(right) && rights.remove(right.task()) != null;
        });
    }

    // ----------------------------------------------------------------------------------------------- what people ask

    Written<Optional<ExecutionStatus>> replay(Seen seen, byte[] body) {
        return write(() -> {
            Entry entry = unmoved(seen);
            if (entry == null) {
                return Optional.empty();
            }
            setBody(entry, body);
            entry.crashes = 0;
            entry.order = ++last;
            fresh.add(entry);
            moveAndSave(entry, Place.QUEUE, 0);
            return Optional.of(ExecutionStatus.ENQUEUED);
        });
    }

    Written<Optional<ExecutionStatus>> abort(Seen seen, byte[] body) {
        return write(() -> {
            Entry entry = unmoved(seen);
            if (entry == null) {
                return Optional.empty();
            }
            setBody(entry, body);
            entry.crashes = 0;
            moveAndSave(entry, Place.FAILED, 0);
            return Optional.of(ExecutionStatus.FAILED);
        });
    }

    /** Puts another body in the place of a damaged one, which stays where it is. */
    boolean replaceBody(Seen seen, Place place, byte[] body) {
        return step(() -> {
            Entry entry = unmoved(seen);
            if (entry == null) {
                return false;
            }
            entry.body = ++last;
            changes.add(new Change(Kind.BODY, entry.body, body));
            moveAndSave(entry, place, place == Place.TIMER ? entry.until : 0);
            return true;
        });
    }

    int clean(TaskId id, int keepDone, int keepFailed) {
        return step(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                return 0;
            }
            int before = task.executions.size();
            while (task.done().size() > Math.max(0, keepDone)) {
                removeExecution(task, task.done().first());
            }
            while (task.failed().size() > Math.max(0, keepFailed)) {
                removeExecution(task, task.failed().first());
            }
            return before - task.executions.size();
        });
    }

    private void removeExecution(TaskEntry task, long timestamp) {
        Entry entry = task.executions.get(timestamp);
        if (entry == null) {
            throw new IllegalStateException("finished execution " + timestamp + " of task " + task.id + " is nowhere");
        }
        erase(entry);
        index.remove(entry);
    }

    Written<Integer> removeExecutions(TaskId id) {
        return write(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                return 0;
            }
            List<Entry> all = task.executions.values().stream()
                    .filter(entry -> entry.place != Place.TIMER)
                    .toList();
            for (Entry entry : all) {
                erase(entry);
                index.remove(entry);
            }
            return all.size();
        });
    }

    @Nullable
    Seen execution(ExecutionKey key) {
        return step(() -> {
            Entry entry = find(key);
            return entry == null ? null : Seen.of(entry);
        });
    }

    @Nullable
    Seen execution(TaskId id, long timestamp) {
        return step(() -> {
            TaskEntry task = index.task(id);
            Entry entry = task == null ? null : task.executions.get(timestamp);
            return entry == null ? null : Seen.of(entry);
        });
    }

    List<Seen> executions(TaskId id, long before, int limit) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null
                    ? List.of()
                    : task.executions.headMap(before, false).descendingMap().values().stream()
                            .limit(Math.max(0, limit))
                            .map(Seen::of)
                            .toList();
        });
    }

    boolean hasBody(Seen seen) {
        return step(() -> {
            Entry entry = find(seen.key());
            return entry == seen.entry() && entry.body == seen.body();
        });
    }

    TaskCounts counts(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null ? TaskCounts.NONE : task.counts();
        });
    }

    StoreCounts counts() {
        return step(() -> new StoreCounts(
                index.size(),
                index.total(Place.TIMER) + index.total(Place.RETRY),
                index.total(Place.QUEUE),
                index.total(Place.LEASE),
                index.total(Place.FAILED),
                index.pausedAfter(now()),
                refused));
    }

    /** Tells whether there may be something new for a worker, or an earlier due time, since it was asked last. */
    boolean takeWork() {
        if (!work) {
            return false;
        }
        // What another thread raises in between is seen by whoever is told now.
        work = false;
        return true;
    }

    // -------------------------------------------------------------------------------------------------------- moving

    /**
     * An execution as it stands, for another store.
     *
     * @param order its place in the queue of the task
     */
    record Standing(Seen seen, long order) {}

    boolean isMoving() {
        return step(() -> movedAfter >= 0);
    }

    /** Returns tasks that were brought in by a move that has not ended. */
    List<TaskId> moved(int max) {
        return step(() -> movedAfter < 0
                ? List.of()
                : index.tasksAfter(movedAfter, max).stream()
                        .map(task -> task.id)
                        .toList());
    }

    Written<Boolean> beginMoving() {
        return write(() -> {
            movedAfter = last;
            changes.add(new Change(Kind.SWITCH, Rows.MOVING, Rows.number(movedAfter)));
            return true;
        });
    }

    Written<Boolean> endMoving() {
        return write(() -> {
            movedAfter = -1;
            changes.add(new Change(Kind.SWITCH, Rows.MOVING, null));
            return true;
        });
    }

    /** A revision of a task that has been elsewhere. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record MovedRevision(long since, long until, long changedAt, byte[] json) {}

    /** Adds a task that has been elsewhere, with its revisions, oldest first, and with its revision and creation time. */
    Written<Boolean> addMoved(
            TaskRecord record, byte[] json, List<MovedRevision> revisions, Optional<String> cursor, long pausedUntil) {
        return write(() -> {
            // So that revisions of a task that is made anew under this id are greater than those before.
            last = Math.max(last, record.revision());
            TaskEntry task = new TaskEntry(++last, record.id(), record.createdAt());
            task.revision = record.revision();
            task.row = ++last;
            for (MovedRevision each : revisions) {
                if (each.until() == TaskRevision.OPEN) {
                    task.since = each.since();
                    task.changedAt = each.changedAt();
                } else {
                    Former former =
                            new Former(++last, task.number, each.since(), each.until(), each.changedAt(), ++last);
                    keep(task, former, each.json());
                }
            }
            index.add(task);
            changes.add(new Change(Kind.TASK, task.row, Rows.task(task, json)));
            setCursor(task, cursor);
            setPause(task, pausedUntil);
            return true;
        });
    }

    /**
     * Adds executions that have been elsewhere.
     *
     * @param triggers their triggers, in the same order
     */
    Written<Boolean> addMoved(TaskId id, List<ExecutionContents> contents, List<String> triggers) {
        return write(() -> {
            TaskEntry task = index.task(id);
            if (task == null) {
                throw new IllegalStateException("task " + id + " has not been brought in");
            }
            for (int i = 0; i < contents.size(); i++) {
                addMoved(task, contents.get(i), triggers.get(i));
            }
            return true;
        });
    }

    private void addMoved(TaskEntry task, ExecutionContents contents, String trigger) {
        long timestamp = contents.key().timestamp();
        while (task.executions.containsKey(timestamp)) {
            timestamp++;
        }
        last = Math.max(last, contents.order());
        Entry entry = new Entry(
                task,
                ++last,
                contents.key().type().intern(),
                trigger.intern(),
                timestamp,
                Place.valueOf(contents.place().name()));
        entry.until = contents.due();
        entry.order = contents.place() == StoreContents.Place.QUEUE ? contents.order() : entry.id;
        entry.crashes = contents.crashes();
        entry.body = ++last;
        changes.add(new Change(Kind.BODY, entry.body, contents.json()));
        index.add(entry);
        save(entry);
    }

    Written<Boolean> addMoved(List<DeliveryContents> deliveries) {
        return write(() -> {
            for (DeliveryContents each : deliveries) {
                TaskEntry task = index.task(each.execution().task());
                if (task != null && each.expires() > now()) {
                    remember(new Delivery(
                            ++last,
                            task,
                            each.hash(),
                            each.execution().type(),
                            each.execution().timestamp(),
                            each.expires()));
                }
            }
            return true;
        });
    }

    /** Returns executions of a task, oldest first. */
    List<Standing> standing(TaskId id, long after, int max) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null
                    ? List.of()
                    : task.executions.tailMap(after, false).values().stream()
                            .limit(max)
                            .map(entry -> new Standing(Seen.of(entry), entry.order))
                            .toList();
        });
    }

    List<DeliveryContents> remembered(TaskId id) {
        return step(() -> {
            TaskEntry task = index.task(id);
            return task == null || !task.hasDeliveries()
                    ? List.of()
                    : task.deliveries().values().stream()
                            .filter(delivery -> delivery.expires() > now())
                            .map(delivery ->
                                    new DeliveryContents(delivery.execution(), delivery.hash(), delivery.expires()))
                            .toList();
        });
    }

    // ----------------------------------------------------------------------------------------------- log of requests

    /** Runs one step on the log of requests. */
    <T> Written<T> requests(Function<RequestRows, T> step) {
        return write(() -> step.apply(requests));
    }

    /** Finds a task within a step. */
    Optional<TaskEntry> entry(TaskId id) {
        return Optional.ofNullable(index.task(id));
    }

    // -------------------------------------------------------------------------------------------------------- inside

    /** Runs one step for which nobody waits. */
    private <T extends @Nullable Object> T step(Supplier<T> step) {
        lock.lock();
        try {
            T result = step.get();
            flush();
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** Runs one step that has to be durable before its result is told. */
    private <T> Written<T> write(Supplier<T> step) {
        lock.lock();
        try {
            T result = step.get();
            return new Written<>(result, flush());
        } finally {
            lock.unlock();
        }
    }

    private long flush() {
        if (index.takeWork()) {
            work = true;
        }
        if (changes.isEmpty()) {
            // Whatever the result tells of was written before.
            return lastTicket;
        }
        lastTicket = backing.write(changes);
        changes.clear();
        fresh.forEach(entry -> entry.ticket = lastTicket);
        fresh.clear();
        return lastTicket;
    }

    private Entry insert(TaskEntry task, NewRun run, Place place) {
        long timestamp = run.execution().key().timestamp();
        while (task.executions.containsKey(timestamp)) {
            timestamp++;
        }
        Entry entry = new Entry(
                task,
                ++last,
                run.execution().key().type().intern(),
                run.execution().trigger().intern(),
                timestamp,
                place);
        entry.until = place == Place.TIMER ? run.due() : 0;
        entry.order = entry.id;
        entry.body = ++last;
        changes.add(new Change(Kind.BODY, entry.body, run.body()));
        index.add(entry);
        save(entry);
        return entry;
    }

    private void setBody(Entry entry, byte[] body) {
        changes.add(new Change(Kind.BODY, entry.body, null));
        entry.body = ++last;
        changes.add(new Change(Kind.BODY, entry.body, body));
    }

    private void moveAndSave(Entry entry, Place place, long until) {
        index.move(entry, place, until);
        save(entry);
    }

    private void save(Entry entry) {
        changes.add(new Change(Kind.EXECUTION, entry.id, Rows.execution(entry)));
    }

    private void erase(Entry entry) {
        changes.add(new Change(Kind.EXECUTION, entry.id, null));
        changes.add(new Change(Kind.BODY, entry.body, null));
    }

    private @Nullable Entry find(ExecutionKey key) {
        TaskEntry task = index.task(key.task());
        Entry entry = task == null ? null : task.executions.get(key.timestamp());
        return entry == null || !entry.type.equals(key.type()) ? null : entry;
    }

    /** Finds what was seen, if it has neither moved nor changed since. */
    private @Nullable Entry unmoved(Seen seen) {
        Entry entry = find(seen.key());
        return entry == seen.entry() && entry.place == seen.place() && entry.body == seen.body() ? entry : null;
    }

    private @Nullable Entry leased(Claim claim) {
        Entry entry = find(claim.key());
        return entry == null || entry.place != Place.LEASE || entry.token != claim.token() ? null : entry;
    }

    private long steady() {
        return steady.getAsLong();
    }

    private long now() {
        return Time.nanos(clock.instant());
    }
}
