package org.cdshooks.runtime.plugin;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.NodeContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts what was loaded, once, and stops it, once. Shared by a registry and the one that {@code startAll} makes of it,
 * so that either can be stopped.
 */
final class Lifecycle {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    private enum Phase {
        LOADED,
        STARTED,
        STOPPED
    }

    /** Something that was started and has to be stopped. */
    private record Started(String what, PluginDoor door, Callable<Boolean> stop) {}

    private final List<PluginClassLoader> loaders;
    private final Duration limit;
    private final PluginHealth health;
    private final Deque<Started> started = new ArrayDeque<>();
    private Phase phase = Phase.LOADED;

    /**
     * Makes one.
     *
     * @param loaders to be closed at the end
     * @param limit how long the service waits for one start or stop
     */
    Lifecycle(List<PluginClassLoader> loaders, Duration limit) {
        this.loaders = new ArrayList<>(loaders);
        this.limit = limit;
        this.health = new PluginHealth(loaders, PluginWatch.ofProcess()::underWay);
    }

    PluginHealth health() {
        return health;
    }

    /** Sinks first, since a hook type may have something to deliver as soon as it has started. */
    synchronized PluginRegistry start(
            List<Loaded<HookType>> hookTypes, List<Loaded<EventSink>> sinks, PluginReport report, NodeContext node) {
        if (phase != Phase.LOADED) {
            throw new IllegalStateException("these plugins have been started before");
        }
        phase = Phase.STARTED;
        health.start();
        boolean interrupted = Thread.interrupted();
        PluginReport now = report;
        List<Loaded<EventSink>> readySinks = new ArrayList<>();
        for (Loaded<EventSink> sink : sinks) {
            String what = "sink '" + sink.name() + "'";
            Optional<String> problem = start(what, sink, each -> each.start(node), EventSink::stop);
            if (problem.isEmpty()) {
                readySinks.add(sink);
            } else {
                now = now.withoutSink(sink.door().plugin(), sink.name(), problem.get());
            }
            interrupted |= Thread.interrupted();
        }
        List<Loaded<HookType>> readyTypes = new ArrayList<>();
        for (Loaded<HookType> type : hookTypes) {
            String what = "hook type '" + type.name() + "'";
            Optional<String> problem = start(what, type, each -> each.start(node), HookType::stop);
            if (problem.isEmpty()) {
                readyTypes.add(type);
            } else {
                now = now.withoutHookType(type.door().plugin(), type.name(), problem.get());
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return new PluginRegistry(readyTypes, readySinks, now, this);
    }

    private interface Step<T> {
        void on(T instance) throws Exception;
    }

    private <T> Optional<String> start(String what, Loaded<T> loaded, Step<T> start, Step<T> stop) {
        T instance = loaded.instance();
        try {
            loaded.door().callWithin(limit, () -> {
                start.on(instance);
                return true;
            });
            started.push(new Started(what, loaded.door(), () -> {
                stop.on(instance);
                return true;
            }));
            return Optional.empty();
        } catch (PluginFailure e) {
            return Optional.of(failed(loaded.door(), what + " did not start: " + e.reason(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(failed(loaded.door(), what + " was interrupted while it started", e));
        }
    }

    private Duration within(long end) {
        Duration left = Duration.ofNanos(Math.max(MOMENT.toNanos(), end - System.nanoTime()));
        return left.compareTo(limit) < 0 ? left : limit;
    }

    private static String failed(PluginDoor door, String problem, Exception failure) {
        LOG.error("Plugin '{}': {}", door.plugin(), problem);
        LOG.debug("Plugin '{}': {}", door.plugin(), problem, failure);
        return problem;
    }

    synchronized List<String> stop() {
        return stop(limit.multipliedBy(1 + started.size()));
    }

    /**
     * Stops all that was started, last first, then closes the loaders. Goes to the end whatever fails on the way.
     *
     * @param atMost how long all stops together may take; when that time is over, each gets a moment
     */
    synchronized List<String> stop(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        List<String> failures = new ArrayList<>();
        if (phase == Phase.STOPPED) {
            return failures;
        }
        phase = Phase.STOPPED;
        health.close();
        boolean interrupted = Thread.interrupted(); // an interrupt hurries nobody here: the limit does
        while (!started.isEmpty()) {
            Started next = started.pop();
            try {
                next.door().callWithin(within(end), next.stop());
            } catch (PluginFailure e) {
                failures.add(failed(next.door(), next.what() + " did not stop properly: " + e.reason(), e));
            } catch (InterruptedException e) {
                interrupted = true;
                failures.add(failed(next.door(), next.what() + " was interrupted while it stopped", e));
            }
        }
        for (PluginClassLoader loader : loaders) {
            try {
                loader.close();
            } catch (IOException e) {
                String name = String.valueOf(loader.getName());
                failures.add(failed(
                        new PluginDoor(name, loader), "its jars could not be closed: " + Failures.explain(e), e));
            }
        }
        loaders.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return failures;
    }
}
