package org.cdshooks.runtime.store.local;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.local.Entry.Place;
import org.jspecify.annotations.Nullable;

/**
 * Where every execution is: one collection a place, and the moves between them. Nothing here costs more than O(log n), but
 * for removing a task, which costs that for each of its executions. Guarded by the store's lock; does no I/O.
 */
final class Index {
    private final Map<TaskId, TaskEntry> tasks = new HashMap<>();
    private final TreeMap<Long, TaskEntry> byAge = new TreeMap<>();
    /** By hook type, so that timers of a type that nobody has are never looked at. */
    private final Map<String, TreeSet<Entry>> timers = new HashMap<>();

    private final TreeSet<Entry> retries = new TreeSet<>(Entry.BY_TIME);
    private final TreeSet<Entry> leases = new TreeSet<>(Entry.BY_TIME);
    private final TreeSet<Delivery> deliveries = new TreeSet<>(Delivery.BY_EXPIRY);
    private final Map<Place, Long> totals = new EnumMap<>(Place.class);

    /**
     * Tasks that have something queued; a task that has been served goes to the end. A task whose queue was emptied
     * otherwise is dropped when its turn comes.
     */
    private final LinkedHashSet<TaskEntry> ring = new LinkedHashSet<>();

    /** Tasks out of the ring since they have as many leases as {@link #limit} allows. */
    private final Set<TaskEntry> parked = new HashSet<>();

    /** Tasks whose queue is left alone for a while. */
    private final TreeSet<TaskEntry> paused = new TreeSet<>(TaskEntry.BY_PAUSE);

    /** Tasks out of the ring since what is next in their queues is not durable yet. */
    private final List<TaskEntry> unforced = new ArrayList<>();

    private int limit = Integer.MAX_VALUE;
    private boolean work;

    // ------------------------------------------------------------------------------------------------------- tasks

    @Nullable
    TaskEntry task(TaskId id) {
        return tasks.get(id);
    }

    void add(TaskEntry task) {
        tasks.put(task.id, task);
        byAge.put(task.number, task);
    }

    /** Takes a task out with all its executions and deliveries; these can still be read from it. */
    void remove(TaskEntry task) {
        task.removed = true;
        task.executions.values().forEach(this::leave);
        tasks.remove(task.id);
        byAge.remove(task.number);
        if (task.hasDeliveries()) {
            task.deliveries().values().forEach(deliveries::remove);
            task.deliveries().clear();
        }
        ring.remove(task);
        parked.remove(task);
        paused.remove(task);
    }

    /**
     * Pauses a task or lets it go on.
     *
     * @param until until when, in nanoseconds since the epoch; 0 lets it go on
     */
    void pause(TaskEntry task, long until) {
        paused.remove(task);
        task.pausedUntil = until;
        if (until != 0) {
            paused.add(task); // if it is in the ring, it is dropped when its turn comes
        } else {
            joinRing(task);
            work = true;
        }
    }

    @Nullable
    TaskEntry firstPaused() {
        return paused.isEmpty() ? null : paused.first();
    }

    /** Returns how many are paused beyond a time. */
    int pausedAfter(long now) {
        int over = 0;
        for (TaskEntry task : paused) {
            if (task.pausedUntil > now) {
                break;
            }
            over++;
        }
        return paused.size() - over;
    }

    int size() {
        return tasks.size();
    }

    List<TaskEntry> tasksAfter(long number, int max) {
        List<TaskEntry> page = new ArrayList<>();
        NavigableMap<Long, TaskEntry> later = byAge.tailMap(number, false);
        for (TaskEntry task : later.values()) {
            if (page.size() >= max) {
                break;
            }
            page.add(task);
        }
        return page;
    }

    // -------------------------------------------------------------------------------------------------- executions

    /** Adds an execution whose place and time are set. */
    void add(Entry entry) {
        entry.task.executions.put(entry.timestamp, entry);
        enter(entry);
    }

    void remove(Entry entry) {
        leave(entry);
        entry.task.executions.remove(entry.timestamp);
    }

    /** Moves an execution to a place that knows no time. */
    void move(Entry entry, Place to) {
        move(entry, to, 0);
    }

    void move(Entry entry, Place to, long until) {
        leave(entry);
        entry.place = to;
        entry.until = until;
        enter(entry);
    }

    private void enter(Entry entry) {
        TaskEntry task = entry.task;
        totals.merge(entry.place, 1L, Long::sum);
        switch (entry.place) {
            case TIMER -> {
                task.timer = entry;
                TreeSet<Entry> ofType = timers.computeIfAbsent(entry.type, type -> new TreeSet<>(Entry.BY_TIME));
                ofType.add(entry);
                work |= ofType.first() == entry;
            }
            case RETRY -> {
                task.retries++;
                retries.add(entry);
                work |= retries.first() == entry;
            }
            case QUEUE -> {
                task.queue().put(entry.order, entry);
                joinRing(task);
                work = true;
            }
            case LEASE -> {
                task.leased++;
                leases.add(entry);
            }
            case DONE -> task.done().add(entry.timestamp);
            case FAILED -> task.failed().add(entry.timestamp);
        }
    }

