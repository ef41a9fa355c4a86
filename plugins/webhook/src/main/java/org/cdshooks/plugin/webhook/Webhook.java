package org.cdshooks.plugin.webhook;

import java.util.List;
import java.util.Optional;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;

/** One webhook: the endpoint stores what it is sent, and an execution makes an event of it. Immutable. */
final class Webhook implements Hook {
    private final Trigger trigger;
    private final Optional<String> dedupHeader;
    private final WebhookPayload payload;

    Webhook(Task task) {
        HookConfig config = task.config();
        trigger = Trigger.http(this::receive)
                .methods(config.get(WebhookType.METHOD))
                .maxBody(config.get(WebhookType.MAX_BODY));
        dedupHeader = config.find(WebhookType.DEDUP_HEADER).filter(name -> !name.isEmpty());
        payload = new WebhookPayload(config);
    }

    @Override
    public List<Trigger> triggers() {
        return List.of(trigger);
    }

    /**
     * Stores the request and answers; the sender waits, so nothing is interpreted. A header such as {@code webhook-id}
     * names a delivery only if the task says so: whoever may choose it freely could otherwise make requests of others
     * disappear.
     */
    private HttpReply receive(HttpCall call, TriggerContext context) throws InterruptedException {
        Invocation invocation = dedupHeader
                .flatMap(call::header)
                .map(String::strip)
                .filter(delivery -> !delivery.isEmpty())
                .map(delivery -> Invocation.of(call.toPayload()).dedupKey(delivery))
                .orElseGet(() -> Invocation.of(call.toPayload()));
        return HttpReply.accepted(context.emit(invocation));
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
        return payload.of(execution.payload());
    }
}
