package org.cdshooks.runtime.engine;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.cdshooks.api.TaskId;

/** What the engine counts since its start. */
final class Tally {
    private static final int MAX_SEEN = 10_000;

    final LongAdder done = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder retried = new LongAdder();
    final LongAdder skipped = new LongAdder();
    private final Set<TaskId> parked = ConcurrentHashMap.newKeySet();
    private final Set<TaskId> stopped = ConcurrentHashMap.newKeySet();

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
