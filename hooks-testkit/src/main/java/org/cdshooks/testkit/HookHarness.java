package org.cdshooks.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.RecordedExecution.State;
import org.jspecify.annotations.Nullable;

/**
 * Runs one hook of one type in memory: no server, no store, no real time.
 *
 * <p>The test's thread does the work, so nothing has to be waited for: {@link #call} hands a request to the receiver,
 * {@link #advance} turns the clock and rings timers, {@link #runPending} executes what was captured. Only a listener
 * runs on a thread of its own, a virtual one, between {@link #listen} and {@link #stopListening}.
 *
 * {@snippet file="com/example/doorbell/DoorbellHookTypeTest.java" region="harness"}
 *
 * <p>What differs from the runtime: dedup keys are kept for ever, failed attempts wait for the test and are never given
 * up, {@link Trigger.Timer#spread} delays nothing, and events are delivered nowhere but to {@link #events}.
 *
 * <p>A harness is for one thread, one hook, and one instance of a type, which it starts and stops. Methods that need a
 * hook throw {@link IllegalStateException} before {@link #create}.
 */
// Over 400 lines, most of them words for authors; what it is made of stands in the classes FakeXxx.
public final class HookHarness implements AutoCloseable {
    /** How large a body may be if the trigger does not say, in bytes: as the runtime's own limit, 1 MiB. */
    public static final long DEFAULT_MAX_BODY = 1024 * 1024;

    private final SettableClock clock = SettableClock.create();
    private final Map<Class<?>, Object> services = new HashMap<>();
    private final List<String> explanations = new CopyOnWriteArrayList<>();
    private final HookType type;
    private TaskId taskId = new TaskId("task-1");
    private Optional<String> storedCursor = Optional.empty();
    private Duration patience = Duration.ofSeconds(10);
    private @Nullable Created created;
    private @Nullable ListenerRun listening;
    private boolean closed;

    /** What there is once the hook is made. */
    private record Created(Task task, Hook hook, List<Trigger> triggers, FakeStore store, FakeTimers timers) {}

    private HookHarness(HookType type) {
        this.type = requireNonNull(type, "type");
    }

    /**
     * Creates a harness.
     *
     * @param type an instance that nobody else uses or has started
     * @return a harness without a hook
     */
    public static HookHarness of(HookType type) {
        return new HookHarness(type);
    }

    // ------------------------------------------------------------------------------- before create

    /**
     * Offers a service of the host to the type and its hook.
     *
     * @param service the interface
     * @param implementation usually a fake
     * @param <S> the interface
     * @return this harness
     */
    public <S> HookHarness service(Class<S> service, S implementation) {
        services.put(service, service.cast(requireNonNull(implementation, "implementation")));
        return this;
    }

    /**
     * Turns the clock to a time before the hook is made; {@link SettableClock#START} if this is not called.
     *
     * @param now what the clock shows
     * @return this harness
     */
    public HookHarness startAt(Instant now) {
        requireNotCreated();
        clock.set(now);
        return this;
    }

    /**
     * Sets the id of the task; {@code task-1} if this is not called.
     *
     * @param id the id
     * @return this harness
     */
    public HookHarness taskId(TaskId id) {
        requireNotCreated();
        taskId = id;
        return this;
    }

    /**
     * Stores a cursor, as if an earlier run of the hook had left it.
     *
     * @param cursor the cursor, in the hook's own words
     * @return this harness
     */
    public HookHarness storedCursor(String cursor) {
        requireNotCreated();
        storedCursor = Optional.of(cursor);
        return this;
    }

    /**
     * Sets how long waiting methods wait before they fail, in real time; 10 s if this is not called.
     *
     * @param time a positive time
     * @return this harness
     */
    public HookHarness patience(Duration time) {
        patience = time;
        return this;
    }

    /**
     * Starts the type and creates the hook as the runtime does for a new task: the options are parsed, then {@linkplain
     * HookType#validate validated}, then the timers are set.
     *
     * @param options options as a user writes them
     * @return this harness
     * @throws InvalidConfigException with everything that is wrong with the options
     * @throws AssertionError if the type does not start
     */
    public HookHarness create(Map<String, String> options) {
        requireNotCreated();
        HookConfig config = checked(type, options);
        FakeHookContext context = new FakeHookContext(clock, services, taskId);
        try {
            type.start(context);
        } catch (Exception e) {
            throw new AssertionError("the hook type did not start: " + e, e);
        }
        String name = type.descriptor().name();
        Task task = new FakeTask(taskId, name, 1, config);
        Hook hook = requireNonNull(type.create(task, context), "create returned null");
        List<Trigger> triggers = List.copyOf(hook.triggers());
        FakeStore store = new FakeStore(name + ":" + taskId + ":", storedCursor);
        created = new Created(task, hook, triggers, store, new FakeTimers(triggers, clock.instant()));
        return this;
    }

