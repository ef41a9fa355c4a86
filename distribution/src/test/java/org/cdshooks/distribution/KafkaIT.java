package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern NUMBER = Pattern.compile("\"n\":\"(\\d+)\"");

    /** The executions that have delivered each message, by its number. */
    private final Map<Integer, Set<String>> arrived = new ConcurrentHashMap<>();

    @TempDir
    Path dir;

    /** What a broker has to say of itself fills a screen each second. */
    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    }

    private Service node(Distribution distribution, RedisServer redis, int number) throws Exception {
        return distribution.serve(
                dir.resolve("node" + number),
                Map.of(
                        "HOOKS_STORE_TYPE", "redis",
                        "HOOKS_STORE_REDIS_URL", redis.uri(),
                        "HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32",
                        "HOOKS_RETRYDELAY", "1",
                        "HOOKS_EXECUTIONHISTORY", "5"));
    }

    private HttpServer target(ExecutorService threads) throws IOException {
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        target.setExecutor(threads);
        target.createContext("/in", exchange -> {
            try (exchange) {
                Matcher number =
                        NUMBER.matcher(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                if (number.find()) {
                    arrived.computeIfAbsent(Integer.valueOf(number.group(1)), n -> ConcurrentHashMap.newKeySet())
                            .add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        target.start();
        return target;
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
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            broker.createTopic("numbers", PARTITIONS);
            HttpServer target = target(threads);
            Service one = node(distribution, redis, 1);
            Service two = node(distribution, redis, 2);
            try {
                String task = one.createTask("{\"type\":\"Kafka\",\"config\":{\"brokers\":\"" + broker.address()
                        + "\",\"topic\":\"numbers\",\"start\":\"earliest\",\"kafka.session.timeout.ms\":\"6000\","
                        + "\"sink\":\"http\",\"sink.url\":\"http://127.0.0.1:"
                        + target.getAddress().getPort() + "/in\"}}");
                awaitMembers(broker, "cds-hooks-" + task, 2);
                send(broker, 0, MESSAGES / 2);
                waitUntil("some have arrived", () -> arrived.size() > MESSAGES / 10);
                two.kill();
                broker.stop();
                broker.restart();
                send(broker, MESSAGES / 2, MESSAGES);
                waitUntil("all messages have arrived", () -> arrived.size() == MESSAGES);

                assertThat(arrived.values()).as("one execution a message").allMatch(ids -> ids.size() == 1);
                assertThat(one.terminate()).isZero();
                assertThat(one.log()).doesNotContain("NetworkClient").doesNotContain("ConsumerConfig");
            } finally {
                one.close();
                two.close();
                target.stop(0);
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
