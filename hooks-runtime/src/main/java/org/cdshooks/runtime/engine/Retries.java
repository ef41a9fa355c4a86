package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.Optional;
import org.cdshooks.runtime.store.NextTimes;

/** The retry part: queues what waited for its back-off, and what the death of a worker left behind. */
final class Retries {
    /** So many in one step, so that a step is short. */
    private static final int STEP = 100;

    private final Node node;

    Retries(Node node) {
        this.node = node;
    }

    /**
     * Queues all whose time has come.
     *
     * @return how long until the next lease ends; empty if there is none. When the next retry is due is what the timers tell
     */
    Optional<Duration> pass() {
        NextTimes next = node.storeClock().ask(node.store());
        if (hasCome(next.untilDue())) {
            int queued;
            do {
                queued = node.store().promoteRetries(STEP);
            } while (queued >= STEP);
        }
        if (!hasCome(next.untilLeaseEnd())) {
            return next.untilLeaseEnd();
        }
        int queued;
        do {
            queued = node.store().recover(STEP);
        } while (queued >= STEP);
        return node.storeClock().ask(node.store()).untilLeaseEnd();
    }

    private static boolean hasCome(Optional<Duration> time) {
        return time.filter(left -> !left.isPositive()).isPresent();
    }
}
