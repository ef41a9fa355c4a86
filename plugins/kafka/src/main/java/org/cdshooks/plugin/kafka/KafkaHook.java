package org.cdshooks.plugin.kafka;

import java.util.List;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.toolkit.Numbers;

/**
 * The hook of one task. It listens on every node: the brokers share the partitions of a topic among the members of a consumer
 * group, and each node is one.
 */
final class KafkaHook implements Hook {
    private final List<Trigger> triggers;
    private final Numbers numbers;

    KafkaHook(Task task, HookContext context, Patience patience) {
        triggers = List.of(
                Trigger.listener(new KafkaListener(task, context, patience)).onEveryNode());
        numbers = KafkaOptions.numbers(task.config());
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
