package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.RingResult;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings timers whose time has come, and makes the next run wait in the same step. A schedule is code of a plugin: it is
 * never asked on the thread that watches the time, and a hook type whose schedules hang holds up its own tasks only.
 */
final class Timers {
    static final String BUSY = "skipped: previous run not finished";

    /** How many are looked at in one go. */
    private static final int BATCH = 500;

    /** How many of one hook type are rung at the same time. */
    private static final int PER_TYPE = 16;

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration AFTER_PARKING = Duration.ofSeconds(60);
    private static final Duration AFTER_STORE = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    private final Node node;
    private final Supplier<Set<String>> types;
    private final Hooks hooks;
    private final Problems problems;
    private final Cleaner cleaner;
    private final Runnable wake;
    private final boolean inline;

    /** Timers that are due and can't ring: being rung now ({@link Instant#MAX}), or not before that {@link Node#steady} time. */
    private final Map<ExecutionKey, Instant> heldUp = new ConcurrentHashMap<>();

    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /** Rings the timers of one hook type. */
    private static final class Lane {
        private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        private final AtomicInteger workers = new AtomicInteger();

        void add(Runnable ringing) {
            queue.add(ringing);
            employ();
        }

        private void employ() {
            if (workers.incrementAndGet() <= PER_TYPE) {
                Thread.ofVirtual().name("hooks-ring").start(this::work);
            } else {
                workers.decrementAndGet();
            }
        }

