package org.cdshooks.plugin.rabbitmq;

import java.util.List;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/** Fires on messages of RabbitMQ queues. Has no state: each listener has a connection of its own. */
public final class RabbitMqHookType implements HookType {
    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "RabbitMQ", "Fires on messages of a RabbitMQ queue, with the values in them.", RabbitMqOptions.ALL)
            .servesModels("RabbitMQ hook");

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public RabbitMqHookType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return RabbitMqOptions.problems(config);
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new RabbitMqHook(task, context);
    }
}
