package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to listen for one task, as far as this node has it: taken, renewed by the {@link LeaseRenewal}, given back. Whether
 * it may be over is judged by a clock that nobody sets, from before the last renewal was asked for, and a little early, so
 * that who listens has stopped when another node may begin.
 */
final class Tenure {
    /** How long a node leaves a free right to the one that should have it. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** For how long a right is taken only to see whether it is free: so long nobody has it if this node dies just then. */
    private static final Duration PROBE = Duration.ofSeconds(5);

    private static final Duration MARGIN = Duration.ofSeconds(5);

    /** How soon it is looked at again at the soonest. */
    private static final long TICK = Duration.ofMillis(10).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);

    private final TaskId task;
    private final Node node;
    private final Runnable onLost;
    private final AtomicReference<@Nullable Held> held = new AtomicReference<>();
    private volatile boolean seenFree;
    private volatile long freeSince;

    /** The right, and the time before it was asked for last. */
    private record Held(ListenRight right, long renewedAt) {}

    /**
     * Makes a tenure that has not begun.
     *
     * @param onLost told on some thread when the right has passed to another node or ended
     */
    Tenure(TaskId task, Node node, Runnable onLost) {
        this.task = task;
        this.node = node;
        this.onLost = onLost;
    }

    Optional<ListenRight> right() {
        return Optional.ofNullable(held.get()).map(Held::right);
    }

    /**
     * Takes the right if it is free. Who is not the preferred one takes it only if it is still free after some time.
     *
     * @param preferred whether this node should have it
     * @return whether this node has it
     */
    boolean take(boolean preferred) {
        if (right().isPresent()) {
            return true;
        }
        long asked = node.ticks();
        if (!preferred && seenFree && asked - freeSince < PATIENCE.toNanos()) {
            return false;
        }
        boolean keeps = preferred || seenFree;
        Optional<ListenRight> got =
                node.store().listen(task, node.name(), keeps ? node.limits().listenLease() : PROBE);
        seenFree = false;
        if (got.isEmpty()) {
            return false;
        }
        if (!keeps) {
            node.store().endListening(got.get());
            free(asked);
            return false;
        }
        held.set(new Held(got.get(), asked));
        return true;
    }

    private void free(long since) {
        freeSince = since;
        seenFree = true;
    }

    /** Returns whether the right was free when this node looked last, and how long it still leaves it so. */
    Optional<Duration> leaves() {
        return seenFree
                ? Optional.of(Duration.ofNanos(Math.max(0, freeSince + PATIENCE.toNanos() - node.ticks())))
                : Optional.empty();
    }

    /** Returns when the right may be over if it is not renewed before. */
    Instant overAt(Instant now) {
        Held last = held.get();
        return last == null ? Loop.NEVER : now.plusNanos(Math.max(TICK, last.renewedAt() + lasts() - node.ticks()));
    }

    /**
     * The store has renewed a right of this task.
     *
     * @param asked the time before it was asked to
     */
    void renewed(ListenRight right, long asked) {
        Held now = held.get();
        if (now == null || !now.right().equals(right)) {
            end(right); // it was given up meanwhile, so nobody is to wait for its end
        } else if (now.renewedAt() - asked < 0 && !held.compareAndSet(now, new Held(right, asked))) {
            renewed(right, asked);
        }
    }

    /** A right of this task has ended, as the store has answered who wanted to renew it. */
    void lost(ListenRight right) {
        Held now = held.get();
        if (now == null || !now.right().equals(right)) {
            return; // it was given up meanwhile, or taken anew
        }
        if (held.compareAndSet(now, null)) {
            onLost.run();
        } else {
            lost(right);
        }
    }

    /** Tells whether the right may have ended, since it could not be renewed. */
    boolean mayBeOver() {
        Held now = held.get();
        return now != null && node.ticks() - now.renewedAt() >= lasts();
    }

    /** A right is not ours any more. */
    void drop(ListenRight ended) {
        Held now = held.get();
        if (now != null && now.right().equals(ended) && !held.compareAndSet(now, null)) {
            drop(ended); // it was renewed just then
        }
    }

    /** Gives the right back, if we have it, and leaves it to others for a while. */
    void giveBack() {
        Held last = held.getAndSet(null);
        if (last != null) {
            end(last.right());
            free(node.ticks());
        }
    }

    private void end(ListenRight right) {
        try {
            node.store().endListening(right);
        } catch (StoreUnavailableException e) { // it ends by itself
            LOG.debug("{} could not be given back: {}", right, e.getMessage());
        }
    }

    private long lasts() {
        Duration lease = node.limits().listenLease();
        Duration margin = lease.dividedBy(6).compareTo(MARGIN) < 0 ? lease.dividedBy(6) : MARGIN;
        return lease.minus(margin).toNanos();
    }
}
