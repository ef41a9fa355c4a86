package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.cdshooks.api.HookType;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of this node: each started task whose hook listens has a {@link Station}.
 *
 * <p>Which tasks listen only their hooks know. So at the start all tasks are walked through once, in the background and
 * page by page; of each started task whose type is here, and that is not {@linkplain Silence known} not to listen, a hook
 * is made, looked at and dropped. Each hook type has a thread of its own for that, so one that hangs keeps only its own
 * listeners from starting. Without hook types nothing is walked.
 * Afterwards each change of a task says whether it listens.
 */
final class Listeners {
    private static final int PAGE = 500;
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Node node;
    private final Hooks hooks;
    private final HookMaker maker;
    private final Silence silence;
    private final Runnable wake;
    private final Map<TaskId, Station> stations = new ConcurrentHashMap<>();
    private final Closing closing = new Closing();

    Listeners(Node node, Hooks hooks, HookMaker maker, Silence silence, Runnable wake) {
        this.node = node;
        this.hooks = hooks;
        this.maker = maker;
        this.silence = silence;
        this.wake = wake;
    }

    /** Starts the listeners of all tasks, in the background. */
    void startAll(PluginRegistry plugins) {
        if (!plugins.hookTypes().isEmpty()) {
            Thread.ofVirtual().name("hooks-find-listeners").start(() -> walk(plugins));
        }
    }

    private void walk(PluginRegistry plugins) {
        Map<String, ExecutorService> perType = new HashMap<>();
        try {
            Optional<TaskId> after = Optional.empty();
            List<TaskRecord> page;
            do {
                page = page(after);
                for (TaskRecord task : page) {
                    Optional<Loaded<HookType>> type = plugins.hookType(task.type());
                    if (type.isPresent() && !task.stopped() && !silence.isKnown(task, type.get())) {
                        perType.computeIfAbsent(task.type(), Listeners::looker)
                                .execute(() -> startIfItListens(task.id()));
                    }
                    after = Optional.of(task.id());
                }
            } while (page.size() >= PAGE && !closing.isClosed());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            perType.values().forEach(ExecutorService::shutdown);
        }
    }

    private static ExecutorService looker(String type) {
        return Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("hooks-find-listeners-" + type).factory());
    }

    private List<TaskRecord> page(Optional<TaskId> after) throws InterruptedException {
        while (true) {
            try {
                return node.store().tasks(after, PAGE);
            } catch (StoreUnavailableException e) {
                if (closing.isClosed()) {
                    return List.of();
                }
                closing.pause(STORE_RETRY);
            }
        }
    }

    private void startIfItListens(TaskId id) {
        try {
            Optional<TaskRecord> task =
                    closing.isClosed() ? Optional.empty() : node.store().task(id);
            if (task.isPresent()
                    && Bounded.call(
                            node.limits().call(),
                            task.get().type(),
                            "create",
                            () -> maker.make(task.get()).triggers().listening().isPresent())) {
                changed(id, true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) { // its executions will tell; here it is not known even whether it listens
            LOG.warn("Whether task {} listens is not known: {}", id, e.getMessage());
        }
    }

    /** A task has been put, started, stopped or removed. Returns at once. */
    void changed(TaskId id, boolean listens) {
        if (closing.isClosed()) {
            return;
        }
        // in one step with waking it, so that a station which is about to be forgotten is not
        stations.compute(id, (task, station) -> {
            if (station == null && !listens) {
                return null;
            }
            Station there = station == null ? new Station(task, node, hooks, this::forget, wake) : station;
            there.wake();
            return there;
        });
    }

    private void forget(Station station) {
        stations.computeIfPresent(station.id(), (id, there) -> there == station && !station.isWoken() ? null : there);
    }

    /** An execution has ended: there may be room for another one. */
    void settled(TaskId id) {
        Station station = stations.get(id);
        if (station != null) {
            station.roomAgain();
        }
    }

    /** Says what is wrong with the listener of a task. */
    Optional<String> problem(TaskId id) {
        return Optional.ofNullable(stations.get(id)).flatMap(Station::problem);
    }

    /** Begins anew what has failed, and gives up what does not stop. */
    Instant pass(Instant now) {
        Instant next = Loop.NEVER;
        for (Station station : stations.values()) {
            Instant of = station.pass(now);
            next = of.isBefore(next) ? of : next;
        }
        return next;
    }

    /** Tells all listeners to stop and does not wait for them. */
    void close() {
        closing.close();
        stations.values().forEach(Station::close);
    }

    /** Waits until all listeners have stopped, and gives up those that have not. */
    void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (Station station : stations.values()) {
            station.await(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }
}
