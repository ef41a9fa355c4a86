package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.cdshooks.api.TaskId;

/** What the engine counts since its start. */
final class Tally {
    private static final int MAX_SEEN = 10_000;

    final LongAdder done = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final RecentCount failedRecently = new RecentCount();
    final LongAdder retried = new LongAdder();
    final LongAdder skipped = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder unverified = new LongAdder();
    final LongAdder refused = new LongAdder();
    private final Map<TaskId, LongAdder> refusedOf = new ConcurrentHashMap<>();
    private final Set<TaskId> parked = ConcurrentHashMap.newKeySet();
    private final Set<TaskId> stopped = ConcurrentHashMap.newKeySet();

    /** An execution has ended badly. */
    void failed(Instant now) {
        failed.increment();
        failedRecently.add(now);
    }

    /** Returns how many executions have ended badly. */
    long failed() {
        return failed.sum();
    }

    /** Returns how many of them have done so in the last hour. */
    long failedRecently(Instant now) {
        return failedRecently.sum(now);
    }

    /** A request was stored; its sender has proved who it is, or nobody asked. */
    void received(boolean isVerified) {
        received.increment();
        if (!isVerified) {
            unverified.increment();
        }
    }

    /** A task's hook has refused a request. */
    void refused(TaskId task) {
        refused.increment();
        LongAdder counter = refusedOf.get(task);
        if (counter == null && refusedOf.size() < MAX_SEEN) {
            counter = refusedOf.computeIfAbsent(task, id -> new LongAdder());
        }
        if (counter != null) {
            counter.increment();
        }
    }

    /** Returns how many requests a task's hook has refused. */
    long refusedBy(TaskId task) {
        LongAdder counter = refusedOf.get(task);
        return counter == null ? 0 : counter.sum();
    }

    /** There is no such task any more. */
    void forget(TaskId task) {
        refusedOf.remove(task);
    }

    /** Notes a task whose type or sink no plugin offers. */
    void parked(TaskId task) {
        if (parked.size() < MAX_SEEN) {
            parked.add(task);
        }
    }

    void notParked(TaskId task) {
        parked.remove(task);
    }

    long parked() {
        return parked.size();
    }

    /** Notes whether a task that was seen is stopped. */
    void stopped(TaskId task, boolean isStopped) {
        if (!isStopped) {
            stopped.remove(task);
        } else if (stopped.size() < MAX_SEEN) {
            stopped.add(task);
        }
    }

    /** The stopped tasks that were seen. */
    Set<TaskId> stopped() {
        return Collections.unmodifiableSet(stopped);
    }
}
