package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.cdshooks.api.HookType;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.plugin.PluginSuspended;
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
 * Afterwards each change of a task says whether it listens; of those that other nodes change the hooks are looked at as at the
 * start. Those are also the tasks that came from elsewhere, and that may have lost the next run of their timer.
 */
final class Listeners {
    private static final int PAGE = 500;
    private static final Duration BETWEEN_WALKS = Duration.ofSeconds(10);
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Node node;
    private final Hooks hooks;
    private final HookMaker maker;
    private final Silence silence;
    private final Nodes nodes;
    private final LeaseRenewal renewal;
    private final Consumer<TaskId> hasTimer;
    private final Runnable wake;
    private final Map<TaskId, Station> stations = new ConcurrentHashMap<>();
    private final Closing closing = new Closing();

    /** What other nodes have changed is read one by one, and looked at like the tasks of the walk. */
    private final ExecutorService reader = inTurn("hooks-changed-elsewhere");

    private final Map<String, ExecutorService> lookers = new ConcurrentHashMap<>();
    private final AtomicBoolean walking = new AtomicBoolean();
    private volatile PluginRegistry plugins = PluginRegistry.of(List.of(), List.of());
    private volatile Instant walkAt = Loop.NEVER;
    private volatile Instant walkedAt = Instant.EPOCH;
    private volatile Nodes.View seen;

    /**
     * Makes listeners.
     *
     * @param hasTimer hears of tasks that are found to have a timer while they are looked at; may take its time
     * @param background runs what may wait for the store
     * @param wake tells the loop that calls {@link #pass} to do so
     */
    Listeners(
            Node node,
            Nodes nodes,
            Hooks hooks,
            HookMaker maker,
            Silence silence,
            Consumer<TaskId> hasTimer,
            Executor background,
            Runnable wake) {
        this.node = node;
        this.nodes = nodes;
        this.hooks = hooks;
        this.maker = maker;
        this.silence = silence;
        this.renewal = new LeaseRenewal(
                node, background, () -> stations.values().stream().map(Station::tenure));
        this.hasTimer = hasTimer;
        this.wake = wake;
        this.seen = nodes.view();
    }

    /** Starts the listeners of all tasks, in the background. */
    void startAll(PluginRegistry started) {
        plugins = started;
        walkedAt = node.steady();
        if (started.hookTypes().isEmpty()) {
            nodes.ready();
            return;
        }
        walking.set(true);
        Thread.ofVirtual().name("hooks-find-listeners").start(() -> {
            walk();
            nodes.ready();
        });
    }

    private static ExecutorService inTurn(String name) {
        return Executors.newSingleThreadExecutor(Thread.ofVirtual().name(name).factory());
    }

    private static ExecutorService looker(String type) {
        return inTurn("hooks-find-listeners-" + type);
    }

    /** Tells whether a task may listen here, so that its hook is worth looking at. */
    private boolean mayListen(TaskRecord task) {
        Optional<Loaded<HookType>> type = plugins.hookType(task.type());
        return type.isPresent() && !task.stopped() && !silence.isKnown(task, type.get());
    }

    private void walk() {
        Map<String, ExecutorService> perType = new HashMap<>();
        try {
            TaskWalk<TaskRecord, InterruptedException> walk = new TaskWalk<>(PAGE, TaskRecord::id, this::page);
            for (List<TaskRecord> page = walk.next(); !page.isEmpty() && !closing.isClosed(); page = walk.next()) {
                for (TaskRecord task : page) {
                    node.tally().stopped(task.id(), task.stopped());
                    if (mayListen(task)) {
                        perType.computeIfAbsent(task.type(), Listeners::looker)
                                .execute(() -> startIfItListens(task.id()));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            perType.values().forEach(ExecutorService::close); // which waits until all have been looked at
            walking.set(false);
        }
    }

    private List<TaskRecord> page(Optional<TaskId> after, int limit) throws InterruptedException {
        while (true) {
            try {
                return node.store().tasks(after, limit);
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
            if (task.isEmpty()) {
                return;
            }
            LiveHook.Triggers triggers = Bounded.call(
                    node.limits().call(),
                    task.get().type(),
                    "create",
                    () -> maker.make(task.get()).triggers());
            if (triggers.listening().isPresent()) {
                changed(id, true);
            }
            if (triggers.timer().isPresent()) {
                hasTimer.accept(id);
            }
        } catch (PluginSuspended e) {
            changed(id, true); // which looks again until the plugin is called again
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
            Station there = station == null ? new Station(task, node, nodes, hooks, this::forget, wake) : station;
            there.wake();
            return there;
        });
    }

    /** Another node has put or removed a task. Returns at once. */
    void changedElsewhere(TaskId id) {
        if (closing.isClosed()) {
            return;
        }
        if (stations.containsKey(id)) {
            changed(id, true);
        } else {
            reader.execute(() -> find(id));
        }
    }

    private void find(TaskId id) {
        try {
            Optional<TaskRecord> task = node.store().task(id);
            node.tally().stopped(id, task.isPresent() && task.get().stopped());
            if (task.isPresent() && mayListen(task.get())) {
                lookers.computeIfAbsent(task.get().type(), Listeners::looker).execute(() -> startIfItListens(id));
            }
        } catch (StoreUnavailableException e) { // which tells later that changes may have been missed
            LOG.debug("Whether task {} listens is not known: {}", id, e.getMessage());
        } catch (RejectedExecutionException e) {
            LOG.debug("Task {} is not looked at: the node stops", id);
        }
    }

    /** Any task may have been changed by other nodes: looks at all of them again, but not all the time. */
    void missedChanges(Instant now) {
        stations.values().forEach(Station::wake);
        if (walkAt.equals(Loop.NEVER) && !plugins.hookTypes().isEmpty()) {
            Instant earliest = walkedAt.plus(BETWEEN_WALKS);
            walkAt = earliest.isAfter(now) ? earliest : now;
        }
    }

    private Instant walkIfDue(Instant now) {
        if (now.isBefore(walkAt)) {
            return walkAt;
        }
        if (!walking.compareAndSet(false, true)) {
            return now.plus(STORE_RETRY);
        }
        walkAt = Loop.NEVER;
        walkedAt = now;
        Thread.ofVirtual().name("hooks-find-listeners").start(this::walk);
        return Loop.NEVER;
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

    /** Begins anew what has failed, gives up what does not stop, and sees to the rights to listen. */
    Instant pass(Instant now) {
        Nodes.View view = nodes.view();
        boolean nodesChanged = !view.equals(seen);
        seen = view;
        Instant next = min(walkIfDue(now), renewal.pass(now));
        for (Station station : stations.values()) {
            if (nodesChanged) {
                station.nodesChanged(now);
            }
            next = min(next, station.pass(now));
        }
        return next;
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    boolean isQuiet() {
        return !walking.get() && stations.values().stream().noneMatch(Station::isMoving);
    }

    /** Tells all listeners to stop and does not wait for them. */
    void close() {
        closing.close();
        reader.shutdown();
        lookers.values().forEach(ExecutorService::shutdown);
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