    /** Reads options as the runtime does before it stores a task. */
    static HookConfig checked(HookType type, Map<String, String> options) {
        HookConfig config = type.descriptor().config().parse(options);
        List<ConfigProblem> problems = type.validate(config);
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return config;
    }

    // ------------------------------------------------------------------------------------ requests

    /**
     * Sends a request without headers and body to the task's endpoint.
     *
     * @param method the method
     * @param target the path below the endpoint and the query, such as {@code "/push?branch=main"}; may be empty
     * @return the answer
     * @throws Exception as {@link #call(HttpCall)}
     */
    public HttpReply call(String method, String target) throws Exception {
        return call(TestCall.of(method, target));
    }

    /**
     * Sends a request to the task's endpoint.
     *
     * @param method the method
     * @param target the path below the endpoint and the query, such as {@code "/push?branch=main"}; may be empty
     * @param headers names, in any case, and values; for a repeated header use {@link TestCall}
     * @param body the body, sent as UTF-8
     * @return the answer
     * @throws Exception as {@link #call(HttpCall)}
     */
    public HttpReply call(String method, String target, Map<String, String> headers, String body) throws Exception {
        return call(TestCall.of(method, target).headers(headers).body(body));
    }

    /**
     * Sends a request to the task's endpoint. As the runtime does, it answers 405 to a method that the trigger does not
     * take and 413 to a body over its limit before the receiver is asked, and 503 when the receiver lets an {@link
     * OverloadedException} out.
     *
     * @param call the request
     * @return the answer of the receiver or, in the three cases above, of the host
     * @throws Exception what the receiver let out; the runtime would answer 500
     * @throws AssertionError if the hook does not have exactly one HTTP trigger
     */
    public HttpReply call(HttpCall call) throws Exception {
        Trigger.Http http = only(Trigger.Http.class);
        if (!http.methods().isEmpty() && !http.methods().contains(call.method())) {
            return HttpReply.of(405, "method " + call.method() + " is not allowed; allowed are " + http.methods());
        }
        long limit = http.maxBody().orElse(DEFAULT_MAX_BODY);
        if (call.body().length > limit) {
            return HttpReply.of(413, "the body is larger than " + limit + " bytes");
        }
        try {
            return requireNonNull(http.receiver().receive(call, new RequestContext(http)), "receive returned null");
        } catch (OverloadedException e) {
            return HttpReply.of(503, "too many unfinished executions");
        }
    }

    /**
     * Returns what the receiver has explained so far.
     *
     * @return each as the step, a colon and the words, in order
     */
    public List<String> explanations() {
        return List.copyOf(explanations);
    }

    // ---------------------------------------------------------------------------------------- time

    /**
     * Returns what the clock shows.
     *
     * @return the time
     */
    public Instant now() {
        return clock.instant();
    }

    /**
     * Turns the clock on while the host is up: the clock stops at each due time on the way and the timer rings, so that
     * none is missed. A run that is due while an earlier execution of the task is pending is recorded as {@link
     * State#OVERLAPPED} if the timer {@linkplain Overlap#SKIP skips} then. Nothing is executed.
     *
     * @param time zero or more
     * @return this harness
     */
    public HookHarness advance(Duration time) {
        return advanceTo(now().plus(time));
    }

    /**
     * Turns the clock to a time, like {@link #advance}.
     *
     * @param time not before now
     * @return this harness
     */
    public HookHarness advanceTo(Instant time) {
        turn(time, () -> {});
        return this;
    }

    /**
     * Turns the clock on like {@link #advance}, and executes what is pending each time a timer has rung, as a runtime
     * does that keeps up.
     *
     * @param time zero or more
     * @return this harness
     */
    public HookHarness advanceAndRun(Duration time) {
        turn(now().plus(time), this::runPending);
        return this;
    }

