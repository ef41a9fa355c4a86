package org.cdshooks.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.cdshooks.testbed.KafkaBroker;
import org.slf4j.LoggerFactory;

/**
 * How many messages a second one task turns into stored executions: the topic is full when the task is made, and what is
 * committed to the broker is stored. The target is slow, so that executions queue up as they do behind a workflow server.
 */
final class KafkaBenchmark {
    private static final int MESSAGES = 100_000;
    private static final int WARM_UP = 30_000;
    private static final long LIMIT = TimeUnit.MINUTES.toNanos(3);

    private final Path home;
    private final Path work;
    private final Table table;

    KafkaBenchmark(Path home, Path work, Table table) {
        this.home = home;
        this.work = work;
        this.table = table;
    }

    void run() throws Exception {
        System.out.println(
                "\nKafka: messages of 1 KiB of one topic become stored executions (local store); broker beside it");
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
        for (int partitions : new int[] {1, 8}) {
            try (KafkaBroker broker = KafkaBroker.start();
                    Admin admin = broker.admin();
                    Target target = new Target();
                    Node node = Node.service(
                            home, work.resolve("of" + partitions), Map.of("HOOKS_MAXUNFINISHED", "2000000"))) {
                broker.createTopic("numbers", partitions);
                fill(broker, partitions);
                String uuid = node.createTask("{\"type\":\"Kafka\",\"config\":{\"brokers\":\"" + broker.address()
                        + "\",\"topic\":\"numbers\",\"start\":\"earliest\",\"sink\":\"http\",\"sink.url\":\""
                        + target.slowUrl() + "\"}}");
                measure(admin, "cds-hooks-" + uuid, partitions);
            }
        }
    }

    private static void fill(KafkaBroker broker, int partitions) {
        byte[] message =
                ("{\"git.branch\":\"main\",\"message\":\"" + "lorem ipsum ".repeat(82) + "\"}").getBytes(UTF_8);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < MESSAGES; i++) {
                var _ = producer.send(new ProducerRecord<>("numbers", i % partitions, null, message));
            }
        } // which waits until all are sent
    }

    private void measure(Admin admin, String group, int partitions) throws Exception {
        long limit = System.nanoTime() + LIMIT;
        long warm = await(admin, group, WARM_UP, limit);
        long begin = System.nanoTime();
        long end = await(admin, group, MESSAGES, limit);
        double perSecond = (end - warm) / ((System.nanoTime() - begin) / 1e9);
        table.row(
                "Kafka, one task, topic of " + partitions + (partitions == 1 ? " partition" : " partitions"),
                String.format("%,.0f messages/s stored", perSecond),
                ">= 3,000/s",
                perSecond >= 3_000 && end == MESSAGES);
    }

    private static long await(Admin admin, String group, int count, long limit) throws Exception {
        long committed = 0;
        while (committed < count && System.nanoTime() < limit) {
            TimeUnit.MILLISECONDS.sleep(20);
            committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(offset -> offset == null ? 0 : offset.offset())
                    .sum();
        }
        return committed;
    }
}
