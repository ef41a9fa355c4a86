package org.cdshooks.plugin.webhook;

import java.time.InstantSource;
import java.util.List;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.toolkit.gate.WebhookGate;

/**
 * One webhook: the endpoint checks who sends and stores what it is sent, and an execution makes an event of it. Immutable.
 */
final class Webhook implements Hook {
    private final Trigger trigger;
    private final WebhookPayload payload;

    Webhook(Task task, InstantSource clock) {
        HookConfig config = task.config();
        trigger = WebhookGate.of(config, clock)
                .trigger()
                .methods(config.get(WebhookType.METHOD))
                .maxBody(config.get(WebhookType.MAX_BODY));
        payload = new WebhookPayload(config);
    }

    @Override
    public List<Trigger> triggers() {
        return List.of(trigger);
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
        return payload.of(execution.payload());
    }
}
