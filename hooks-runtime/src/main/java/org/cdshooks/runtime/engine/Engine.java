package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.plugin.PluginReport;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Seal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole engine of one node: the way in for {@code http} and {@code launch}.
 *
 * <p>Five threads of its own drive it, each a {@link Loop}: the {@link Processor}'s dispatcher and watcher, the alarm (retries
 * and timers), the one that sees to listeners and other nodes, and the {@link Cleaner}. Everything that may run code of plugins
 * is on virtual threads. Many nodes may share a store; each is an engine with a name of its own.
 *
 * <p>Long, for it is where all parts are put together.
 */
public final class Engine {
    /** How long listeners are left alone at least: there may be many of them, and none is in a hurry. */
    private static final Duration LISTENERS_GAP = Duration.ofMillis(50);

    /** How long the alarm sleeps at least, since the store signals far more often than something is due. */
    private static final Duration ALARM_GAP = Duration.ofMillis(2);

    /** What a stop takes after the grace: executions are interrupted, then hooks and plugins are stopped. */
    private static final Duration AFTER_GRACE = Duration.ofMillis(2800);

    private static final Duration LISTENERS_LEAST = Duration.ofSeconds(1);
    private static final int BACKGROUND_THREADS = 2;
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Node node;
    private final Hooks hooks;
    private final Processor processor;
    private final Retries retries;
    private final Timers timers;
    private final Cleaner cleaner;
    private final Listeners listeners;
    private final TaskLife tasks;
    private final ReplayDesk replays;
    private final ExecutionDesk executions;
    private final TaskEndpoints endpoints;
    private final RequestWriter requestWriter;
    private final RequestDesk requests;
    private final Problems problems = new Problems();
    private final Nodes nodes;
    private final ChangesElsewhere elsewhere;
    private final Loop alarm;
    private final Loop listening;
    private final List<Loop> loops;
    private final NodeContext context;
    private final boolean manual;
    private volatile PluginRegistry plugins;
    private volatile Instant startedAt;
    private final Seal seal;
    private volatile boolean draining;
    private volatile StoreCounts counts = new StoreCounts(0, 0, 0, 0, 0, 0, 0);

    /**
     * Puts an engine together. Nothing runs before {@link #start}.
     *
     * @param store where tasks and executions are
     * @param plugins hook types and sinks
     * @param config what an operator can set
     * @param clock the clock
     */
    public Engine(TaskStore store, PluginRegistry plugins, EngineConfig config, InstantSource clock) {
        this(store, plugins, config, clock, Map.of());
    }

    /**
     * Puts an engine together that offers services to hook types and sinks.
     *
     * @param services each under its interface
     */
    public Engine(
            TaskStore store,
            PluginRegistry plugins,
            EngineConfig config,
            InstantSource clock,
            Map<Class<?>, Object> services) {
        this(store, plugins, config, clock, services, Seal.none());
    }

    /**
     * Puts an engine together that stores secrets encrypted.
     *
     * @param seal encrypts them
     */
    public Engine(
            TaskStore store,
            PluginRegistry plugins,
            EngineConfig config,
            InstantSource clock,
            Map<Class<?>, Object> services,
            Seal seal) {
        this(
                new Node(NodeName.make(), store, config, Limits.DEFAULTS, clock, System::nanoTime, new Tally()),
                plugins,
                services,
                seal,
                false);
    }

    Engine(Node node, PluginRegistry plugins, Map<Class<?>, Object> services, boolean manual) {
        this(node, plugins, services, Seal.none(), manual);
    }

    /**
     * Puts an engine together.
     *
     * @param manual whether a test does by {@link #tick} what the loops would do
     */
    Engine(Node node, PluginRegistry plugins, Map<Class<?>, Object> services, Seal seal, boolean manual) {
        this.plugins = plugins;
        this.manual = manual;
        this.node = node;
        this.seal = seal;
        InstantSource clock = node.clock();
        EngineConfig config = node.config();
        Limits limits = node.limits();
        Executor background = manual ? Runnable::run : backgroundThreads();
        this.startedAt = clock.instant();
        this.context = new Host(clock, Map.copyOf(services));
        Masking masking = new Masking(() -> this.plugins, config, seal);
        HookMaker maker = new HookMaker(new TaskConfigs(() -> this.plugins, config, masking), config, context);
        FailureLog failures = new FailureLog(node::ticks);
        this.hooks = new Hooks(maker, masking, limits, node.tally(), failures);
        this.cleaner = new Cleaner(node);
        this.alarm = new Loop("hooks-alarm", this::ringTheAlarm, node::steady, ALARM_GAP);
        this.timers = new Timers(node, this::hookTypes, hooks, problems, cleaner, alarm::signal, manual);
        this.listening = new Loop("hooks-listen", this::seeToListeners, node::steady, LISTENERS_GAP);
        this.nodes = new Nodes(node, background, listening::signal);
        this.elsewhere = new ChangesElsewhere(listening::signal);
        Silence silence = new Silence(config, services.keySet());
        this.listeners =
                new Listeners(node, nodes, hooks, maker, silence, this::keepRinging, background, listening::signal);
        this.tasks = new TaskLife(node, masking, maker, failures, silence, timers, problems, new Told());
        Waiters waiters = new Waiters(node);
        this.processor = new Processor(node, hooks, failures, cleaner, waiters, tasks::stopForGood, listeners::settled);
        this.retries = new Retries(node);
        this.replays = new ReplayDesk(node);
        this.executions = new ExecutionDesk(node, processor, replays);
        this.endpoints = new TaskEndpoints(node, hooks, waiters);
        this.requestWriter = new RequestWriter(node, seal);
        this.requests = new RequestDesk(node, endpoints, requestWriter, seal);
        this.loops = List.of(
                processor.watcher(), alarm, listening, processor.dispatcher(), cleaner.loop(), requestWriter.loop());
    }