    /**
     * Turns the clock on while no node is up, so that no timer rings, and then applies what each timer asks for its
     * {@linkplain Trigger.Timer#missedRuns missed runs}. {@code LAST} makes the newest one pending; {@code NONE} none;
     * {@code ALL} the newest 100 that are not older than 24 hours, oldest first, and overlap is allowed among them. The
     * others are recorded as {@link State#MISSED}.
     *
     * @param time zero or more
     * @return this harness
     * @throws IllegalStateException if a listener runs: stop it, a node that is down does not listen
     */
    public HookHarness downtime(Duration time) {
        if (listening != null) {
            throw new IllegalStateException("a node that is down does not listen; call stopListening first");
        }
        requireForward(now().plus(time));
        FakeTimers timers = created().timers();
        timers.beginTurn();
        clock.advance(time);
        boolean busy = pending() > 0;
        FakeTimers.Missed missed = timers.missedUntil(now());
        missed.dropped().stream()
                .filter(due -> due.timer().overlap() != Overlap.MERGE)
                .forEach(due -> record(due, State.MISSED));
        missed.caughtUp().forEach(due -> ring(due, busy));
        return this;
    }

    /**
     * Returns when the hook's timer is due next.
     *
     * @return the due time; empty if it is never due again
     * @throws AssertionError if the hook does not have exactly one timer
     */
    public Optional<Instant> nextDue() {
        return created().timers().due(only(Trigger.Timer.class).name());
    }

    private void turn(Instant target, Runnable afterRing) {
        requireForward(target);
        FakeTimers timers = created().timers();
        timers.beginTurn();
        for (Optional<Instant> next = timers.earliest();
                next.isPresent() && !next.get().isAfter(target);
                next = timers.earliest()) {
            if (next.get().isAfter(now())) {
                clock.set(next.get());
            }
            FakeTimers.Due due = timers.ring(now()).orElseThrow();
            ring(due, pending() > 0);
            afterRing.run();
        }
        clock.set(target);
    }

    private void requireForward(Instant target) {
        if (target.isBefore(now())) {
            throw new IllegalArgumentException("the clock shows " + now() + " and is not turned back to " + target);
        }
    }

    private void ring(FakeTimers.Due due, boolean busy) {
        switch (due.timer().overlap()) {
            case SKIP -> record(due, busy ? State.OVERLAPPED : State.PENDING);
            case ALLOW -> record(due, State.PENDING);
            case MERGE -> {
                if (!busy) {
                    record(due, State.PENDING);
                }
            }
        }
    }

    private void record(FakeTimers.Due due, State state) {
        created().store().add(due.timer().name(), due.at(), Payload.empty(), state);
    }

    // ------------------------------------------------------------------------------------ listener

    /**
     * Starts the hook's listener on a virtual thread, with the type's class loader as its context class loader.
     *
     * @return this harness
     * @throws AssertionError if the hook does not have exactly one listener
     * @throws IllegalStateException if the listener runs
     */
    public HookHarness listen() {
        if (listening != null) {
            throw new IllegalStateException("the listener runs; call stopListening first");
        }
        Trigger.Listening trigger = only(Trigger.Listening.class);
        listening = ListenerRun.start(
                created().store(), clock, trigger, type.getClass().getClassLoader());
        return this;
    }

    /**
     * Waits until the listener has emitted so much since {@link #listen}, duplicates among it.
     *
     * @param count how many emits must have returned
     * @throws InterruptedException if the test's thread is interrupted
     * @throws AssertionError if that takes longer than the {@linkplain #patience patience}, or the listener ends before
     */
    public void awaitEmitted(int count) throws InterruptedException {
        ListenerRun run = listening();
        await(() -> run.heard() >= count, () -> run.heard() + " of " + count + " emits came from the listener");
    }

    /**
     * Waits until an emit of the listener waits for room; see {@link #overloaded}.
     *
     * @throws InterruptedException if the test's thread is interrupted
     * @throws AssertionError if that takes longer than the {@linkplain #patience patience}, or the listener ends before
     */
    public void awaitBlockedEmit() throws InterruptedException {
        FakeStore store = created().store();
        await(() -> store.waiting() > 0, () -> "no emit of the listener waits for room");
    }

    /**
     * Waits until the listener ends by itself, after {@link #loseOwnership} or a failure of its source.
     *
     * @return what it let out; empty if it returned
     * @throws InterruptedException if the test's thread is interrupted
     * @throws AssertionError if that takes longer than the {@linkplain #patience patience}
     */
    public Optional<Throwable> awaitListenerEnd() throws InterruptedException {
        ListenerRun run = listening();
        if (!created().store().await(run::ended, patience)) {
            throw new AssertionError("the listener did not end within " + patience + "; it is" + run.stack());
        }
        listening = null;
        return run.thrown();
    }

