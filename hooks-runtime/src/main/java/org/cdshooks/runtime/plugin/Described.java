package org.cdshooks.runtime.plugin;

import java.util.List;
import java.util.Map;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/**
 * Providers whose descriptor was read once, when they were loaded. From then on it is a value: asking for it runs no
 * code of the plugin and gives the same answer each time.
 */
final class Described {
    private Described() {}

    record Type(HookType type, HookTypeDescriptor descriptor) implements HookType {
        @Override
        public void start(NodeContext node) throws Exception {
            type.start(node);
        }

        @Override
        public List<ConfigProblem> validate(HookConfig config) {
            return type.validate(config);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return type.create(task, context);
        }

        @Override
        public Map<String, String> complete(Task task) throws Exception {
            return type.complete(task);
        }

        @Override
        public void stop() throws Exception {
            type.stop();
        }
    }

    record Sink(EventSink sink, SinkDescriptor descriptor) implements EventSink {
        @Override
        public void start(NodeContext node) throws Exception {
            sink.start(node);
        }

        @Override
        public List<ConfigProblem> validate(HookConfig config) {
            return sink.validate(config);
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) throws Exception {
            return sink.deliver(delivery);
        }

        @Override
        public void stop() throws Exception {
            sink.stop();
        }
    }
}
