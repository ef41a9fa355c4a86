package org.cdshooks.runtime.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.runtime.filter.Verdict;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionMarks;
import org.cdshooks.runtime.task.OutgoingEvent;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.StopMode;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at one execution, on a virtual thread of its own; the way of an execution from the claim to the settlement:
 *
 * <ol>
 *   <li>The task is read anew, since it may have been changed, stopped or removed since the execution was stored.
 *   <li>Its hook {@code execute}s: what came in becomes events.
 *   <li>The task's {@linkplain Sifted filters and mapping} see to each event.
 *   <li>If more than one event, a cursor or a due time came of it, that is stored before anything is sent.
 *   <li>The events are {@linkplain Deliveries delivered}.
 *   <li>What came of it is settled, unless the execution is not ours any more.
 * </ol>
 *
 * <p>{@link Watched} has the other half: deadlines, interrupts, and giving up a thread that does not listen.
 */
final class Attempt extends Watched implements Runnable {
    static final String STOPPED = "Executions skipped: Task has been stopped";

    private static final Duration SHORTEST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private final Claim claim;
    private final Desk desk;

    /** Where the attempt stands, for whoever has to settle it in its place. */
    private volatile Execution current;

    private volatile ServiceOptions options;

    /** Whether nothing else runs on the node meanwhile, so that no place has to be waited for. */
    private volatile boolean isIsolated;

    /** Whether it runs as its task was once, and so says nothing of what the task is now. */
    private volatile boolean isFormer;

    /** Where its events go, in words. */
    private volatile String target = "unknown";

    /** What is told of events that were filtered out, once the others have arrived. */
    private String sifted = "";

    /** What an attempt waits for. */
    @FunctionalInterface
    interface Turn {
        void await() throws InterruptedException;
    }

    /** What attempts need of the processor. */
    interface Desk {
        Node node();

        Hooks hooks();

        FailureLog failures();

        Stuck stuck();

        /** Runs a step on the store again and again until the store is there. */
        <T> T patiently(Supplier<T> step) throws InterruptedException;

        /** A random wait for what is parked. */
        Duration parkDelay();

        Duration backOff(RetryPolicy retry, int errors);

        /** Waits for others of the task, and takes none of the node's places meanwhile. */
        void awaitTurn(Turn turn) throws InterruptedException;

        /** A step has a deadline. */
        void watchFrom(Instant deadline);

        /** It was settled. */
        void settled(Attempt attempt, Settlement settlement, int keepDone);

        /** The target of a task is gone. */
        void gone(TaskRecord task, String reason);

        /** The thread of the attempt ends. */
        void ended(Attempt attempt);
    }

    Attempt(Claim claim, Desk desk) {
        super(desk.node());
        this.claim = claim;
        this.desk = desk;
        this.current = claim.execution();
        this.options = ServiceOptions.of(desk.node().config());
    }

    Claim claim() {
        return claim;
    }

    /** The attempt is about to run while nothing else does. */
    void isolate() {
        isIsolated = true;
    }

    String target() {
        return target;
    }

    ExecutionKey key() {
        return claim.key();
    }

    @Override
    void watchFrom(Instant deadline) {
        desk.watchFrom(deadline);
    }

    @Override
    void stuck(boolean isStuck) {
        if (isStuck) {
            desk.stuck().add(key().task());
        } else {
            desk.stuck().remove(key().task());
        }
    }

    @Override
    public void run() {
        enter();
        try {
            Optional<Settlement> settlement = guarded();
            if (settlement.isPresent()) {
                settle(settlement.get());
            }
        } catch (InterruptedException e) {
            LOG.debug("{} was told to end: whoever did so sees to it", key());
        } finally {
            leave();
            desk.ended(this);
        }
    }

    // ------------------------------------------------------------------------------------------------ what is to do

    private Optional<Settlement> guarded() throws InterruptedException {
        try {
            return work();
        } catch (RuntimeException e) {
            // such as a result with a null in it: not worth a crash, which would end the execution after the third
            LOG.error("The attempt at {} failed unexpectedly", key(), e);
            return Optional.of(failed(current, "failed unexpectedly: " + e, Optional.empty()));
        }
    }

