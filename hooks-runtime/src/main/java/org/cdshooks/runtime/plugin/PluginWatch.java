package org.cdshooks.runtime.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps plugins from taking the threads on which the service lives. The service runs on virtual threads, which a few
 * carriers carry, as many as there are processors; a call into a plugin that computes without a break holds its carrier.
 * The watch adds carriers for those that are held, lets one more call at a time into a hook type or sink that holds some,
 * and suspends the hook type or sink when one of its calls goes on and on. A call that blocks holds no carrier and is never
 * suspected, however long it takes.
 *
 * <p>There is one watch in a process, as there is one scheduler of virtual threads. Its thread is a platform thread.
 */
final class PluginWatch {
    /** A hook type or sink is suspended when one of its calls has held a carrier, running, for so long. */
    static final Duration SPINS = Duration.ofSeconds(10);

    /** The suspension lasts so long at least, and as long as calls hold threads. */
    static final Duration SUSPENDED_AT_LEAST = Duration.ofSeconds(60);

    /** Virtual threads make no progress when a new one has not run after so long. */
    static final Duration STARVED = Duration.ofMillis(100);

    /** A call that holds a carrier for so long counts as a holder. */
    static final Duration HELD = Duration.ofMillis(500);

    /** A holder is let go on with other calls beside it for so long while the service makes progress. */
    static final Duration NARROW = Duration.ofSeconds(5);

    /** A thread that runs for {@link #SPINS} on a busy machine gets at least so much of a processor; a blocked one none. */
    private static final long LEAST_CPU = SPINS.toNanos() / 20;

    /** How long virtual threads wait for a further carrier when no call is known to hold one: mostly they are just many. */
    private static final Duration STARVED_BY_NOBODY = Duration.ofSeconds(1);

    /** So many carriers may be added. The JDK has 256 at most. */
    private static final int MAX_ADDED = 128;

    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration CALM = Duration.ofSeconds(10);
    private static final Duration MAX_CALM = Duration.ofMinutes(10);
    private static final Logger LOG = LoggerFactory.getLogger(PluginWatch.class);

    private final Carriers carriers;
    private final LongSupplier ticker;
    private final int parallelism;
    private final Set<PluginCall> underWay = ConcurrentHashMap.newKeySet();
    private final Set<PluginGate> notOpen = new HashSet<>();
    private int added;
    private Duration calm = CALM;
    private boolean hasLowered;
    private long changedAt;
    private Probe probe = new Probe(0);

    /** A task that runs as soon as a carrier is free. */
    private static final class Probe implements Runnable {
        private final long startedAt;
        private volatile boolean ran;

        Probe(long startedAt) {
            this.startedAt = startedAt;
        }

        @Override
        public void run() {
            ran = true;
        }
    }

    /** The watch of this process, which begins when a plugin is called for the first time. */
    private static final class OfProcess {
        private static final PluginWatch WATCH = new PluginWatch(new JdkCarriers(), System::nanoTime);

        static {
            Thread.ofPlatform().name("hooks-plugin-watch").daemon().start(WATCH::watch);
        }
    }

    PluginWatch(Carriers carriers, LongSupplier ticker) {
        this.carriers = carriers;
        this.ticker = ticker;
        this.parallelism = carriers.parallelism();
        this.changedAt = ticker.getAsLong();
        this.probe.run();
    }

    static PluginWatch ofProcess() {
        return OfProcess.WATCH;
    }

    void begin(PluginCall call) {
        underWay.add(call);
    }

    void end(PluginCall call) {
        underWay.remove(call);
    }

    /** Returns how many calls into a plugin are under way. */
    int underWay(String plugin) {
        return (int) underWay.stream()
                .filter(call -> call.gate().plugin().equals(plugin))
                .count();
    }

    // ------------------------------------------------------------------------------------------------ the loop

    @SuppressWarnings("InfiniteLoopStatement") // until the process ends
    private void watch() {
        while (true) {
            try {
                tick();
            } catch (RuntimeException | Error e) { // such as no memory: without the watch the service may freeze
                later(() -> LOG.error("The watch over plugins failed and goes on", e));
            }
            LockSupport.parkNanos(TICK.toNanos());
        }
    }

