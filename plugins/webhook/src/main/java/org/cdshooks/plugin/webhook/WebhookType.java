package org.cdshooks.plugin.webhook;

import java.util.List;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.toolkit.gate.WebhookGate;

/** Fires on HTTP requests. Has no state: all it knows of a task is in the task. */
public final class WebhookType implements HookType {
    static final ConfigOption<String> METHOD = ConfigOption.choice(
                    "method",
                    "The HTTP method of requests that fire the hook; others are answered with 405.",
                    "GET",
                    "POST",
                    "PUT",
                    "DELETE",
                    "PATCH")
            .withDefault("POST");

    static final ConfigOption<String> NUMBERS = ConfigOption.choice(
                    "numbers",
                    "How numbers of a JSON body are written: 'exact' keeps whole numbers of up to 64 bits as they are;"
                            + " 'go' writes them as CDS always has, such as 2.1e+07 for 21000000.",
                    "exact",
                    "go")
            .withDefault("exact");

    static final int MAX_MAX_BODY = 25 * 1024 * 1024;

    static final ConfigOption<Integer> MAX_BODY = ConfigOption.integer(
                    "maxBody",
                    "How many bytes a body may have, up to " + MAX_MAX_BODY
                            + " (25 MiB); larger ones are answered with 413.")
            .withDefault(1024 * 1024)
            .where(
                    bytes -> bytes >= 1 && bytes <= MAX_MAX_BODY,
                    "must be a number of bytes from 1 to " + MAX_MAX_BODY + " (25 MiB)");

    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "Webhook",
                    "Fires on HTTP requests, with the values of their query and body.",
                    WebhookGate.definition(METHOD, NUMBERS, MAX_BODY))
            .servesModels("WebHook");

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public WebhookType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return WebhookGate.validate(config);
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new Webhook(task, context.clock());
    }
}
