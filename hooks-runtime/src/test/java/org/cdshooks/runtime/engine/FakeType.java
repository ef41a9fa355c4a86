package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;

/** A hook type that does what a test says, and remembers what was asked of it. */
final class FakeType implements HookType {
    static final ConfigOption<String> COLOUR = ConfigOption.string("colour", "Any colour.");
    static final ConfigOption<Secret> KEY = ConfigOption.secret("key", "A key.");

    /** A step of a hook. */
    @FunctionalInterface
    interface Step {
        ExecutionResult on(TaskExecution execution, ExecutionContext context) throws Exception;
    }

    /** Something that may throw. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    private final HookTypeDescriptor descriptor;
    private final Function<Task, List<Trigger>> triggers;
    volatile Step execute = (execution, context) -> ExecutionResult.completed(
            HookEvent.of(Map.of("body", execution.payload().text())));
    volatile Function<HookConfig, List<ConfigProblem>> validate = config -> List.of();
    volatile Function<Task, Map<String, String>> complete = task -> Map.of();
    volatile Action onCreate = () -> {};
    volatile Action onStop = () -> {};
    final List<Task> created = new CopyOnWriteArrayList<>();
    final List<TaskExecution> executed = new CopyOnWriteArrayList<>();
    final Map<String, HookContext> contexts = new ConcurrentHashMap<>();
    final AtomicInteger stopped = new AtomicInteger();

    FakeType(String name, Function<Task, List<Trigger>> triggers) {
        this(name, ConfigDef.of(COLOUR, KEY), triggers);
    }

    FakeType(String name, ConfigDef config, Function<Task, List<Trigger>> triggers) {
        this.descriptor = HookTypeDescriptor.of(name, "A fake.", config);
        this.triggers = triggers;
    }

    /** A type whose tasks take requests, whole. */
    static FakeType http(String name) {
        return new FakeType(
                name,
                task -> List.of(Trigger.http((call, context) -> org.cdshooks.api.HttpReply.accepted(
                        context.emit(org.cdshooks.api.Invocation.of(call.toPayload()))))));
    }

    @Override
    public HookTypeDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return validate.apply(config);
    }

    @Override
    public Map<String, String> complete(Task task) {
        return complete.apply(task);
    }

    @Override
    public Hook create(Task task, HookContext context) {
        created.add(task);
        contexts.put(task.id().value(), context);
        sneaky(onCreate);
        List<Trigger> made = new ArrayList<>(triggers.apply(task));
        return new Hook() {
            @Override
            public List<Trigger> triggers() {
                return made;
            }

            @Override
            public ExecutionResult execute(TaskExecution execution, ExecutionContext context) throws Exception {
                executed.add(execution);
                return execute.on(execution, context);
            }

            @Override
            public void stop() throws Exception {
                stopped.incrementAndGet();
                onStop.run();
            }
        };
    }

    /** Lets checked exceptions out where the API declares none, as other languages do. */
    static void sneaky(Action action) {
        try {
            action.run();
        } catch (Exception e) {
            throw FakeType.<RuntimeException>as(e);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> E as(Exception e) throws E {
        throw (E) e;
    }
}
