package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the rights to listen that this node has: all of them in one call of the store, every third of a lease. So a node
 * with thousands of listeners is in time however far away the store is.
 */
final class LeaseRenewal {
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(LeaseRenewal.class);

    private final Node node;
    private final Executor background;
    private final Supplier<Stream<Tenure>> tenures;
    private final AtomicBoolean renewing = new AtomicBoolean();
    private volatile long next;

    /**
     * Makes a renewal that has not begun.
     *
     * @param background runs what may wait for the store
     * @param tenures all that there are now, with a right or without
     */
    LeaseRenewal(Node node, Executor background, Supplier<Stream<Tenure>> tenures) {
        this.node = node;
        this.background = background;
        this.tenures = tenures;
        this.next = node.ticks() + interval();
    }

    private long interval() {
        return node.limits().listenLease().toNanos() / 3;
    }

    /**
     * Renews when it is time to. Does not wait for the store.
     *
     * @return when to come again
     */
    Instant pass(Instant now) {
        long ticks = node.ticks();
        if (ticks - next >= 0 && renewing.compareAndSet(false, true)) {
            next = ticks + interval();
            background.execute(() -> {
                try {
                    renew();
                } finally {
                    renewing.set(false);
                }
            });
        }
        return now.plusNanos(Math.max(interval() / 10, next - ticks));
    }

    private void renew() {
        long asked = node.ticks();
        Map<ListenRight, Tenure> held = new HashMap<>();
        tenures.get().forEach(tenure -> tenure.right().ifPresent(right -> held.put(right, tenure)));
        if (held.isEmpty()) {
            return;
        }
        Set<ListenRight> lost;
        try {
            lost = Set.copyOf(
                    node.store().renewListening(held.keySet(), node.limits().listenLease()));
        } catch (StoreUnavailableException e) {
            LOG.debug("{} rights to listen can't be renewed now: {}", held.size(), e.getMessage());
            next = asked + AFTER_FAILURE.toNanos();
            return;
        }
        held.forEach((right, tenure) -> {
            if (lost.contains(right)) {
                tenure.lost(right);
            } else {
                tenure.renewed(right, asked);
            }
        });
    }
}
