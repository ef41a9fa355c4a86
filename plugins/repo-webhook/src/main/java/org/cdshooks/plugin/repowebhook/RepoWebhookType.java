package org.cdshooks.plugin.repowebhook;

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

/**
 * Fires on pushes that a version control server tells by webhook. Has no state: all it knows of a task is in the task.
 * Serves the hook model {@code RepositoryWebHook} of CDS.
 */
public final class RepoWebhookType implements HookType {
    private static final int MAX_MAX_BODY = 25 * 1024 * 1024;

    static final ConfigOption<String> METHOD = ConfigOption.choice(
                    "method", "The HTTP method of the server's requests; others are answered with 405.", "POST", "PUT")
            .withDefault("POST");

    static final ConfigOption<Integer> MAX_BODY = ConfigOption.integer(
                    "maxBody",
                    "How many bytes a request may have, up to " + MAX_MAX_BODY
                            + " (25 MiB, the most that GitHub and GitLab send); larger ones are answered with 413.")
            .withDefault(MAX_MAX_BODY)
            .where(
                    bytes -> bytes >= 1 && bytes <= MAX_MAX_BODY,
                    "must be a number of bytes from 1 to " + MAX_MAX_BODY + " (25 MiB)");

    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "RepoWebHook",
                    "Fires on pushes that GitHub, GitLab, Bitbucket, Gitea, Forgejo or Gogs tell by webhook.",
                    WebhookGate.definition(METHOD, MAX_BODY))
            .servesModels("RepositoryWebHook");

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public RepoWebhookType() {}

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
        return new RepoWebhook(task, context.clock());
    }
}
