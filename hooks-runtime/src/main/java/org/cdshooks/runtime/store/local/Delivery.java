package org.cdshooks.runtime.store.local;

import java.util.Comparator;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * A delivery that was accepted.
 *
 * @param id the number of its row
 * @param task whose it is
 * @param hash names it
 * @param type of the execution it made
 * @param timestamp of the execution it made
 * @param expires when it is forgotten, in nanoseconds since the epoch
 */
record Delivery(long id, TaskEntry task, DeliveryHash hash, String type, long timestamp, long expires) {
    static final Comparator<Delivery> BY_EXPIRY =
            Comparator.comparingLong(Delivery::expires).thenComparingLong(Delivery::id);

    ExecutionKey execution() {
        return new ExecutionKey(type, task.id, timestamp);
    }
}
