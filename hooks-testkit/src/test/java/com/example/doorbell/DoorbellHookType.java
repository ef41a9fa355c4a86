package com.example.doorbell;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;

/** Fires when somebody rings: {@code POST} with the visitor's name as the body and the bell's key as a header. */
public final class DoorbellHookType implements HookType {
    static final ConfigOption<String> DOOR =
            ConfigOption.string("door", "The door that has the bell.").required();
    static final ConfigOption<Secret> KEY =
            ConfigOption.secret("key", "What the bell sends as X-Bell-Key.").required();

    private static final HookTypeDescriptor DESCRIPTOR =
            HookTypeDescriptor.of("Doorbell", "Fires when somebody rings.", ConfigDef.of(DOOR, KEY));

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new DoorbellHook(task.config().get(DOOR), task.config().get(KEY));
    }

    private record DoorbellHook(String door, Secret key) implements Hook {

        @Override
        public List<Trigger> triggers() {
            return List.of(Trigger.http(this::receive).methods("POST").maxBody(1024));
        }

        /** Captures. Any node may answer, and whoever rings waits for it: check, store, answer. */
        private HttpReply receive(HttpCall call, TriggerContext context) throws InterruptedException {
            byte[] given = call.header("X-Bell-Key").orElse("").getBytes(UTF_8);
            if (!MessageDigest.isEqual(given, key.reveal().getBytes(UTF_8))) {
                return HttpReply.of(401, "X-Bell-Key is missing or wrong");
            }
            Invocation ring = Invocation.of(call.toPayload());
            return HttpReply.accepted(
                    context.emit(call.header("X-Ring-Id").map(ring::dedupKey).orElse(ring)));
        }

        /** Interprets. Later, on any node, and again if it throws. */
        @Override
        public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
            String visitor = execution.payload().text().strip();
            if (visitor.isEmpty()) {
                return ExecutionResult.rejected("the body must tell who rings"); // no retry mends that
            }
            return ExecutionResult.completed(HookEvent.of(Map.of("doorbell.door", door, "doorbell.visitor", visitor)));
        }
    }
}