    private Optional<Settlement> work() throws InterruptedException {
        Optional<TaskRecord> found = desk.patiently(() -> desk.node().store().task(key().task()));
        if (found.isEmpty()) {
            return Optional.empty(); // removed, and the execution with it
        }
        TaskRecord task = found.get();
        Execution begun = current.begun(desk.node().nanos());
        if (task.stopped() && task.stopMode() != StopMode.DRAIN) {
            return Optional.of(Settlement.done(begun.ended(STOPPED, desk.node().nanos())));
        }
        if (current.marks().revisions().config() == ReplayConfig.THEN) {
            Optional<TaskRevision> then =
                    desk.patiently(() -> Revisions.accepted(desk.node().store(), current));
            if (then.isEmpty()) {
                String reason = desk.patiently(() -> Revisions.words(desk.node().store(), current));
                return Optional.of(new Settlement.Failed(begun.failed(reason)));
            }
            isFormer = !then.get().isNewest();
            return run(isFormer ? then.get().task() : task, begun);
        }
        return run(task, begun);
    }

    private Optional<Settlement> run(TaskRecord task, Execution begun) throws InterruptedException {
        if (!task.type().equals(key().type())) {
            return Optional.of(new Settlement.Failed(begun.failed(
                    "the task is of type '" + task.type() + "' now, and this came in as '" + key().type() + "'")));
        }
        try (Hooks.Use use =
                isFormer ? desk.hooks().useFormer(task) : desk.hooks().use(task)) {
            options = use.live().config().service();
            target = FailureLog.target(use.live().config());
            return inTurn(use.live(), begun);
        } catch (CannotRunException e) {
            return Optional.of(
                    switch (e.why()) {
                        case PARKED -> later(begun.deferred(Texts.cut(e.reason())), desk.parkDelay());
                        case BAD_CONFIG -> new Settlement.Failed(begun.failed(Texts.cut(e.reason())));
                        case FAILED -> failed(begun, e.reason(), Optional.empty());
                    });
        }
    }

    /** Waits until fewer executions of the task are worked on than may be. */
    private Optional<Settlement> inTurn(LiveHook live, Execution claimed) throws InterruptedException {
        Execution begun = claimed.executedUnder(live.task().revision());
        int stuck = desk.stuck().of(key().task());
        if (stuck >= options.workers()) {
            return Optional.of(later(
                    begun.deferred(
                            stuck + " earlier attempts at executions of this task were told to stop and did not; "
                                    + "they are in the way until the service is restarted"),
                    desk.parkDelay()));
        }
        if ((!isIsolated && !takeSlot(live)) || !begin()) {
            return Optional.empty();
        }
        current = begun;
        return begun.events().isPresent() ? deliver(live, begun, begun.events().get()) : interpret(live, begun);
    }

    /** Takes one of the places that the task has; false if the execution is not ours any more. */
    private boolean takeSlot(LiveHook live) throws InterruptedException {
        if (live.slots().tryAcquire()) {
            onAbandon(live.slots()::release);
            return true;
        }
        // Should the node die, the store must not take what waits for what runs.
        if (!inPhase(ClaimPhase.HELD)) {
            return false;
        }
        desk.awaitTurn(() -> {
            live.slots().acquire();
            onAbandon(live.slots()::release);
        });
        return inPhase(ClaimPhase.RUNNING);
    }

    private boolean inPhase(ClaimPhase phase) throws InterruptedException {
        return desk.patiently(() -> desk.node().store().setPhase(claim, phase));
    }