    /**
     * Tells the listener to stop, by the flag and an interrupt, and waits for it to come back.
     *
     * @throws InterruptedException if the test's thread is interrupted
     * @throws AssertionError if it does not come back within the {@linkplain #patience patience}, or had failed before it
     *     was told to stop
     */
    public void stopListening() throws InterruptedException {
        ListenerRun run = listening();
        listening = null;
        boolean failedBefore = run.ended() && run.thrown().isPresent();
        boolean back = run.stop(patience);
        String stack = back ? "" : run.stack();
        run.fence();
        if (!back) {
            throw new AssertionError("the listener did not come back within " + patience
                    + " after it was interrupted; close what ignores interrupts; it is" + stack);
        }
        if (failedBefore) {
            Throwable thrown = run.thrown().orElseThrow();
            throw new AssertionError("the listener had failed before it was told to stop: " + thrown, thrown);
        }
    }

    /** Stops the listener as {@link #stopListening} does, and leaves it to others to judge how it came back. */
    void stopListeningQuietly() throws InterruptedException {
        ListenerRun run = listening();
        listening = null;
        run.stop(patience);
        run.fence();
    }

    /** Waits until the listener has something to wait for, has ended, or neither for a while. */
    Optional<Throwable> awaitIdleListener() throws InterruptedException {
        ListenerRun run = listening();
        created().store().await(() -> run.ended() || Threads.isBlocked(run.threadState()), Threads.SETTLING);
        return run.thrown();
    }

    /** Gives the listener the time to end by itself, and leaves it to others to judge whether it did. */
    void awaitListenerEndQuietly() throws InterruptedException {
        created().store().await(listening()::ended, patience);
    }

    boolean isListening() {
        return listening != null;
    }

    boolean listenerEnded() {
        return listening().ended();
    }

    /**
     * Lets another node own the listener: what it emits from now on is refused with {@link
     * org.cdshooks.api.OwnershipLostException}, also an emit that waits for room. It is not interrupted, since a node may
     * learn of the loss by the refusal first.
     */
    public void loseOwnership() {
        created().store().loseOwnership();
    }

    /**
     * Says whether the task has as many unfinished executions as it may have. While it has, an emit of the listener
     * waits, and one of a request gets an {@link OverloadedException}.
     *
     * @param value true if nothing more is taken
     */
    public void overloaded(boolean value) {
        created().store().overloaded(value);
    }

    private void await(BooleanSupplier condition, Supplier<String> problem) throws InterruptedException {
        ListenerRun run = listening();
        created().store().await(() -> condition.getAsBoolean() || run.ended(), patience);
        if (!condition.getAsBoolean()) {
            if (run.ended()) {
                throw new AssertionError(
                        problem.get() + " when it ended"
                                + run.thrown().map(thrown -> ": " + thrown).orElse(""),
                        run.thrown().orElse(null));
            }
            throw new AssertionError(problem.get() + " within " + patience + "; it is" + run.stack());
        }
    }

    // ---------------------------------------------------------------------------------- executions

    /**
     * Fires the task as a person or the API does, past its triggers.
     *
     * @param payload what is passed along
     * @return the id of the execution
     */
    public ExecutionId fire(Payload payload) {
        return fire("api", payload);
    }

    /**
     * Stores an execution as if a trigger had emitted it, such as one of an older release of the plugin.
     *
     * @param trigger the name of the trigger
     * @param payload what came in
     * @return the id of the execution
     */
    public ExecutionId fire(String trigger, Payload payload) {
        return created().store().add(trigger, now(), payload, State.PENDING);
    }

    /**
     * Makes one attempt at each pending execution, oldest first, those that failed before among them. What an attempt
     * throws is kept as a {@linkplain RecordedExecution#failures failure} and the execution stays pending; its next
     * attempt has the next number. The events, the cursor and the next due time of a result are taken over together.
     * A next due time overrides the schedule once, and only if a timer fired the execution.
     *
     * <p>An {@link Error} is let out, since it is the test's own more often than not. So is nothing else.
     */
    public void runPending() {
        run(execution -> true);
    }

    /** Makes one attempt at each pending execution that has failed before, like {@link #runPending}. */
    public void retry() {
        run(execution -> execution.attempts() > 0);
    }

    private void run(Predicate<RecordedExecution> which) {
        for (RecordedExecution execution : created().store().pending()) {
            if (which.test(execution)) {
                attempt(execution);
            }
        }
    }