        private void work() {
            for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
                next.run();
            }
            workers.decrementAndGet();
            if (!queue.isEmpty()) { // came while this worker still counted
                employ();
            }
        }
    }

    /**
     * Makes timers.
     *
     * @param types the hook types that this node has: timers of others are not for it
     * @param wake tells the loop that calls {@link #pass} to do so
     * @param inline whether to ring on the caller's thread: for tests
     */
    Timers(
            Node node,
            Supplier<Set<String>> types,
            Hooks hooks,
            Problems problems,
            Cleaner cleaner,
            Runnable wake,
            boolean inline) {
        this.node = node;
        this.types = types;
        this.hooks = hooks;
        this.problems = problems;
        this.cleaner = cleaner;
        this.wake = wake;
        this.inline = inline;
    }

    // ------------------------------------------------------------------------------------------------ the next run

    /**
     * Returns the first run of a timer after a time, to wait for it; empty if there is none.
     *
     * @throws PluginFailure if the schedule failed
     */
    Optional<Due> first(LiveHook live, Instant after) throws PluginFailure, InterruptedException {
        Optional<Trigger.Timer> timer = live.triggers().timer();
        if (timer.isEmpty()) {
            return Optional.empty();
        }
        return ask(live, () -> {
            MissedRunsPolicy policy = policy(live, timer.get());
            return policy.later(after)
                    .flatMap(time -> due(live, timer.get(), time, policy.dueAt().apply(time)))
                    // the task that this run is for is not stored yet
                    .map(due -> new Due(due.execution().acceptedUnder(0), due.due()));
        });
    }

    /**
     * Returns when a timer rings next.
     *
     * @throws PluginFailure if the schedule failed
     */
    List<Instant> upcoming(LiveHook live, Instant after, int count) throws PluginFailure, InterruptedException {
        Optional<Trigger.Timer> timer = live.triggers().timer();
        if (timer.isEmpty()) {
            return List.of();
        }
        return ask(live, () -> {
            MissedRunsPolicy policy = policy(live, timer.get());
            List<Instant> times = new ArrayList<>();
            Optional<Instant> time = policy.later(after);
            while (time.isPresent() && times.size() < count) {
                times.add(policy.dueAt().apply(time.get()));
                time = policy.later(time.get());
            }
            return List.copyOf(times);
        });
    }

    /** Makes the run of a timer that waits; empty for times beyond what a timestamp can say. */
    static Optional<Due> due(LiveHook live, Trigger.Timer timer, Instant nominal, Instant due) {
        return run(live, timer, nominal).map(execution -> new Due(execution, due));
    }

    private static Optional<Execution> run(LiveHook live, Trigger.Timer timer, Instant nominal) {
        var nanos = Nanos.of(nominal);
        if (nanos.isEmpty()) {
            return Optional.empty();
        }
        ExecutionKey key = new ExecutionKey(live.task().type(), live.task().id(), nanos.getAsLong());
        return Optional.of(Execution.of(key, timer.name(), live.config().masked(), Payload.empty())
                .acceptedUnder(live.task().revision()));
    }

    private MissedRunsPolicy policy(LiveHook live, Trigger.Timer timer) {
        TaskId task = live.task().id();
        return new MissedRunsPolicy(
                timer.schedule(),
                timer.missedRuns(),
                time -> time.plus(Spread.delay(task, timer, time)),
                node.limits().missedGrace());
    }

    private <T> T ask(LiveHook live, Supplier<T> question) throws PluginFailure, InterruptedException {
        return Bounded.call(
                node.limits().call(),
                live.config().type().door().plugin(),
                "schedule",
                () -> live.config().type().call(type -> question.get()));
    }

    // ------------------------------------------------------------------------------------------------ ringing

    /**
     * Rings what is due.
     *
     * @return how long until there is something to do; empty if nothing waits for a time
     */
    Optional<Duration> pass() {
        Instant now = node.steady();
        heldUp.values().removeIf(until -> !until.isAfter(now));
        Optional<Duration> next = untilDue();
        if (next.filter(left -> !left.isPositive()).isEmpty()) {
            return next;
        }
        long began = node.ticks();
        List<Due> fresh = node.store().dueTimers(types.get(), BATCH).stream()
                .filter(due -> heldUp.putIfAbsent(due.execution().key(), Instant.MAX) == null)
                .toList();
        ringAll(fresh);
        if (fresh.size() >= BATCH) {
            return Optional.of(Duration.ZERO);
        }
        next = untilDue();
        if (heldUp.isEmpty() || next.filter(left -> !left.isPositive()).isEmpty()) {
            return next;
        }
        // What is being rung stays due, so the store can't tell what comes after it.
        Duration rest = Duration.ofNanos(node.ticks() - began).multipliedBy(20);
        return Optional.of(rest.compareTo(POLL) > 0 ? rest : POLL);
    }

    private Optional<Duration> untilDue() {
        return node.storeClock().ask(node.store(), types.get()).untilDue();
    }

    private void ringAll(List<Due> fresh) {
        if (inline) {
            fresh.forEach(this::ring);
            return;
        }
        CountDownLatch rung = new CountDownLatch(fresh.size());
        for (Due due : fresh) {
            lanes.computeIfAbsent(due.execution().key().type(), type -> new Lane())
                    .add(() -> {
                        try {
                            ring(due);
                        } finally {
                            rung.countDown();
                            if (rung.getCount() == 0) {
                                wake.run();
                            }
                        }
                    });
        }
        try {
            // usually all of it; what takes longer is looked at again when it has ended
            boolean all = rung.await(100, TimeUnit.MILLISECONDS);
            LOG.debug("rang {} timers{}", fresh.size(), all ? "" : ", some are not done");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ring(Due due) {
        ExecutionKey key = due.execution().key();
        try {
            Optional<TaskRecord> task = node.store().task(key.task());
            if (task.isEmpty()) {
                hold(key, AFTER_PARKING);
            } else if (task.get().stopped()) {
                over(task.get(), key, Attempt.STOPPED);
            } else {
                ring(task.get(), due);
            }
        } catch (CannotRunException e) {
            problems.put(key.task(), "its timer waits: " + e.getMessage());
            hold(key, e.why() == CannotRunException.Cause.PARKED ? AFTER_PARKING : AFTER_FAILURE);
        } catch (PluginFailure e) {
            LOG.warn("The schedule of task {} failed: {}", key.task(), e.reason());
            problems.put(key.task(), "its timer waits, for its schedule failed: " + e.reason());
            hold(key, AFTER_FAILURE);
        } catch (StoreUnavailableException e) {
            holdHere(key);
        } catch (InterruptedException e) {
            holdHere(key);
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The timer of task {} failed to ring", key.task(), e);
            hold(key, AFTER_FAILURE);
        } finally {
            heldUp.remove(key, Instant.MAX); // unless it is held up
        }
    }

    private void ring(TaskRecord task, Due due) throws CannotRunException, PluginFailure, InterruptedException {
        ExecutionKey key = due.execution().key();
        try (Hooks.Use use = hooks.use(task)) {
            LiveHook live = use.live();
            Optional<Trigger.Timer> timer = live.triggers().timer();
            if (timer.isEmpty()) {
                over(task, key, "skipped: the hook type gives this task no timer any more");
                return;
            }
            Instant nominal = due.execution().dueAt();
            Instant now = node.storeClock().instant();
            record Planned(MissedRunsPolicy.Plan plan, Optional<Due> next) {}
            Planned planned = ask(live, () -> {
                MissedRunsPolicy policy = policy(live, timer.get());
                MissedRunsPolicy.Plan plan = policy.plan(nominal, now);
                return new Planned(
                        plan,
                        plan.next()
                                .flatMap(time -> due(
                                        live, timer.get(), time, policy.dueAt().apply(time))));
            });
            ring(live, timer.get(), key, planned.plan(), planned.next());
        }
    }

    private void ring(
            LiveHook live, Trigger.Timer timer, ExecutionKey key, MissedRunsPolicy.Plan plan, Optional<Due> next) {
        if (timer.overlap() == Overlap.MERGE) {
            merge(live, key, plan, next);
            return;
        }
        Optional<String> skipIfBusy = timer.overlap() == Overlap.SKIP ? Optional.of(BUSY) : Optional.empty();
        List<Execution> runs = plan.runs().stream()
                .flatMap(time -> run(live, timer, time).stream())
                .toList();
        boolean waitedRuns = runs.stream().anyMatch(run -> run.key().equals(key));
        List<Execution> catchUp =
                runs.stream().filter(run -> !run.key().equals(key)).toList();
        Ring.Fate fate = waitedRuns ? new Ring.Fate.Run(skipIfBusy) : new Ring.Fate.Record(plan.words(), skipIfBusy);
        switch (node.store().ring(new Ring(key, fate, catchUp, next, live.task().revision()))) {
            case RUNG -> node.tally().skipped.add(plan.missed());
            case SKIPPED -> {
                node.tally().skipped.add(plan.missed() + runs.size());
                cleaner.finished(key.task(), live.config().service().executionHistory());
            }
            case STALE, MERGED -> {
                LOG.debug("{} does not wait any more, or for a task that has changed meanwhile", key);
                return;
            }
        }
        if (!plan.words().isEmpty()) {
            LOG.info("Task {} {}", key.task(), plan.words());
            cleaner.finished(key.task(), live.config().service().executionHistory());
        }
        problems.clear(key.task());
    }

    /** One run stands for all that are due, and for none if an earlier one is not finished. */
    private void merge(LiveHook live, ExecutionKey key, MissedRunsPolicy.Plan plan, Optional<Due> next) {
        Ring.Fate fate =
                plan.runs().isEmpty() ? new Ring.Fate.Record(plan.words(), Optional.empty()) : new Ring.Fate.Merge();
        RingResult result = node.store()
                .ring(new Ring(key, fate, List.of(), next, live.task().revision()));
        if (result != RingResult.STALE) {
            problems.clear(key.task());
        }
    }

    /** Ends a timer that has nothing to ring for. */
    private void over(TaskRecord task, ExecutionKey key, String reason) {
        Ring.Fate fate = new Ring.Fate.Record(reason, Optional.empty());
        if (node.store().ring(new Ring(key, fate, List.of(), Optional.empty(), task.revision())) != RingResult.STALE) {
            node.tally().skipped.increment();
        }
    }

    /** Takes a timer out of those that are due, for all nodes, so that no pass reads it again before that. */
    private void hold(ExecutionKey key, Duration time) {
        try {
            node.store().holdTimer(key, time);
        } catch (StoreUnavailableException e) {
            holdHere(key);
        }
    }

    private void holdHere(ExecutionKey key) {
        heldUp.put(key, node.steady().plus(AFTER_STORE));
    }
}