    private Optional<Settlement> interpret(LiveHook live, Execution taken) throws InterruptedException {
        Execution begun = taken.marked(taken.marks().at(ExecutionMarks.Stage.HOOK));
        current = begun;
        ExecutionResult result;
        try {
            result = step(
                    options.timeout(),
                    () -> live.config()
                            .withoutHidden(live.config()
                                    .type()
                                    .call(type -> requireNonNull(
                                            live.hook().execute(new Fired(begun, this::cursor), context()),
                                            "execute returned null"))));
        } catch (PluginSuspended e) {
            return Optional.of(later(begun.deferred(Texts.cut(e.reason())), e.retryAfter()));
        } catch (PluginFailure e) {
            return Optional.of(
                    e.getCause() instanceof ServiceException asked && asked.kind() == ServiceException.Kind.NOT_YET
                            ? putOff(begun, e.reason())
                            : failed(begun, explain("execute", e), Optional.empty()));
        }
        return switch (result) {
            case ExecutionResult.Completed completed -> completed(live, told(begun, completed), completed);
            case ExecutionResult.Skipped skipped ->
                Optional.of(Settlement.done(
                        begun.ended(Texts.cut(skipped.reason()), desk.node().nanos())));
            case ExecutionResult.Rejected rejected ->
                Optional.of(new Settlement.Failed(begun.failed(Texts.cut(rejected.reason()))));
        };
    }

    /** Keeps what the answer to the sender names: nothing else of the events stays once they are delivered. */
    private Execution told(Execution begun, ExecutionResult.Completed result) {
        Map<String, String> named = result.events().isEmpty()
                ? Map.of()
                : options.answer().named(result.events().getFirst().values());
        return named.equals(begun.marks().told())
                ? begun
                : begun.marked(begun.marks().told(named));
    }

    private Optional<Settlement> completed(LiveHook live, Execution begun, ExecutionResult.Completed result)
            throws InterruptedException {
        List<Verdict> verdicts;
        try {
            verdicts = step(options.timeout(), () -> Sifted.judged(options.rules(), result.events(), begun.payload()));
        } catch (PluginFailure e) {
            return Optional.of(failed(begun, "filtering the events " + explain("the filter", e), Optional.empty()));
        }
        List<Verdict> judged =
                result.events().stream().noneMatch(event -> event.once().isPresent())
                        ? verdicts
                        : desk.patiently(() ->
                                SameEvents.judged(desk.node().store(), begun, options, result.events(), verdicts));
        Sifted left = Sifted.of(judged);
        sifted = left.told();
        List<OutgoingEvent> events = left.events().stream()
                .map(event -> new OutgoingEvent(event, false))
                .toList();
        // what the task was once has no say in where it goes on and when
        Optional<String> cursor = result.cursor().filter(_ -> !isFormer);
        Optional<Due> timer = result.nextDue().filter(_ -> !isFormer).flatMap(due -> nextDue(live, due));
        boolean isAlone = cursor.isEmpty() && timer.isEmpty();
        if (isAlone && (events.isEmpty() || result.events().size() <= 1)) {
            return deliver(live, begun, events);
        }
        Execution interpreted = events.isEmpty() ? begun : begun.events(events);
        // what the hook says of the next run holds only if the task is still the one that it saw
        Progress progress = new Progress(interpreted, cursor, timer, live.task().revision());
        if (!desk.patiently(() -> desk.node().store().checkpoint(claim, progress))) {
            return Optional.empty();
        }
        current = interpreted;
        return deliver(live, interpreted, events);
    }

    private Optional<Settlement> deliver(LiveHook live, Execution interpreted, List<OutgoingEvent> events)
            throws InterruptedException {
        Execution execution = interpreted.marked(interpreted.marks().at(ExecutionMarks.Stage.SINK));
        current = execution;
        Deliveries deliveries = new Deliveries(live, execution, events, new Round(live));
        Deliveries.Outcome outcome = deliveries.deliver();
        Execution now = deliveries.execution();
        current = now;
        return switch (outcome) {
            case Deliveries.Outcome.Arrived a ->
                Optional.of(Settlement.done(
                        sifted.isEmpty()
                                ? now.withoutEvents()
                                : now.ended(sifted, desk.node().nanos())));
            case Deliveries.Outcome.Retry retry -> Optional.of(failed(now, retry.reason(), retry.after()));
            case Deliveries.Outcome.Deferred deferred ->
                Optional.of(later(now.deferred(deferred.reason()), RetryPolicy.clamped(deferred.after())));
            case Deliveries.Outcome.Rejected rejected -> {
                if (rejected.gone()) {
                    desk.gone(live.task(), rejected.reason());
                }
                yield Optional.of(new Settlement.Failed(now.failed(rejected.reason())));
            }
            case Deliveries.Outcome.Lost l -> Optional.empty();
        };
    }

