package org.cdshooks.plugin.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that no real broker can be made to send. */
@Timeout(30)
class ConsumptionTest {
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);
    private static final TopicPartition SECOND = new TopicPartition("orders", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final List<Payload> stored = new CopyOnWriteArrayList<>();
    private final HookConfig config = KafkaOptions.ALL.parse(Map.of("brokers", "a:1", "topic", "orders"));
    private final Map<TopicPartition, Long> known = new ConcurrentHashMap<>();
    private final Ear ear = new Ear();

    private record OneTask(TaskId id, HookConfig config) implements Task {
        @Override
        public String type() {
            return "Kafka";
        }

        @Override
        public long revision() {
            return 1;
        }
    }

    private final class Ear implements TriggerContext {
        private final CountDownLatch wanted = new CountDownLatch(4);

        @Override
        public Receipt emit(Invocation invocation) {
            Payload payload = invocation.payload();
            if (payload.text().equals("cursed")) {
                throw new IllegalArgumentException("the store has no letters for it");
            }
            stored.add(payload);
            wanted.countDown();
            return new Receipt(new ExecutionId(invocation.dedupKey().orElseThrow()), false);
        }

        @Override
        public Optional<String> cursor() {
            return Optional.empty();
        }

        @Override
        public boolean isCancelled() {
            return false;
        }
    }

    private static ConsumerRecord<byte[], byte[]> message(TopicPartition partition, long offset, String text) {
        return new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, text.getBytes(UTF_8));
    }

    private List<String> attributes(String name) {
        return stored.stream()
                .flatMap(payload -> payload.attribute(name).stream())
                .toList();
    }

    /** Reads until four are stored. */
    private void run() throws Exception {
        Node node = new Node(1, "a", 1);
        consumer.updatePartitions(
                "orders",
                List.of(
                        new PartitionInfo("orders", 0, node, new Node[] {node}, new Node[] {node}),
                        new PartitionInfo("orders", 1, node, new Node[] {node}, new Node[] {node})));
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        consumer.updateEndOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        Task task = new OneTask(new TaskId("task"), config);
        Consumption consumption = new Consumption(
                consumer,
                config,
                ear,
                InstantSource.system(),
                new Words(task, Connection.of(config)),
                new Patience(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMinutes(1)),
                known,
                FormerGroups.NONE);
        Thread stopper = Thread.ofVirtual().start(() -> {
            try {
                assertThat(ear.wanted.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                consumption.stop();
            }
        });
        consumption.run();
        stopper.join();
    }

    @Test
    void aMessageThatCannotBeReadBecomesAFailedExecutionAndItsPartitionGoesOn() throws Exception {
        consumer.schedulePollTask(() -> {
            consumer.rebalance(List.of(FIRST, SECOND));
            consumer.addRecord(message(FIRST, 0, "a"));
            consumer.addRecord(message(SECOND, 0, "b"));
        });
        consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException(
                "Received exception when fetching the next record from orders-0. If needed, please seek past the record"
                        + " to continue consumption.")));
        consumer.schedulePollTask(() -> consumer.addRecord(message(FIRST, 2, "c")));

        run();

        assertThat(stored.stream().map(Payload::text)).containsExactlyInAnyOrder("a", "b", "", "c");
        assertThat(attributes("kafka.problem"))
                .singleElement()
                .asString()
                .contains("can't be read")
                .contains("orders-0");
    }

    @Test
    void aMessageThatCannotBeStoredBecomesAFailedExecutionAndItsPartitionGoesOn() throws Exception {
        consumer.schedulePollTask(() -> {
            consumer.rebalance(List.of(FIRST, SECOND));
            consumer.addRecord(message(FIRST, 0, "a"));
            consumer.addRecord(message(FIRST, 1, "cursed"));
            consumer.addRecord(message(FIRST, 2, "c"));
            consumer.addRecord(message(FIRST, 3, "d"));
        });

        run();

        assertThat(stored.stream().map(Payload::text)).containsExactlyInAnyOrder("a", "", "c", "d");
        assertThat(attributes("kafka.problem")).singleElement().asString().contains("could not be stored");
    }

    @Test
    void whatThisNodeHasStoredAndCouldNotCommitIsNotReadAgain() throws Exception {
        known.put(FIRST, 2L);
        consumer.schedulePollTask(() -> {
            consumer.rebalance(List.of(FIRST));
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(1)));
        });
        consumer.schedulePollTask(() -> {
            consumer.rebalance(List.of());
            consumer.rebalance(List.of(FIRST));
            for (int offset = 2; offset < 6; offset++) {
                consumer.addRecord(message(FIRST, offset, "m" + offset));
            }
        });

        run();

        assertThat(stored.stream().map(Payload::text)).containsExactlyInAnyOrder("m2", "m3", "m4", "m5");
        assertThat(known).containsEntry(FIRST, 6L);
    }
}
