package org.cdshooks.plugin.rabbitmq;

import java.util.List;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.toolkit.Numbers;

/** The hook of one task. It listens on every node: the broker shares the messages of a queue among its consumers. */
final class RabbitMqHook implements Hook {
    private final List<Trigger> triggers;
    private final Numbers numbers;

    RabbitMqHook(Task task, HookContext context) {
        triggers = List.of(Trigger.listener(new RabbitMqListener(task, context)).onEveryNode());
        numbers = Numbers.of(task.config().get(RabbitMqOptions.NUMBERS));
    }

    @Override
    public List<Trigger> triggers() {
        return triggers;
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
        return Message.interpret(execution.payload(), numbers);
    }
}
