package org.cdshooks.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;

/** A type that keeps all rules and fires in one way; tests override what they want to see otherwise. */
public class SampleType implements HookType {
    static final ConfigOption<String> TOPIC =
            ConfigOption.string("topic", "The topic to read.").required();
    static final ConfigOption<Secret> KEY = ConfigOption.secret("key", "The key to sign with.");
    static final ConfigDef OPTIONS = ConfigDef.of(TOPIC, KEY);

    /** How a sample fires. */
    enum Fires {
        BY_HTTP,
        BY_TIMER,
        BY_LISTENER,
        BY_API
    }

    private final Fires fires;

    SampleType(Fires fires) {
        this.fires = fires;
    }

    public static final class ByHttp extends SampleType {
        public ByHttp() {
            super(Fires.BY_HTTP);
        }
    }

    public static final class ByTimer extends SampleType {
        public ByTimer() {
            super(Fires.BY_TIMER);
        }
    }

    public static final class ByListener extends SampleType {
        public ByListener() {
            super(Fires.BY_LISTENER);
        }
    }

    public static final class ByApi extends SampleType {
        public ByApi() {
            super(Fires.BY_API);
        }
    }

    @Override
    public HookTypeDescriptor descriptor() {
        return HookTypeDescriptor.of("Sample", "Fires for tests.", OPTIONS);
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new SampleHook(this, task, context);
    }

    /** Answers what makes the hook fire. */
    List<Trigger> triggers(HookContext context) {
        return switch (fires) {
            case BY_HTTP ->
                List.of(Trigger.http(
                                (call, trigger) -> HttpReply.accepted(trigger.emit(Invocation.of(call.toPayload()))))
                        .methods("PUT")
                        .maxBody(100));
            case BY_TIMER -> List.of(Trigger.timer(schedule()));
            case BY_LISTENER ->
                List.of(Trigger.listener(trigger ->
                        listen(trigger, context.service(FakeBroker.class).orElseThrow())));
            case BY_API -> List.of();
        };
    }

    Schedule schedule() {
        return Schedule.every(Duration.ofHours(1));
    }

    void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
        while (true) {
            String message = broker.receive();
            emit(trigger, message);
            broker.acknowledge();
        }
    }

    static void emit(TriggerContext trigger, String message) throws InterruptedException {
        trigger.emit(Invocation.of(Payload.of("application/json", message.getBytes(UTF_8)))
                .dedupKey(message)
                .cursor("after " + message));
    }

    ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) throws Exception {
        if (execution.payload().text().contains("cut off")) {
            return ExecutionResult.rejected("the body is no JSON");
        }
        return ExecutionResult.completed(
                HookEvent.of(Map.of("text", execution.payload().text())));
    }

    void stopHook() throws Exception {}

    String show(Task task) {
        return "hook of " + task;
    }

    private record SampleHook(SampleType type, Task task, HookContext context) implements Hook {
        @Override
        public List<Trigger> triggers() {
            return type.triggers(context);
        }

        @Override
        public ExecutionResult execute(TaskExecution execution, ExecutionContext bounds) throws Exception {
            return type.execute(execution, bounds, task);
        }

        @Override
        public void stop() throws Exception {
            type.stopHook();
        }

        @Override
        public String toString() {
            return type.show(task);
        }
    }
}