    private void leave(Entry entry) {
        TaskEntry task = entry.task;
        totals.merge(entry.place, -1L, Long::sum);
        switch (entry.place) {
            case TIMER -> {
                task.timer = null;
                TreeSet<Entry> ofType = timers.get(entry.type);
                if (ofType != null && ofType.remove(entry) && ofType.isEmpty()) {
                    timers.remove(entry.type);
                }
            }
            case RETRY -> {
                task.retries--;
                retries.remove(entry);
            }
            case QUEUE -> task.queue().remove(entry.order);
            case LEASE -> {
                task.leased--;
                leases.remove(entry);
                if (parked.remove(task)) {
                    task.parked = false;
                    joinRing(task);
                    work = true;
                }
            }
            case DONE -> task.done().remove(entry.timestamp);
            case FAILED -> task.failed().remove(entry.timestamp);
        }
    }

    private void joinRing(TaskEntry task) {
        if (!task.parked && task.pausedUntil == 0 && !task.removed && task.queued() > 0) {
            ring.add(task); // a task that is in the ring keeps its place
        }
    }

    /**
     * Finds whose turn it is. The caller takes the execution out of the queue at once.
     *
     * @param maxPerTask how many leases a task may have
     * @param durable the last ticket up to which everything is durable: what is not is left out
     * @return the next execution; null if none may be taken
     */
    @Nullable
    Entry next(int maxPerTask, long durable) {
        if (maxPerTask != limit) {
            limit = maxPerTask;
            for (TaskEntry task : List.copyOf(parked)) {
                task.parked = false;
                joinRing(task);
            }
            parked.clear();
        }
        while (!ring.isEmpty()) {
            TaskEntry task = ring.removeFirst();
            if (task.pausedUntil != 0 || task.queued() == 0) {
                continue;
            }
            if (task.leased >= maxPerTask) {
                task.parked = true;
                parked.add(task);
                continue;
            }
            Entry head = task.queue().firstEntry().getValue();
            if (head.ticket > durable) {
                unforced.add(task);
                continue;
            }
            if (task.queued() > 1) {
                joinRing(task);
            }
            return head;
        }
        return null;
    }

    /**
     * Ends a round of asking for what is {@link #next}: what was left out since it is not durable has its turn later.
     *
     * @return the ticket after which there is more to take; 0 if nothing was left out
     */
    long endRound() {
        long first = 0;
        for (TaskEntry task : unforced) {
            long ticket = task.queue().firstEntry().getValue().ticket;
            first = first == 0 ? ticket : Math.min(first, ticket);
            joinRing(task);
        }
        unforced.clear();
        return first;
    }

    /** Returns the hook types of the timers that wait. */
    Set<String> timerTypes() {
        return timers.keySet();
    }

    /** Returns the earliest timer of some hook types. */
    Optional<Entry> firstTimer(Set<String> types) {
        return types.stream().flatMap(type -> timersOf(type).stream().limit(1)).min(Entry.BY_TIME);
    }

    /** Counts the timers of all other hook types. */
    long timersBeside(Set<String> types) {
        return timers.entrySet().stream()
                .filter(each -> !types.contains(each.getKey()))
                .mapToLong(each -> each.getValue().size())
                .sum();
    }

    private SortedSet<Entry> timersOf(String type) {
        TreeSet<Entry> ofType = timers.get(type);
        return ofType == null ? Collections.emptySortedSet() : ofType;
    }

    @Nullable
    Entry firstRetry() {
        return retries.isEmpty() ? null : retries.first();
    }

    @Nullable
    Entry firstLease() {
        return leases.isEmpty() ? null : leases.first();
    }

    /** Returns timers of some hook types that are due, earliest first; of each type as many as the limit at most. */
    List<Entry> timersUntil(Set<String> types, long now, int maxOfType) {
        return types.stream()
                .flatMap(type -> timersOf(type).stream()
                        .takeWhile(entry -> entry.until <= now)
                        .limit(maxOfType))
                .sorted(Entry.BY_TIME)
                .toList();
    }

    List<Entry> leased() {
        return List.copyOf(leases);
    }

    long total(Place place) {
        return totals.getOrDefault(place, 0L);
    }

    /** Tells whether there may be something new for a worker or an earlier due time since it was asked last. */
    boolean takeWork() {
        boolean was = work;
        work = false;
        return was;
    }

    // -------------------------------------------------------------------------------------------------- deliveries

    void add(Delivery delivery) {
        Delivery before = delivery.task().deliveries().put(delivery.hash(), delivery);
        if (before != null) {
            deliveries.remove(before);
        }
        deliveries.add(delivery);
    }

    /** Takes out one delivery that is over; null if there is none. */
    @Nullable
    Delivery pollExpired(long now) {
        if (deliveries.isEmpty() || deliveries.first().expires() > now) {
            return null;
        }
        Delivery first = deliveries.removeFirst();
        first.task().deliveries().remove(first.hash(), first);
        return first;
    }
}
