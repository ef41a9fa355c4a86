package org.cdshooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The rules that every hook type keeps, one test for each. Extend it, give the type and valid options, and make the
 * source of the type speak where the rules need it to:
 *
 * {@snippet file="com/example/doorbell/DoorbellContractTest.java" region="contract"}
 *
 * <p>A rule that does not apply, such as those of listeners to a type that has none, is skipped with a word on why; one
 * that can't be checked without your help says which method to override.
 *
 * <p><b>What is seen.</b> Threads are compared before and after, platform threads on every JVM and virtual ones on
 * HotSpot; one that started and ended in between is not seen. Open files and sockets are compared on Linux only, and
 * one that was closed again is not seen. What a type writes to its log is not looked at. So a pass is no proof, and a
 * failure is real, unless the test itself starts threads at that moment: see {@link #ignoresThread}.
 *
 * <p>For the same reason the class is {@linkplain Isolated isolated}: no other test of the process runs beside it.
 */
// Over 400 lines, since the rules are better read in one place than found in several.
@Isolated("threads and open files of the whole process are compared")
public abstract class HookTypeContract {
    private static final TaskId TASK = new TaskId("contract-task");

    /** For subclasses. */
    protected HookTypeContract() {}

    // ----------------------------------------------------------------------- what an author gives

    /**
     * Returns the type to check.
     *
     * @return a new instance on each call, by the no-argument constructor, not started
     */
    protected abstract HookType type();

    /**
     * Returns the options of a task that works.
     *
     * @return options as a user writes them
     */
    protected abstract Map<String, String> validOptions();

    /**
     * Returns the services of the host that the type needs.
     *
     * @return implementations by their interfaces; none unless overridden
     */
    protected Map<Class<?>, Object> services() {
        return Map.of();
    }

    /**
     * Returns a request that a task with {@link #validOptions} accepts, signed if need be. Only asked of a type with an
     * HTTP trigger.
     *
     * @return a request; unless overridden one with an empty JSON object, its method the first that the trigger takes
     *     or POST
     */
    protected HttpCall provokeRequest() {
        Trigger.Http http = trigger(Trigger.Http.class).orElseThrow();
        String method = http.methods().stream().findFirst().orElse("POST");
        return TestCall.of(method, "")
                .header("content-type", "application/json")
                .body("{}");
    }

    /**
     * Makes the source say one thing for which the listener emits an invocation. Called while the listener runs, perhaps
     * before it has connected.
     *
     * @return true if the source speaks; false if it can't be made to, as unless overridden, so that some rules are
     *     skipped
     * @throws Exception if the source fails
     */
    protected boolean provokeListener() throws Exception {
        return false;
    }

    /**
     * Returns how many things the listener has acknowledged to its source in the course of this test.
     *
     * @return the number; empty, as unless overridden, if the source knows no acknowledgement, so that rule 3.3 is
     *     skipped
     */
    protected OptionalLong acknowledged() {
        return OptionalLong.empty();
    }

    /**
     * Returns the payload of an execution that the API asked for. Only asked of a type without triggers.
     *
     * @return a payload that the type makes something of; empty unless overridden
     */
    protected Payload apiPayload() {
        return Payload.empty();
    }

    /**
     * Returns how long the type gets to come back when told to.
     *
     * @return a positive time; 10 s unless overridden, as in the runtime
     */
    protected Duration grace() {
        return Duration.ofSeconds(10);
    }

    /**
     * Tells whether a thread is none of the type's, such as one of a fake server that the test runs.
     *
     * @param name the name of a thread that was not there before
     * @return true if it is to be overlooked; false unless overridden
     */
    protected boolean ignoresThread(String name) {
        return false;
    }

    // ------------------------------------------------------------------------------- 1 the type

    /** 1.1: the type is public and has a public no-argument constructor, which starts no thread and opens nothing. */
    @Test
    void rule_1_1_theNoArgumentConstructorDoesNoWork() throws Exception {
        Class<? extends HookType> type = type().getClass();
        assertTrue(Modifier.isPublic(type.getModifiers()), type + " is not public, so ServiceLoader can't make it");
        Constructor<? extends HookType> constructor;
        try {
            constructor = type.getConstructor();
        } catch (NoSuchMethodException e) {
            throw new AssertionError(
                    type + " has no public no-argument constructor, so ServiceLoader can't make it", e);
        }
        assertDoesNoWork("the no-argument constructor", () -> {
            try {
                return constructor.newInstance();
            } catch (InvocationTargetException e) {
                throw new AssertionError("the no-argument constructor failed: " + e.getCause(), e.getCause());
            }
        });
    }

    /** 1.2: the descriptor is the same on every call, before and after start, and each option tells what it is for. */
    @Test
    void rule_1_2_theDescriptorIsConstantAndDescribesEveryOption() throws Exception {
        HookType type = type();
        String first = described(type.descriptor());
        assertEquals(first, described(type.descriptor()), "two calls of descriptor() differ");
        type.start(context());
        String started = described(type.descriptor());
        type.stop();
        assertEquals(first, started, "descriptor() differs after start");
        assertEquals(first, described(type().descriptor()), "descriptor() of another instance differs");
        for (ConfigOption<?> option : type.descriptor().config().options()) {
            assertTrue(
                    option.description().strip().contains(" "),
                    "option '" + option.name() + "' is described by '" + option.description()
                            + "' only; write a sentence for the user who fills in the form");
        }
    }

    /** 1.2: a file in META-INF/services names the type, so that the runtime finds it. */
    @Test
    void rule_1_2_theTypeIsFoundByServiceLoader() {
        Class<? extends HookType> type = type().getClass();
        try {
            List<String> found = ServiceLoader.load(HookType.class, type.getClassLoader()).stream()
                    .map(provider -> provider.type().getName())
                    .toList();
            assertTrue(
                    found.contains(type.getName()),
                    "ServiceLoader finds " + found + "; name " + type.getName()
                            + " in META-INF/services/org.cdshooks.api.HookType");
        } catch (ServiceConfigurationError e) {
            throw new AssertionError("META-INF/services/org.cdshooks.api.HookType is broken: " + e.getMessage(), e);
        }
    }

    /** 1.3: what is secret in the options is in no toString, answer, event, reason or exception. */
    @Test
    void rule_1_3_noSecretIsShown() throws Exception {
        Set<ConfigOption<?>> secrets = type().descriptor().config().options().stream()
                .filter(option -> option.kind() == ConfigOption.Kind.SECRET)
                .collect(Collectors.toSet());
        assumeTrue(!secrets.isEmpty(), "the type has no option that is a secret");
        assertNoSecret(validOptions(), secrets, true);
        Map<String, String> filled = new HashMap<>(validOptions());
        for (ConfigOption<?> secret : secrets) {
            filled.putIfAbsent(secret.name(), "canary-" + secret.name() + "-1234567890");
        }
        if (!filled.equals(validOptions()) && isValid(filled)) {
            assertNoSecret(filled, secrets, false);
        }
    }

    private void assertNoSecret(Map<String, String> options, Set<ConfigOption<?>> secrets, boolean mustFire)
            throws Exception {
        try (HookHarness harness = harness(options)) {
            Map<String, String> shown = new HashMap<>();
            shown.put("toString of the hook", String.valueOf(harness.hook()));
            shown.put(
                    "toString of its task",
                    harness.task() + " " + harness.task().config());
            for (Trigger trigger : harness.hook().triggers()) {
                shown.put("toString of trigger " + trigger.name(), shown(trigger));
            }
            List<FakeExecution> executions;
            try {
                executions = provoke(
                        harness,
                        reply -> shown.put("the answer to a request", reply.contentType() + " " + reply.body()));
            } catch (Exception | AssertionError e) {
                if (mustFire) {
                    throw e;
                }
                executions = List.of(); // a request without a signature may be refused now, which is right
                shown.put("what a trigger threw", String.valueOf(e.getMessage()));
            }
            for (FakeExecution execution : executions) {
                shown.put("what execute made of " + execution.trigger(), attempt(harness.hook(), execution));
            }
            for (ConfigOption<?> secret : secrets) {
                Optional<Object> value = harness.task().config().find(secret).map(found -> (Object) found);
                String hidden = value.map(found -> found instanceof Secret s ? s.reveal() : "")
                        .orElse("");
                // One of three letters is found in any text.
                shown.forEach((where, text) -> assertFalse(
                        hidden.length() >= 4 && text.contains(hidden),
                        where + " shows the value of the secret option '" + secret.name() + "'"));
            }
        }
    }

    /** What the type itself brings to a trigger. */
    private static String shown(Trigger trigger) {
        return switch (trigger) {
            case Trigger.Http http -> http.receiver().toString();
            case Trigger.Timer timer -> timer.schedule().toString();
            case Trigger.Listening listening -> listening.listener() + " " + listening.colocationKey();
        };
    }

    private static String attempt(Hook hook, FakeExecution execution) {
        try {
            return Outcome.shown(hook.execute(execution, new FakeExecutionContext(SettableClock.START)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        } catch (Exception e) {
            return Stream.iterate((Throwable) e, thrown -> thrown != null, Throwable::getCause)
                    .map(Throwable::toString)
                    .collect(Collectors.joining(" "));
        }
    }

    // ------------------------------------------------------------------------------- 2 the hook

    /** 2.1: two hooks of one task are two objects, and stopping one leaves the other as it was. */
    @Test
    void rule_2_1_hooksAreIndependent() throws Exception {
        HookType type = type();
        HookConfig config = HookHarness.checked(type, validOptions());
        List<FakeExecution> executions = executions();
        type.start(context());
        try {
            Hook first = create(type, config);
            Hook second = create(type, config);
            assertNotSame(first, second, "create returned the same hook twice");
            List<String> before = attempts(second, executions);
            first.stop();
            assertEquals(before, attempts(second, executions), "a hook does otherwise once another one was stopped");
            second.stop();
        } finally {
            type.stop();
        }
    }

    private static List<String> attempts(Hook hook, List<FakeExecution> executions) {
        List<String> ends = new ArrayList<>();
        for (FakeExecution execution : executions) {
            try {
                ends.add(Outcome.of(hook.execute(execution, new FakeExecutionContext(SettableClock.START)))
                        .kind());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ends.add("interrupted");
            } catch (Exception e) {
                ends.add("failed with " + e.getClass().getName());
            }
        }
        return ends;
    }

    /** 2.2: create starts no thread and leaves nothing open. */
    @Test
    void rule_2_2_createDoesNoWork() throws Exception {
        HookType type = type();
        HookConfig config = HookHarness.checked(type, validOptions());
        type.start(context());
        try {
            assertDoesNoWork("create", () -> create(type, config)).stop();
        } finally {
            type.stop();
        }
    }

    /** 2.3: the names of the triggers are unique, and the same on every call and for every hook of the task. */
    @Test
    void rule_2_3_triggerNamesAreUniqueAndStable() throws Exception {
        HookType type = type();
        HookConfig config = HookHarness.checked(type, validOptions());
        type.start(context());
        try {
            Hook hook = create(type, config);
            Hook other = create(type, config);
            List<String> names = names(hook);
            assertEquals(new HashSet<>(names).size(), names.size(), "two triggers have the same name: " + names);
            assertFalse(names.contains("api"), "'api' is the name under which the API fires a task");
            assertEquals(names, names(hook), "two calls of triggers() differ");
            assertEquals(names, names(other), "the triggers of another hook of the same task differ");
            hook.stop();
            other.stop();
        } finally {
            type.stop();
        }
    }

    private static List<String> names(Hook hook) {
        return hook.triggers().stream().map(Trigger::name).toList();
    }

    // --------------------------------------------------------------------------- 3 the listener

    /** 3.1: a listener comes back within the grace period once it is told to stop. */
    @Test
    void rule_3_1_theListenerComesBackWhenInterrupted() throws Exception {
        assumeListener();
        try (HookHarness harness = harness(validOptions())) {
            harness.listen();
            if (provokeListener()) {
                harness.awaitEmitted(1);
            }
            Optional<Throwable> failure = harness.awaitIdleListener();
            if (failure.isPresent()) {
                throw new AssertionError("the listener failed before it was told to stop", failure.get());
            }
            assumeFalseEnded(harness);
            harness.stopListening();
        }
    }

    private static void assumeFalseEnded(HookHarness harness) throws InterruptedException {
        if (harness.listenerEnded()) {
            harness.stopListeningQuietly();
            abort("the listener came back by itself, which a runtime takes for a failure");
        }
    }

    /** 3.2: a listener whose emit is refused ends with that very exception. */
    @Test
    void rule_3_2_theListenerLetsOwnershipLostOut() throws Exception {
        assumeListener();
        try (HookHarness harness = harness(validOptions())) {
            harness.loseOwnership();
            harness.listen();
            if (!provokeListener()) {
                harness.stopListeningQuietly();
                abort("not checked: override provokeListener so that the source speaks");
            }
            Throwable thrown;
            try {
                thrown = harness.awaitListenerEnd()
                        .orElseThrow(() -> new AssertionError(
                                "the listener returned although its emit was refused; let OwnershipLostException out"));
            } catch (AssertionError e) {
                if (harness.isListening()) {
                    harness.stopListeningQuietly();
                }
                throw e;
            }
            if (!(thrown instanceof OwnershipLostException)) {
                throw new AssertionError(
                        "the listener ended with " + thrown + " instead of OwnershipLostException", thrown);
            }
        }
    }

    /** 3.3: nothing is acknowledged to the source before emit has returned, nor when it is refused. */
    @Test
    void rule_3_3_theListenerAcknowledgesOnlyAfterEmit() throws Exception {
        assumeListener();
        OptionalLong before = acknowledged();
        assumeTrue(before.isPresent(), "not checked: override acknowledged if the source knows acknowledgements");
        try (HookHarness harness = harness(validOptions())) {
            harness.overloaded(true);
            harness.listen();
            if (!provokeListener()) {
                harness.stopListeningQuietly();
                abort("not checked: override provokeListener so that the source speaks");
            }
            harness.awaitBlockedEmit();
            assertEquals(before, acknowledged(), "the listener acknowledged what was not stored yet");
            harness.loseOwnership();
            harness.awaitListenerEndQuietly();
            harness.stopListeningQuietly();
            assertEquals(before, acknowledged(), "the listener acknowledged what was refused");
        }
    }

    private void assumeListener() throws Exception {
        assumeTrue(trigger(Trigger.Listening.class).isPresent(), "the type has no listener");
    }

    // -------------------------------------------------------------------------- 4 the execution

    /** 4.1: attempts at one execution have the same outcome, also on another node. */
    @Test
    void rule_4_1_executeIsRepeatable() throws Exception {
        List<FakeExecution> executions = executions();
        assumeTrue(!executions.isEmpty(), "not checked: override provokeListener so that the source speaks");
        try (HookHarness node = harness(validOptions());
                HookHarness otherNode = harness(validOptions())) {
            for (FakeExecution execution : executions) {
                Outcome first = outcome(node.hook(), execution);
                assertEquals(first, outcome(node.hook(), execution.attempt(2)), "the second attempt differs");
                assertEquals(first, outcome(otherNode.hook(), execution.attempt(3)), "on another node it differs");
            }
        }
    }

    private static Outcome outcome(Hook hook, FakeExecution execution) throws Exception {
        ExecutionResult result = hook.execute(execution, new FakeExecutionContext(SettableClock.START));
        assertNotNull(result, "execute returned null");
        return Outcome.of(result);
    }

    /** 4.2: a payload of another origin, under any trigger, is rejected, skipped or completed, and throws nothing. */
    @Test
    void rule_4_2_aForeignPayloadIsNotThrownOn() throws Exception {
        try (HookHarness harness = harness(validOptions())) {
            List<String> triggers = new ArrayList<>(names(harness.hook()));
            triggers.addAll(List.of("api", "trigger-of-an-older-release"));
            for (String trigger : triggers) {
                for (Payload payload : ForeignPayloads.all()) {
                    String what = "of type '" + payload.contentType() + "' under trigger '" + trigger + "'";
                    try {
                        outcome(harness.hook(), execution(trigger, SettableClock.START, payload));
                    } catch (Exception e) {
                        throw new AssertionError(
                                "execute throws " + e + " on a payload " + what + "; return rejected(reason), since no"
                                        + " retry mends it",
                                e);
                    }
                }
            }
        }
    }

    /** 4.3: an execution comes back within the grace period once it is cancelled. */
    @Test
    void rule_4_3_executeComesBackWhenInterrupted() throws Exception {
        List<FakeExecution> executions = executions();
        assumeTrue(!executions.isEmpty(), "not checked: override provokeListener so that the source speaks");
        try (HookHarness harness = harness(validOptions())) {
            for (FakeExecution execution : executions) {
                FakeExecutionContext context = new FakeExecutionContext(harness.now());
                Thread thread = Thread.ofVirtual().name("execution").start(() -> {
                    try {
                        harness.hook().execute(execution, context);
                    } catch (Exception e) {
                        // How it comes back is not the question here.
                    }
                });
                Threads.await(() -> !thread.isAlive() || Threads.isBlocked(thread.getState()), Threads.SETTLING);
                context.cancel();
                thread.interrupt();
                assertTrue(
                        thread.join(grace()),
                        "execute did not come back within " + grace() + " after it was interrupted; let"
                                + " InterruptedException out");
            }
        }
    }

    // ------------------------------------------------------------------------------- 5 the end

    /** 5.1: stop releases all threads, and stopping twice does no harm. */
    @Test
    void rule_5_1_stopReleasesThreadsAndTwiceDoesNoHarm() throws Exception {
        Map<Long, String> before = Threads.live();
        HookType type = type();
        HookHarness harness = HookHarness.of(type).patience(grace()).taskId(TASK);
        services().forEach((service, implementation) -> offer(harness, service, implementation));
        Hook hook;
        try (harness) {
            hook = harness.create(validOptions()).hook();
            for (FakeExecution execution : provoke(harness)) {
                attempt(hook, execution);
            }
        }
        Threads.await(() -> newThreads(before).isEmpty(), grace());
        assertEquals(List.of(), newThreads(before), "threads that are still there " + grace() + " after stop");
        try {
            hook.stop();
            type.stop();
        } catch (Exception e) {
            throw new AssertionError("stop throws " + e + " when called again", e);
        }
    }

    // ----------------------------------------------------------------------------- 6 the timer

    /** 6.1: a schedule is a pure function: it answers the same question the same way, however often it is asked. */
    @Test
    void rule_6_1_theScheduleIsPure() throws Exception {
        Schedule schedule = assumeSchedule();
        for (Instant after : SampleTimes.all()) {
            Optional<Instant> first = schedule.next(after);
            assertEquals(first, schedule.next(after), "asked again for the due time after " + after);
        }
    }

    /** 6.2: a due time is later than the one it is asked to follow, so that a timer can't ring for ever. */
    @Test
    void rule_6_2_theNextDueTimeIsLater() throws Exception {
        Schedule schedule = assumeSchedule();
        for (Instant after : SampleTimes.all()) {
            schedule.next(after)
                    .ifPresent(next -> assertTrue(next.isAfter(after), "due after " + after + " is " + next));
        }
    }

    /** 6.3: who asks later gets no earlier due time, and none at all once there was none. */
    @Test
    void rule_6_3_theScheduleIsMonotone() throws Exception {
        Schedule schedule = assumeSchedule();
        Instant earlier = SampleTimes.all().get(0);
        Optional<Instant> before = schedule.next(earlier);
        for (Instant later : SampleTimes.all()) {
            Optional<Instant> next = schedule.next(later);
            String question = "due after " + earlier + " is " + before + ", but after " + later + " it is " + next;
            assertFalse(before.isEmpty() && next.isPresent(), question);
            assertFalse(next.isPresent() && next.get().isBefore(before.orElse(next.get())), question);
            earlier = later;
            before = next;
        }
    }

    private Schedule assumeSchedule() {
        return trigger(Trigger.Timer.class)
                .map(Trigger.Timer::schedule)
                .orElseGet(() -> abort("the type has no timer"));
    }

    // ----------------------------------------------------------------------------------- helpers

    private HookHarness harness(Map<String, String> options) {
        HookHarness harness = HookHarness.of(type()).patience(grace()).taskId(TASK);
        services().forEach((service, implementation) -> offer(harness, service, implementation));
        return harness.create(options);
    }

    @SuppressWarnings("unchecked") // HookHarness.service casts it, and says so if it is none
    private static <S> void offer(HookHarness harness, Class<S> service, Object implementation) {
        harness.service(service, (S) implementation);
    }

    private FakeHookContext context() {
        return new FakeHookContext(SettableClock.create(), services(), TASK);
    }

    private Hook create(HookType type, HookConfig config) {
        Task task = new FakeTask(TASK, type.descriptor().name(), 1, config);
        Hook hook = type.create(task, context());
        assertNotNull(hook, "create returned null");
        return hook;
    }

    private boolean isValid(Map<String, String> options) {
        try {
            HookHarness.checked(type(), options);
            return true;
        } catch (InvalidConfigException e) {
            return false;
        }
    }

    private <T extends Trigger> Optional<T> trigger(Class<T> kind) {
        try (HookHarness harness = harness(validOptions())) {
            return harness.hook().triggers().stream()
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .findFirst();
        }
    }

    /** Makes each trigger fire once, as far as it can be made to, and returns the executions that came of it. */
    private List<FakeExecution> executions() throws Exception {
        try (HookHarness harness = harness(validOptions())) {
            return provoke(harness);
        }
    }

    private List<FakeExecution> provoke(HookHarness harness) throws Exception {
        return provoke(harness, reply -> {});
    }

    private List<FakeExecution> provoke(HookHarness harness, Consumer<HttpReply> replies) throws Exception {
        List<FakeExecution> executions = new ArrayList<>();
        List<Trigger> triggers = harness.hook().triggers();
        for (Trigger trigger : triggers) {
            switch (trigger) {
                case Trigger.Http http -> request(harness, replies);
                case Trigger.Listening listening -> {
                    harness.listen();
                    if (provokeListener()) {
                        harness.awaitEmitted(1);
                    }
                    harness.stopListeningQuietly();
                }
                case Trigger.Timer timer ->
                    timer.schedule()
                            .next(harness.now())
                            .ifPresent(due -> executions.add(execution(timer.name(), due, Payload.empty())));
            }
        }
        if (triggers.isEmpty()) {
            harness.fire(apiPayload());
        }
        for (RecordedExecution execution : harness.executions()) {
            executions.add(new FakeExecution(
                    execution.id(), execution.trigger(), execution.dueAt(), 1, execution.payload(), harness.cursor()));
        }
        return executions;
    }

    private void request(HookHarness harness, Consumer<HttpReply> replies) throws Exception {
        int before = harness.executions().size();
        HttpReply reply = harness.call(provokeRequest());
        replies.accept(reply);
        if (harness.executions().size() == before) {
            fail("the request of provokeRequest was answered " + reply.status() + " '" + reply.body()
                    + "' and nothing was emitted; override it with one that a task with validOptions accepts");
        }
    }

    private static FakeExecution execution(String trigger, Instant due, Payload payload) {
        return new FakeExecution(
                new ExecutionId("contract:" + trigger + ":1"), trigger, due, 1, payload, Optional.empty());
    }

    private <T> T assertDoesNoWork(String what, Callable<T> call) throws Exception {
        OpenFiles.now(); // so that what this very class opens at first is open already
        Map<Long, String> threads = Threads.live();
        Set<String> files = OpenFiles.now();
        T made = call.call();
        Set<String> newFiles = OpenFiles.now();
        newFiles.removeAll(files);
        assertEquals(List.of(), newThreads(threads), "threads that " + what + " started");
        assertEquals(Set.of(), newFiles, "files and sockets that " + what + " opened");
        return made;
    }

    private List<String> newThreads(Map<Long, String> before) {
        return Threads.live().entrySet().stream()
                .filter(thread -> !before.containsKey(thread.getKey()))
                .map(Map.Entry::getValue)
                .filter(name -> !ignoresThread(name))
                .map(name -> name.isEmpty() ? "(a thread without a name)" : name)
                .sorted()
                .toList();
    }

    private static String described(HookTypeDescriptor descriptor) {
        return descriptor.name() + " " + descriptor.models() + ": " + descriptor.summary()
                + descriptor.config().options().stream()
                        .map(option -> "\n" + option.name() + " " + option.kind() + " " + option.choices()
                                + (option.isRequired() ? " required" : "") + " " + option.defaultValue() + ": "
                                + option.description())
                        .collect(Collectors.joining());
    }
}
