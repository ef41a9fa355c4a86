package org.cdshooks.runtime.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks now and then at what plugins leave behind in the process, and at their jars. */
final class PluginHealth {
    /** So many threads a plugin may have that no call accounts for, such as pools of its libraries. */
    static final int THREADS = 100;

    /** So many more it may have for each call that is under way, such as a listener. */
    static final int THREADS_A_CALL = 10;

    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(PluginHealth.class);

    private volatile List<PluginClassLoader> loaders;
    private final ToIntFunction<String> callsUnderWay;
    private final CountDownLatch closed = new CountDownLatch(1);
    private Set<Trouble> told = Set.of();
    private volatile List<Trouble> troubles = List.of();

    /**
     * Something that is wrong with a plugin now.
     *
     * @param isProblem false if it is merely odd
     */
    record Trouble(String plugin, String words, boolean isProblem) {}

    /**
     * Makes a health check that does nothing before {@link #start}.
     *
     * @param callsUnderWay tells how many calls into a plugin are under way
     */
    PluginHealth(List<PluginClassLoader> loaders, ToIntFunction<String> callsUnderWay) {
        this.loaders = List.copyOf(loaders);
        this.callsUnderWay = callsUnderWay;
    }

    void start() {
        if (!loaders.isEmpty()) {
            Thread.ofPlatform().name("hooks-plugin-health").daemon().start(this::run);
        }
    }

    /** Ends the checks, and lets go of the loaders so that their classes can be collected. */
    void close() {
        loaders = List.of();
        closed.countDown();
    }

    /** Returns what was wrong when it was looked last. */
    List<Trouble> troubles() {
        return troubles;
    }

    private void run() {
        try {
            while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks at all plugins, and logs what was not so before. */
    void check() {
        List<Trouble> now = new ArrayList<>();
        Map<ClassLoader, Integer> threads = threads();
        for (PluginClassLoader loader : loaders) {
            String plugin = String.valueOf(loader.getName());
            int count = threads.getOrDefault(loader, 0);
            if (count > THREADS + THREADS_A_CALL * callsUnderWay.applyAsInt(plugin)) {
                // no number, which would make each look a new problem
                now.add(new Trouble(
                        plugin,
                        "it has more than " + THREADS
                                + " threads that outlive the calls into it, so it probably forgets"
                                + " to end them; restart the service before memory runs out, and tell the plugin's author",
                        true));
            }
            loader.changedJars()
                    .forEach((jar, change) ->
                            now.add(new Trouble(plugin, words(jar, change), change == HeldJar.Change.OVERWRITTEN)));
        }
        troubles = List.copyOf(now);
        for (Trouble trouble : now) {
            if (!told.contains(trouble)) {
                LOG.warn("Plugin '{}': {}", trouble.plugin(), trouble.words());
            }
        }
        told = new HashSet<>(now);
    }

    private static String words(String jar, HeldJar.Change change) {
        return switch (change) {
            case OVERWRITTEN ->
                jar + " was overwritten while the service has it open: classes and files that were not read before"
                        + " can't be read any more, or are wrong; restart the service. To replace a jar, copy the new one"
                        + " beside it and rename it, or stop the service first";
            case REPLACED -> jar + " was replaced: the service goes on with the old one until it is restarted";
            case REMOVED -> jar + " was removed: the service goes on with it until it is restarted";
        };
    }

    /** Counts the platform threads that run with a plugin's loader or are of a plugin's class. */
    private static Map<ClassLoader, Integer> threads() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] all = new Thread[root.activeCount() + 64];
        for (int found = root.enumerate(all); found == all.length; found = root.enumerate(all)) {
            all = new Thread[all.length * 2];
        }
        Map<ClassLoader, Integer> counts = new HashMap<>();
        for (Thread thread : all) {
            if (thread != null) {
                ClassLoader own = thread.getClass().getClassLoader();
                ClassLoader loader = own instanceof PluginClassLoader ? own : thread.getContextClassLoader();
                if (loader instanceof PluginClassLoader) {
                    counts.merge(loader, 1, Integer::sum);
                }
            }
        }
        return counts;
    }
}