    private void attempt(RecordedExecution execution) {
        FakeStore store = created().store();
        FakeExecution attempt = new FakeExecution(
                execution.id(),
                execution.trigger(),
                execution.dueAt(),
                execution.attempts() + 1,
                execution.payload(),
                store.cursor());
        ExecutionResult result;
        try {
            result = requireNonNull(
                    created().hook().execute(attempt, new FakeExecutionContext(now())), "execute returned null");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            store.update(execution.id(), old -> old.failed(e));
            return;
        } catch (Exception e) {
            store.update(execution.id(), old -> old.failed(e));
            return;
        }
        store.update(execution.id(), old -> old.ended(result));
        if (result instanceof ExecutionResult.Completed completed) {
            completed.cursor().ifPresent(store::cursor);
            completed.nextDue().ifPresent(next -> created().timers().override(execution.trigger(), next));
        }
    }

    /**
     * Returns all events that executions have yielded.
     *
     * @return the events, oldest execution first
     */
    public List<HookEvent> events() {
        return results().stream()
                .filter(ExecutionResult.Completed.class::isInstance)
                .map(ExecutionResult.Completed.class::cast)
                .flatMap(completed -> completed.events().stream())
                .toList();
    }

    /**
     * Returns what the hook made of the executions that ended.
     *
     * @return the results, oldest execution first
     */
    public List<ExecutionResult> results() {
        return executions().stream()
                .flatMap(execution -> execution.result().stream())
                .toList();
    }

    /**
     * Returns all executions, those among them that never ran.
     *
     * @return the executions, oldest first
     */
    public List<RecordedExecution> executions() {
        return created().store().executions();
    }

    /**
     * Returns how many executions wait for an attempt.
     *
     * @return the number, those that failed among them
     */
    public int pending() {
        return created().store().pending().size();
    }

    /**
     * Returns the last cursor stored for the task.
     *
     * @return the cursor; empty if none was ever stored
     */
    public Optional<String> cursor() {
        return created().store().cursor();
    }

    /**
     * Returns the task.
     *
     * @return the task, its config checked and with defaults
     */
    public Task task() {
        return created().task();
    }

    /**
     * Returns the hook.
     *
     * @return the hook under test
     */
    public Hook hook() {
        return created().hook();
    }

    // ----------------------------------------------------------------------------------------- end

    /**
     * Stops the listener if it runs, then the hook, then the type. Does nothing the second time.
     *
     * @throws AssertionError if one of them does not stop
     */
    @Override
    public void close() {
        if (created == null || closed) {
            return;
        }
        closed = true;
        AssertionError failed = new AssertionError("the hook did not stop cleanly");
        if (listening != null) {
            attemptTo(this::stopListening, failed);
        }
        attemptTo(created().hook()::stop, failed);
        attemptTo(type::stop, failed);
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    /** Something that may fail in any way. */
    private interface Step {
        void run() throws Exception;
    }

    private static void attemptTo(Step step, AssertionError failed) {
        try {
            step.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed.addSuppressed(e);
        } catch (Exception | AssertionError e) {
            failed.addSuppressed(e);
        }
    }

    // ------------------------------------------------------------------------------------- helpers

    private Created created() {
        if (created == null) {
            throw new IllegalStateException("there is no hook yet; call create first");
        }
        return created;
    }

    private void requireNotCreated() {
        if (created != null) {
            throw new IllegalStateException("the hook is made already; make another harness");
        }
    }

    private ListenerRun listening() {
        if (listening == null) {
            throw new IllegalStateException("the listener does not run; call listen first");
        }
        return listening;
    }

    private <T extends Trigger> T only(Class<T> kind) {
        List<T> found = created().triggers().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("the hook has " + found.size() + " triggers of kind " + kind.getSimpleName()
                    + ", and this needs exactly one; all triggers: "
                    + created().triggers().stream().map(Trigger::name).toList());
        }
        return found.get(0);
    }

    /** What a request's receiver gets. */
    private final class RequestContext implements TriggerContext {
        private final Trigger.Http trigger;

        private RequestContext(Trigger.Http trigger) {
            this.trigger = trigger;
        }

        @Override
        public Receipt emit(Invocation invocation) {
            return created().store().offer(trigger.name(), now(), invocation);
        }

        @Override
        public Optional<String> cursor() {
            return created().store().cursor();
        }

        @Override
        public boolean isCancelled() {
            return closed;
        }

        @Override
        public void explain(String step, String words) {
            explanations.add(step + ": " + words);
        }
    }
}
