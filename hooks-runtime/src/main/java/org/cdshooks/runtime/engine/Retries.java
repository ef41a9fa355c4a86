package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.cdshooks.runtime.store.NextTimes;
import org.cdshooks.runtime.store.TaskStore;

/** The retry part: queues what waited for its back-off, and what the death of a worker left behind. */
final class Retries {
    /** So many in one step, so that a step is short. */
    private static final int STEP = 100;

    private static final Duration SKEW = Duration.ofMillis(20);

    private final TaskStore store;

    Retries(TaskStore store) {
        this.store = store;
    }

    /**
     * Queues all whose time has come.
     *
     * @return when the next lease ends; when the next retry is due is what the timers tell, for the store does not know one
     *     from the other
     */
    Instant pass(Instant now) {
        NextTimes next = store.nextTimes();
        if (next.due().filter(due -> !due.isAfter(now)).isPresent()) {
            int queued;
            do {
                queued = store.promoteRetries(STEP);
            } while (queued >= STEP);
        }
        Optional<Instant> leaseEnd = next.leaseEnd();
        if (leaseEnd.filter(end -> !end.isAfter(now)).isPresent()) {
            int queued;
            do {
                queued = store.recover(STEP);
            } while (queued >= STEP);
            // the store judges by its own clock, which may be behind
            leaseEnd = store.nextLeaseEnd().map(end -> end.isAfter(now) ? end : now.plus(SKEW));
        }
        return leaseEnd.orElse(Loop.NEVER);
    }
}
