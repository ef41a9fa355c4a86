package org.cdshooks.api.snippets;

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
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;

// @start region="type"
public final class DoorbellHookType implements HookType {
    static final ConfigOption<String> DOOR =
            ConfigOption.string("door", "The door that has the bell.").required();

    private static final HookTypeDescriptor DESCRIPTOR =
            HookTypeDescriptor.of("Doorbell", "Fires when somebody rings.", ConfigDef.of(DOOR));

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new DoorbellHook(task.config().get(DOOR));
    }

    private record DoorbellHook(String door) implements Hook {
        @Override
        public List<Trigger> triggers() { // captures: whoever rings is answered once the ring is stored
            return List.of(
                    Trigger.http((call, context) -> HttpReply.accepted(context.emit(Invocation.of(call.toPayload()))))
                            .methods("POST"));
        }

        @Override
        public ExecutionResult execute(TaskExecution execution, ExecutionContext context) { // interprets, later
            String visitor = execution.payload().text().strip();
            return visitor.isEmpty()
                    ? ExecutionResult.rejected("the body must tell who rings")
                    : ExecutionResult.completed(HookEvent.of(Map.of("door", door, "visitor", visitor)));
        }
    }
}
// @end region="type"