    /** Looks at the calls that are under way, once. */
    void tick() {
        long now = ticker.getAsLong();
        long waits = probe.ran ? 0 : now - probe.startedAt;
        boolean isStarved = waits >= STARVED.toNanos();
        List<PluginCall> holders = holders(now, isStarved);
        if (isStarved) {
            relieve(now, waits, holders);
        } else {
            follow(now, holders);
        }
        for (PluginCall holder : holders) {
            if (holder.busy(now) >= SPINS.toNanos() && holder.cpu(carriers) >= LEAST_CPU) {
                suspend(holder, now);
            } else if (holder.held(now) >= NARROW.toNanos()) {
                narrow(holder.gate());
            }
        }
        reopen(now, holders);
        if (probe.ran) {
            probe = new Probe(now);
            carriers.start(probe);
        }
    }

    /** Returns the calls that hold a carrier for a while. Most calls block, and cost one look at their thread's state. */
    private List<PluginCall> holders(long now, boolean isStarved) {
        List<PluginCall> holders = new ArrayList<>();
        for (PluginCall call : underWay) {
            Thread thread = call.thread();
            if (thread.isVirtual()) {
                call.seen(carriers.holdOf(thread, isStarved || call.held(now) > 0), now, carriers);
                if (call.held(now) >= HELD.toNanos()) {
                    holders.add(call);
                }
            }
        }
        return holders;
    }

    /** Adds a carrier. First it sees to it that the next one is not taken by the same hook type. */
    private void relieve(long now, long waits, List<PluginCall> holders) {
        changedAt = now;
        if (holders.isEmpty() && waits < STARVED_BY_NOBODY.toNanos()) {
            return;
        }
        holders.forEach(holder -> narrow(holder.gate()));
        if (added < MAX_ADDED) {
            added++;
            if (hasLowered && calm.compareTo(MAX_CALM) < 0) {
                calm = calm.multipliedBy(2); // somebody holds a carrier who is not known: it was needed after all
            }
            hasLowered = false;
            Probe waiting = probe;
            carriers.raise(parallelism + added, () -> waiting.ran);
        }
        if (holders.isEmpty()) {
            probe.run(); // counts anew for the next one
        }
    }

    /** Has a carrier for each that is held beside those that there are processors for; takes one back after a calm time. */
    private void follow(long now, List<PluginCall> holders) {
        int wanted = Math.min(holders.size(), MAX_ADDED);
        if (wanted > added) {
            added = wanted;
            changedAt = now;
            carriers.raise(parallelism + added, () -> probe.ran);
        } else if (wanted < added && now - changedAt >= calm.toNanos()) {
            added--;
            hasLowered = true;
            changedAt = now;
            carriers.lower(parallelism + added);
        }
    }

    private void narrow(PluginGate gate) {
        gate.narrow();
        notOpen.add(gate);
    }

    private void suspend(PluginCall spinning, long now) {
        PluginGate gate = spinning.gate();
        if (gate.suspension().isPresent()) {
            return;
        }
        String reason = gate.what() + " is suspended, since a call into it has kept a thread busy for "
                + SPINS.toSeconds() + " s without a break; its tasks wait until all such calls have ended, for "
                + SUSPENDED_AT_LEAST.toSeconds()
                + " s at least. A call that never ends goes on to use a processor until"
                + " the service is restarted: mend or remove the plugin before";
        gate.suspend(reason, now);
        notOpen.add(gate);
        later(() -> {
            Throwable place = new Throwable("this is where the call was");
            place.setStackTrace(spinning.thread().getStackTrace());
            LOG.warn("Plugin '{}': {}", gate.plugin(), reason, place);
            for (PluginCall call : underWay) {
                if (call.gate() == gate) {
                    call.interrupt();
                }
            }
        });
    }

    private void reopen(long now, List<PluginCall> holders) {
        if (notOpen.isEmpty()) {
            return;
        }
        Set<PluginGate> held = new HashSet<>();
        holders.forEach(holder -> held.add(holder.gate()));
        notOpen.removeIf(gate -> {
            boolean wasSuspended = gate.suspension().isPresent();
            boolean opens = !held.contains(gate) && gate.reopen(now);
            if (opens && wasSuspended) {
                later(() -> LOG.info("Plugin '{}': {} is called again", gate.plugin(), gate.what()));
            }
            return opens;
        });
    }

    /** Does on another platform thread what may wait for a lock that a virtual thread without a carrier has. */
    private static void later(Runnable task) {
        Thread.ofPlatform().name("hooks-plugin-report").daemon().start(task);
    }
}
