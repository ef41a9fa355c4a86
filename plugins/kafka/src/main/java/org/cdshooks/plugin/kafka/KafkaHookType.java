package org.cdshooks.plugin.kafka;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/** Fires on messages of Kafka topics. Has no state: each listener has a client of its own. */
public final class KafkaHookType implements HookType {
    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "Kafka", "Fires on messages of a Kafka topic, with the values in them.", KafkaOptions.ALL)
            .servesModels("Kafka hook");

    private volatile Optional<NodeContext> node = Optional.empty();

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public KafkaHookType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return KafkaOptions.problems(config);
    }

    @Override
    public void start(NodeContext context) {
        node = Optional.of(context);
    }

    /** The API of CDS keeps the group with its hook, as its own service tells it. */
    @Override
    public Map<String, String> complete(Task task) throws Exception {
        Optional<NodeContext> host = node;
        if (host.isEmpty()
                || KafkaOptions.written(task.config(), KafkaOptions.PLATFORM).isEmpty()
                || KafkaOptions.written(task.config(), KafkaOptions.GROUP).isPresent()) {
            return Map.of();
        }
        return Map.of(KafkaOptions.GROUP.name(), KafkaOptions.groupOf(task, Connection.of(task.config(), host.get())));
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new KafkaHook(task, context, Patience.USUAL);
    }
}
