package org.cdshooks.plugin.webhook;

import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;

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

    static final ConfigOption<String> DEDUP_HEADER = ConfigOption.string(
                    "dedupHeader",
                    "The header whose value names a delivery, such as X-GitHub-Delivery: a delivery that comes again"
                            + " makes no second execution. Without it each request makes one.")
            .where(
                    WebhookType::isHeaderNameOrNothing,
                    "must be the name of a header, such as X-GitHub-Delivery: letters, digits and dashes");

    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "Webhook",
                    "Fires on HTTP requests, with the values of their query and body.",
                    ConfigDef.of(METHOD, NUMBERS, MAX_BODY, DEDUP_HEADER))
            .servesModels("WebHook");

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public WebhookType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new Webhook(task);
    }

    /** Forms send the empty text for what was not filled in. */
    private static boolean isHeaderNameOrNothing(String name) {
        return name.length() <= 100
                && name.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || c == '-'
                                || c == '_');
    }
}