    // ------------------------------------------------------------------------------------------------ what is stored

    private Optional<Due> nextDue(LiveHook live, Instant asked) {
        Instant soonest = desk.node().storeClock().instant().plusSeconds(1);
        Instant due = asked.isBefore(soonest) ? soonest : asked;
        return live.triggers().timer().flatMap(timer -> Timers.due(live, timer, due, due));
    }

    /** A failed attempt is tried again later, unless it was the last one. */
    private Settlement failed(Execution execution, String reason, Optional<Duration> asked) {
        Execution failed = execution.failed(Texts.cut(reason));
        RetryPolicy retry = options.retry();
        if (retry.isUsedUp(failed.errors())) {
            return new Settlement.Failed(failed);
        }
        return later(failed, asked.map(RetryPolicy::clamped).orElseGet(() -> desk.backOff(retry, failed.errors())));
    }

    /** The host could not be asked: no try is used up, and the longer it lasts the longer the wait. */
    private Settlement putOff(Execution begun, String reason) {
        Duration late = Duration.between(begun.dueAt(), desk.node().storeClock().instant());
        long most = Math.clamp(late.toMillis() / 2, SHORTEST_REST.toMillis(), LONGEST_REST.toMillis());
        Duration delay = RetryPolicy.jittered(Duration.ofMillis(most), ThreadLocalRandom.current());
        return later(begun.deferred(Texts.cut(reason)), RetryPolicy.clamped(delay));
    }

    private Settlement later(Execution execution, Duration delay) {
        return new Settlement.Retry(
                execution, desk.node().storeClock().instant().plus(delay));
    }

    private void settle(Settlement settlement) throws InterruptedException {
        if (!finish()) {
            return; // given up meanwhile: it has been settled in our place
        }
        if (desk.patiently(() -> desk.node().store().settle(claim, settlement))) {
            desk.settled(this, settlement, keepDone());
        }
    }

    /** Settles in the place of a thread that does not come back. */
    void settleAbandoned() {
        String reason = "did not end within " + Texts.of(options.timeout())
                + " and did not stop when it was interrupted; its thread is stuck";
        try {
            Settlement settlement = failed(current, reason, Optional.empty());
            if (desk.patiently(() -> desk.node().store().settle(claim, settlement))) {
                desk.settled(this, settlement, keepDone());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many executions the task keeps says its newest config. */
    private int keepDone() {
        return isFormer ? Integer.MAX_VALUE : options.executionHistory();
    }

    // ------------------------------------------------------------------------------------------------ what plugins see

    /** Says why a call into a plugin failed. */
    private String explain(String call, PluginFailure failure) {
        desk.failures().callFailed(key().task(), call, failure);
        return wasLate() ? "did not end within " + Texts.of(options.timeout()) : failure.reason();
    }

    private Optional<String> cursor() {
        return desk.node().store().cursor(key().task());
    }

    private ExecutionContext context() {
        Instant deadline = deadline();
        return new ExecutionContext() {
            @Override
            public Instant deadline() {
                return desk.node().wall(deadline);
            }

            @Override
            public boolean isCancelled() {
                return isTold();
            }
        };
    }

    /** The deliveries of this attempt, under its watch. */
    private final class Round implements Deliveries.Round {
        private final LiveHook live;

        Round(LiveHook live) {
            this.live = live;
        }

        @Override
        public DeliveryResult deliver(Deliveries.Letter letter) throws PluginFailure, InterruptedException {
            return step(
                    options.timeout(),
                    () -> live.config()
                            .sink()
                            .call(sink -> requireNonNull(
                                    sink.deliver(letter.by(desk.node().wall(deadline()))), "deliver returned null")));
        }

        @Override
        public boolean keep(Execution execution) throws InterruptedException {
            current = execution;
            return desk.patiently(() ->
                    desk.node().store().checkpoint(claim, new Progress(execution, Optional.empty(), Optional.empty())));
        }

        @Override
        public String explain(PluginFailure failure) {
            return Attempt.this.explain("deliver", failure);
        }
    }
}
