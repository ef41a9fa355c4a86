package org.cdshooks.plugin.kafka;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaContractTest extends HookTypeContract {
    private static final String TOPIC = Broker.topic(1);
    private static final String GROUP = "contract";

    @Override
    protected HookType type() {
        return new KafkaHookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("brokers", Broker.get().address(), "topic", TOPIC, "start", "earliest", "consumer group", GROUP);
    }

    @Override
    protected boolean provokeListener() {
        Broker.get().send(TOPIC, 1, i -> "{\"a\":1}");
        return true;
    }

    @Override
    protected OptionalLong acknowledged() {
        try (var admin = Broker.get().admin()) {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(new TopicPartition(TOPIC, 0));
            return OptionalLong.of(offset == null ? 0 : offset.offset());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected boolean ignoresThread(String name) {
        // those of the broker, which makes some of them when it is first asked for something
        return !name.startsWith("kafka-contract") && !name.startsWith("kafka-store") && !name.contains("| " + GROUP);
    }
}