    /**
     * Platform threads, as those of loops are: plugins must not be able to keep this node from renewing what it has. They end
     * when they have nothing to do.
     */
    private static Executor backgroundThreads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                BACKGROUND_THREADS,
                BACKGROUND_THREADS,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("hooks-nodes-", 1).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Starts all of it. Called once. */
    public void start() {
        startPlugins();
        resume();
    }

    /** Starts the hook types and sinks. From then on requests can be answered; what is stored waits for {@link #resume}. */
    public void startPlugins() {
        startedAt = node.clock().instant();
        plugins = plugins.startAll(context);
    }

    /** Starts listeners, timers, retries, cleaner and processor. Called once. */
    public void resume() {
        node.store().onWork(() -> {
            processor.dispatcher().signal();
            alarm.signal();
        });
        node.store().onTaskChange(elsewhere);
        nodes.beat(); // so that nothing is done in ignorance of the others
        listeners.startAll(plugins);
        if (!manual) {
            loops.forEach(Loop::start);
        }
    }

    /**
     * Stops in reverse: no new claims; listeners are told to stop; what runs gets the time, what has not ended then is
     * interrupted and will run again after the next start. Whatever plugins do, the stop takes {@link #AFTER_GRACE} more at
     * most. A second call does nothing; the store is left open.
     *
     * @param grace how long what runs may take
     * @return how many executions had to be interrupted
     */
    public int stop(Duration grace) {
        synchronized (this) {
            if (draining) {
                return 0;
            }
            draining = true;
        }
        long end = System.nanoTime() + grace.toNanos();
        int interrupted = 0;
        try {
            nodes.leave();
            listeners.close();
            replays.close(node.limits().call());
            processor.drain();
            alarm.stop(node.limits().call());
            interrupted = processor.end(left(end, grace));
            Duration left = left(end, node.limits().listenerGrace());
            listeners.await(left.compareTo(LISTENERS_LEAST) > 0 ? left : LISTENERS_LEAST);
            listening.stop(node.limits().call());
            cleaner.loop().stop(node.limits().call());
            requestWriter.end(node.limits().call());
            hooks.stopAll(left(end + AFTER_GRACE.toNanos(), node.limits().call()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while stopping: what runs is left to itself");
        }
        node.store().onWork(() -> {});
        node.store().onTaskChange(TaskChangeListener.NOBODY);
        plugins.stopAll(left(end + AFTER_GRACE.toNanos(), grace.plus(AFTER_GRACE)));
        return interrupted;
    }

    private static Duration left(long end, Duration most) {
        long nanos = Math.min(end - System.nanoTime(), most.toNanos());
        return Duration.ofNanos(Math.max(0, nanos));
    }

    private Set<String> hookTypes() {
        return plugins.hookTypes().stream().map(Loaded::name).collect(Collectors.toUnmodifiableSet());
    }

    private void keepRinging(TaskId task) {
        tasks.keepRinging(task);
    }

    /** The alarm's part: whatever is due. */
    private Instant ringTheAlarm() {
        Duration leaseEnd = retries.pass().orElse(node.store().maxSleep());
        Duration due = timers.pass().orElse(node.store().maxSleep());
        Duration sleep = Collections.min(List.of(leaseEnd, due, node.store().maxSleep()));
        return node.steady().plus(sleep);
    }

    /** Whatever listeners and other nodes need; nothing in it waits for the store. */
    private Instant seeToListeners() {
        Instant now = node.steady();
        elsewhere.pass(this::changedElsewhere, () -> listeners.missedChanges(now));
        Instant beat = nodes.pass(now);
        return min(beat, listeners.pass(now));
    }

    private void changedElsewhere(TaskId task) {
        problems.clear(task);
        hooks.changed(task);
        endpoints.changed(task);
        listeners.changedElsewhere(task);
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** Does on the caller's thread what the loops would do now; like them, it survives it when the store is away. For tests. */
    void tick() {
        for (Loop loop : loops) {
            try {
                loop.pass();
            } catch (StoreUnavailableException e) {
                LOG.debug("A loop waits for the store: {}", e.getMessage());
            }
        }
    }

    /** Waits until nothing is worked on. For tests. */
    boolean awaitIdle(Duration atMost) throws InterruptedException {
        return processor.await(atMost);
    }

    /** Tells whether nothing is being done about listeners that would not wait for a time. For tests. */
    boolean isQuiet() {
        return listeners.isQuiet();
    }

    /** What tasks tell the other parts. */
    private final class Told implements TaskLife.Changes {
        @Override
        public void changed(TaskId task, boolean listens) {
            hooks.changed(task);
            endpoints.changed(task);
            listeners.changed(task, listens);
        }

        @Override
        public void removed(TaskId task) {
            processor.interrupt(attempt -> attempt.key().task().equals(task));
        }

        @Override
        public Optional<String> problem(TaskId task) {
            int stuck = processor.stuck().of(task);
            return listeners
                    .problem(task)
                    .or(() -> stuck == 0
                            ? Optional.empty()
                            : Optional.of(stuck + (stuck == 1 ? " attempt" : " attempts")
                                    + " at its executions did not stop when told to; the threads are stuck"));
        }
    }

    /** What hook types and sinks get of their host. */
    private record Host(InstantSource clock, Map<Class<?>, Object> services) implements NodeContext {
        @Override
        public <S> Optional<S> service(Class<S> type) {
            return Optional.ofNullable(services.get(type)).map(type::cast);
        }
    }

    /**
     * Returns the life of tasks.
     *
     * @return the tasks
     */
    public Tasks tasks() {
        return tasks;
    }

    /**
     * Returns what people ask of executions.
     *
     * @return the executions
     */
    public Executions executions() {
        return executions;
    }

    /**
     * Returns the endpoints of tasks.
     *
     * @return the endpoints
     */
    public Endpoints endpoints() {
        return endpoints;
    }

    /**
     * Returns what is told and kept of requests.
     *
     * @return the requests
     */
    public Requests requests() {
        return requests;
    }

    /**
     * Returns the hook types and sinks that are ready, and what became of the others.
     *
     * @return the plugins; before {@link #start}, what was found
     */
    public PluginRegistry plugins() {
        return plugins;
    }

    /**
     * Tells how plugins are doing, in one line.
     *
     * @return a line of the status
     */
    public StatusLine pluginStatus() {
        List<PluginReport.Line> lines = plugins.report().plugins();
        List<String> problems = lines.stream()
                .flatMap(line -> line.problems().stream().map(problem -> "plugin '" + line.name() + "': " + problem))
                .toList();
        return problems.isEmpty()
                ? new StatusLine(StatusLine.Level.OK, "Plugins", Integer.toString(lines.size()))
                : new StatusLine(StatusLine.Level.WARN, "Plugins", Texts.cut(String.join("; ", problems)));
    }

    /**
     * Returns how many threads were told to stop, did not, and were left behind in code of plugins. Only a restart gets rid
     * of them.
     *
     * @return the number of executions' threads
     */
    public int stuck() {
        return processor.stuck().total();
    }

    /**
     * Stops or allows the work on executions on all nodes; what comes in is stored all the same, and waits.
     *
     * @param enable whether nothing is worked on from now on
     */
    public void maintenance(boolean enable) {
        node.store().setMaintenance(enable);
        nodes.maintenance(enable);
        LOG.info(
                "Maintenance is {}",
                enable ? "on: nothing is worked on, on any node, until it is switched off" : "off");
    }

    /**
     * Tells why this process does nothing any more until it is started again.
     *
     * @return the reason; empty while the engine goes on, or will when its store is back
     */
    public Optional<String> stopped() {
        return node.store().hasStopped() ? node.store().problem() : Optional.empty();
    }

    /**
     * Tells how it is doing; while the store is away, with the counts of before.
     *
     * @return the status
     */
    public EngineStatus status() {
        Tally tally = node.tally();
        Optional<String> storeProblem = node.store().problem();
        long parked = tally.parked();
        try {
            counts = node.store().counts();
            parked = Math.max(parked, node.store().timersBeside(hookTypes()));
        } catch (StoreUnavailableException e) { // which is what the status is to tell
            storeProblem = storeProblem.or(() -> Optional.of("can't be reached: " + e.getMessage()));
        }
        return new EngineStatus(
                startedAt,
                counts,
                processor.running(),
                tally.done.sum(),
                tally.failed(),
                tally.failedRecently(node.clock().instant()),
                tally.retried.sum(),
                tally.skipped.sum(),
                new EngineStatus.Requests(
                        tally.received.sum(),
                        tally.unverified.sum(),
                        tally.refused.sum(),
                        requestWriter.held.sum(),
                        requestWriter.leftOut.sum()),
                parked,
                tally.stopped(),
                storeProblem,
                node.store().durability(),
                seal.isClosed(),
                draining,
                node.name(),
                nodes.view().names(),
                nodes.isMaintenance(),
                node.storeClock().skew());
    }
}
