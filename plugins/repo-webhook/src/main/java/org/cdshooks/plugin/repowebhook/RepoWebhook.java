package org.cdshooks.plugin.repowebhook;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.toolkit.FormDecoder;
import org.cdshooks.toolkit.JsonPicker;
import org.cdshooks.toolkit.MediaTypes;
import org.cdshooks.toolkit.PickedJson;
import org.cdshooks.toolkit.gate.WebhookGate;
import org.cdshooks.toolkit.repository.OnceKey;
import org.cdshooks.toolkit.repository.RefChange;

/**
 * The hook of one task: the endpoint checks who sends and stores what it is sent, and an execution makes events of the push in it. Nothing of
 * the task's config is in the events. Immutable.
 */
final class RepoWebhook implements Hook {
    private static final int MAX_DELIVERY = 200;
    private static final int MAX_SHOWN = 60;

    private final WebhookGate gate;
    private final Trigger trigger;

    RepoWebhook(Task task, InstantSource clock) {
        gate = WebhookGate.of(task.config(), clock);
        trigger = gate.described(Trigger.http(this::receive))
                .methods(task.config().get(RepoWebhookType.METHOD))
                .maxBody(task.config().get(RepoWebhookType.MAX_BODY));
    }

    @Override
    public List<Trigger> triggers() {
        return List.of(trigger);
    }

    /**
     * Checks who sends, stores the request and answers; the sender waits, so nothing is interpreted. A delivery that comes
     * again makes no second execution. The names of deliveries are random, so nobody can make the delivery of another
     * disappear, also where senders are not verified.
     */
    private HttpReply receive(HttpCall call, TriggerContext context) throws InterruptedException {
        return switch (gate.admit(call, context)) {
            case WebhookGate.Admission.Answered(HttpReply reply) -> reply;
            case WebhookGate.Admission.Admitted(Invocation invocation) -> {
                Optional<String> delivery = invocation.dedupKey().or(() -> deliveryOf(call));
                yield HttpReply.accepted(
                        context.emit(delivery.map(invocation::dedupKey).orElse(invocation)));
            }
        };
    }

    private static Optional<String> deliveryOf(HttpCall call) {
        return Sender.ALL.stream()
                .filter(sender -> call.header(sender.eventHeader()).isPresent())
                .flatMap(sender -> call.header(sender.deliveryHeader()).stream())
                .map(String::strip)
                .filter(delivery -> !delivery.isEmpty() && delivery.length() <= MAX_DELIVERY)
                .findFirst();
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
        Payload request = execution.payload();
        Optional<Sender> pushing = Sender.ALL.stream()
                .filter(sender -> sender.pushEvents().contains(eventOf(request, sender)))
                .findFirst();
        return pushing.map(sender -> push(sender, request)).orElseGet(() -> noPush(request));
    }

    private static String eventOf(Payload request, Sender sender) {
        return request.attribute(sender.eventHeader()).orElse("");
    }

    /** Servers also tell what nobody asked for, such as that a webhook was set up: done, with words for who wonders. */
    private static ExecutionResult noPush(Payload request) {
        return Sender.ALL.stream()
                .filter(sender -> !eventOf(request, sender).isEmpty())
                .findFirst()
                .map(sender -> ExecutionResult.skipped("The event '" + shortened(eventOf(request, sender)) + "' of "
                        + sender.name() + " is no push, and only pushes fire this hook."))
                .orElseGet(() -> ExecutionResult.rejected("No header of the request tells which version control server"
                        + " sent it, such as X-GitHub-Event, X-Gitlab-Event, X-Event-Key or X-Gitea-Event. For other"
                        + " senders use a task of type Webhook."));
    }

    private static ExecutionResult push(Sender sender, Payload request) {
        Optional<String> body = jsonOf(request);
        if (body.isEmpty()) {
            return ExecutionResult.rejected("The form that " + sender.name() + " sent has no field 'payload'.");
        }
        PickedJson json = sender.format().fields().pick(body.get());
        if (json.problem().isPresent()) {
            return ExecutionResult.rejected("The body of the push of " + sender.name() + " "
                    + json.problem().get() + ".");
        }
        int told = sender.format().changes().stream().mapToInt(json::size).sum();
        if (told > JsonPicker.MAX_ELEMENTS) {
            return ExecutionResult.rejected("The push changes " + told + " branches and tags at once, more than the "
                    + JsonPicker.MAX_ELEMENTS + " that one execution takes.");
        }
        List<RefChange> changes = sender.format().read(json);
        String host = sender.format().host(json);
        List<HookEvent> events = changes.stream()
                .filter(change -> !change.isDeletion())
                .map(change -> HookEvent.of(change.names()).once(OnceKey.of(host, change)))
                .toList();
        if (!events.isEmpty()) {
            return ExecutionResult.completed(events);
        }
        return ExecutionResult.skipped(
                changes.isEmpty()
                        ? "The push of " + sender.name() + " changes no branch or tag."
                        : "The push only deletes, such as "
                                + shortened(changes.getFirst().ref())
                                + "; nothing is left to run for.");
    }

    /** GitHub and Gitea may be told to send their JSON as a field of a form; {@code curl -d} calls all JSON a form. */
    private static Optional<String> jsonOf(Payload request) {
        String text = request.text();
        if (!MediaTypes.isForm(MediaTypes.typeOf(request.contentType()))
                || text.stripLeading().startsWith("{")) {
            return Optional.of(text);
        }
        return Optional.ofNullable(FormDecoder.decode(text).values().get("payload"));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
