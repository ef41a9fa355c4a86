package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.cdshooks.testbed.KafkaBroker;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Two nodes of the unpacked zip on one Redis, and a real broker: one node is killed, then the broker is stopped for a while. */
@Timeout(180)
final class KafkaIT {
    private static final int MESSAGES = 10_000;
    private static final int PARTITIONS = 8;

    @TempDir
    Path dir;

    /** What a broker has to say of itself fills a screen each second. */
    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    }

    private static void send(KafkaBroker broker, int from, int to) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int n = from; n < to; n++) {
            records.add(new ProducerRecord<>("numbers", n % PARTITIONS, null, ("{\"n\":" + n + "}").getBytes(UTF_8)));
        }
        broker.send(records);
    }

    @Test
    void aKilledNodeAndABrokerThatGoesAndComesBackLoseNothingAndDoubleNoExecution() throws Exception {
        Distribution distribution = Distribution.unpackInto(dir.resolve("dist"));
        try (KafkaBroker broker = KafkaBroker.start();
                RedisServer redis = RedisServer.start();
                NumberedTarget target = new NumberedTarget()) {
            broker.createTopic("numbers", PARTITIONS);
            Service one = distribution.serveOn(redis.uri(), dir.resolve("node1"));
            Service two = distribution.serveOn(redis.uri(), dir.resolve("node2"));
            try {
                String task = one.createTask("{\"type\":\"Kafka\",\"config\":{\"brokers\":\"" + broker.address()
                        + "\",\"topic\":\"numbers\",\"start\":\"earliest\",\"kafka.session.timeout.ms\":\"6000\","
                        + "\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");
                awaitMembers(broker, "cds-hooks-" + task, 2);
                send(broker, 0, MESSAGES / 2);
                waitUntil("some have arrived", () -> target.count() > MESSAGES / 10);
                two.kill();
                broker.stop();
                broker.restart();
                send(broker, MESSAGES / 2, MESSAGES);
                waitUntil("all messages have arrived", () -> target.count() == MESSAGES);

                assertThat(target.executions()).as("one execution a message").allMatch(ids -> ids.size() == 1);
                assertThat(one.terminate()).isZero();
                assertThat(one.log()).doesNotContain("NetworkClient").doesNotContain("ConsumerConfig");
            } finally {
                one.close();
                two.close();
            }
        }
    }

    private static void awaitMembers(KafkaBroker broker, String group, int count) throws InterruptedException {
        try (var admin = broker.admin()) {
            waitUntil(count + " nodes share the partitions", () -> {
                try {
                    var members = admin.describeConsumerGroups(List.of(group))
                            .all()
                            .get()
                            .get(group)
                            .members();
                    return members.size() == count
                            && members.stream()
                                    .allMatch(member -> member.assignment()
                                                    .topicPartitions()
                                                    .size()
                                            == PARTITIONS / count);
                } catch (Exception e) {
                    return false; // there is no such group yet
                }
            });
        }
    }
}
