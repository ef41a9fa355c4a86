package org.cdshooks.runtime.store.local;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.TaskCounts;
import org.jspecify.annotations.Nullable;

/**
 * What is kept in memory of a task. There may be very many of them that have nothing but a waiting timer, so collections
 * are made when they are needed. Guarded by the store's lock.
 */
final class TaskEntry {
    /** Whose pause ends first. */
    static final Comparator<TaskEntry> BY_PAUSE =
            Comparator.comparingLong((TaskEntry task) -> task.pausedUntil).thenComparingLong(task -> task.number);

    /** Grows with each new task: a task that is made anew under the same id is another one. */
    final long number;

    final TaskId id;
    final long createdAt;

    long revision;

    /** The first revision in which a user sees it as it is. */
    long since;

    /** When it got so, in nanoseconds since the epoch; 0 if that is not known. */
    long changedAt;

    /** The number of the row that holds its record. */
    long row;

    @Nullable
    String cursor;

    @Nullable
    Entry timer;

    int retries;
    int leased;

    /** Until when it is paused, in nanoseconds since the epoch; 0 if it is not. Set by the index. */
    long pausedUntil;

    boolean parked;
    boolean removed;

    final TreeMap<Long, Entry> executions = new TreeMap<>();

    private @Nullable Formers formers;
    private @Nullable TreeMap<Long, Entry> queue;
    private @Nullable TreeSet<Long> done;
    private @Nullable TreeSet<Long> failed;
    private @Nullable Map<DeliveryHash, Delivery> deliveries;

    TaskEntry(long number, TaskId id, long createdAt) {
        this.number = number;
        this.id = id;
        this.createdAt = createdAt;
    }

    /** What it was before. */
    Formers formers() {
        if (formers == null) {
            formers = new Formers();
        }
        return formers;
    }

    /** By order. */
    NavigableMap<Long, Entry> queue() {
        if (queue == null) {
            queue = new TreeMap<>();
        }
        return queue;
    }

    int queued() {
        return queue == null ? 0 : queue.size();
    }

    /** The timestamps of DONE ones. */
    NavigableSet<Long> done() {
        if (done == null) {
            done = new TreeSet<>();
        }
        return done;
    }

    /** The timestamps of FAILED ones. */
    NavigableSet<Long> failed() {
        if (failed == null) {
            failed = new TreeSet<>();
        }
        return failed;
    }

    Map<DeliveryHash, Delivery> deliveries() {
        if (deliveries == null) {
            deliveries = new HashMap<>();
        }
        return deliveries;
    }

    boolean hasDeliveries() {
        return deliveries != null && !deliveries.isEmpty();
    }

    TaskCounts counts() {
        return new TaskCounts(
                executions.size(),
                (timer == null ? 0 : 1) + retries,
                queued(),
                leased,
                failed == null ? 0 : failed.size());
    }
}
