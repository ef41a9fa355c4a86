package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that share the store: tells them that this one is alive, and knows who else is.
 *
 * <p>A node says so only when it has found the tasks that listen, so that no other one hands it what it does not know yet; if
 * that takes very long, it does so nevertheless.
 */
final class Nodes {
    /** How long a node counts as alive that says nothing. */
    static final Duration ALIVE = Duration.ofSeconds(10);

    /** How long a node has to be there before others hand listeners over to it: who dies young moves nothing. */
    static final Duration SETTLED = Duration.ofSeconds(10);

    private static final Duration BEAT = Duration.ofSeconds(3);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    private final Node node;
    private final Executor background;
    private final Runnable onChange;
    private final long startedAt;
    private final AtomicBoolean beating = new AtomicBoolean();
    private volatile long nextBeat;
    private volatile View view;
    private volatile boolean maintenance;
    private volatile boolean ready;
    private boolean left;

    /**
     * The nodes as this one sees them, itself included. Another view is another object.
     *
     * @param since by name, when each was seen first, in {@linkplain Node#ticks ticks}
     */
    record View(Map<String, Long> since) {
        /** Returns the names in their order. */
        List<String> names() {
            return List.copyOf(new TreeSet<>(since.keySet()));
        }

        /**
         * Returns the node that should listen for a task: all nodes that see the same ones agree, each gets a fair part, and
         * when a node comes or goes only tasks move that it gets or had (rendezvous hashing).
         */
        String preferred(TaskId task) {
            long ofTask = hash(task.value());
            String best = "";
            long highest = 0;
            for (String name : since.keySet()) {
                long score = mixed(ofTask ^ mixed(hash(name)));
                if (best.isEmpty() || score > highest || score == highest && name.compareTo(best) < 0) {
                    best = name;
                    highest = score;
                }
            }
            return best;
        }

        /** FNV-1a. */
        private static long hash(String text) {
            long hash = 0xcbf29ce484222325L;
            for (int i = 0; i < text.length(); i++) {
                hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
            }
            return hash;
        }

        /** SplitMix64's finalizer. */
        private static long mixed(long hash) {
            long z = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }
    }

    /**
     * Makes the view of a node that knows only itself.
     *
     * @param background runs what may wait for the store
     * @param onChange told when a node has come or gone
     */
    Nodes(Node node, Executor background, Runnable onChange) {
        this.node = node;
        this.background = background;
        this.onChange = onChange;
        this.startedAt = node.ticks();
        this.nextBeat = startedAt;
        this.view = new View(Map.of(node.name(), startedAt));
    }

    View view() {
        return view;
    }

    /** Tells whether nothing is claimed on all nodes; what another node has switched is seen a moment later. */
    boolean isMaintenance() {
        return maintenance;
    }

    /** This node has switched it. */
    void maintenance(boolean enable) {
        maintenance = enable;
    }

    /** This node knows the tasks that listen: it may get its part of them. */
    void ready() {
        ready = true;
        nextBeat = node.ticks();
        onChange.run();
    }

    /**
     * Tells the others that this node is alive when it is time to. Does not wait for the store.
     *
     * @return when to come again
     */
    Instant pass(Instant now) {
        long ticks = node.ticks();
        if (ticks - startedAt > LONG_ENOUGH.toNanos()) {
            ready = true;
        }
        if (ticks - nextBeat >= 0 && beating.compareAndSet(false, true)) {
            nextBeat = ticks + BEAT.toNanos();
            background.execute(() -> {
                try {
                    beat();
                } finally {
                    beating.set(false);
                }
            });
        }
        return now.plusNanos(Math.max(BEAT.toNanos() / 10, nextBeat - ticks));
    }

    /** Tells the others and looks who they are. */
    void beat() {
        try {
            List<String> names;
            synchronized (this) { // after the farewell nothing more is said
                if (left) {
                    return;
                }
                names = node.store().nodes(node.name(), ready ? ALIVE : Duration.ZERO);
            }
            maintenance = node.store().isMaintenance();
            see(names);
        } catch (StoreUnavailableException e) { // the rights of this node run out meanwhile, and the others go on
            LOG.debug("The other nodes can't be told that this one is alive: {}", e.getMessage());
        }
    }

    private void see(List<String> names) {
        View before = view;
        Map<String, Long> since = new HashMap<>();
        List<String> all = new ArrayList<>(names);
        all.add(node.name());
        for (String name : all) {
            since.put(name, before.since().getOrDefault(name, node.ticks()));
        }
        if (!since.keySet().equals(before.since().keySet())) {
            View now = new View(Map.copyOf(since));
            view = now;
            LOG.info("Nodes that share the store: {} (this one is {})", now.names(), node.name());
            onChange.run();
        }
    }

    /** This node stops: what it gives back is for the others. */
    synchronized void leave() {
        left = true;
        try {
            var _ = node.store().nodes(node.name(), Duration.ZERO);
        } catch (StoreUnavailableException e) {
            LOG.debug("The other nodes see a little later that this one is gone: {}", e.getMessage());
        }
    }
}
