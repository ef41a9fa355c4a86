package org.cdshooks.plugin.rabbitmq;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.testbed.RabbitMqServer;
import org.cdshooks.testbed.Tools;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Quorum queues, which only a real RabbitMQ has. */
@Timeout(120)
class QuorumQueueTest {
    private static final String QUEUE = "quorum-test";

    @Test
    void aQuorumQueueIsMadeAndReadAndTakenAsItIs() throws Exception {
        Optional<RabbitMqServer> started = RabbitMqServer.start();
        assumeTrue(Tools.isThereOrInCi(started.isPresent()), "no RabbitMQ can be had here");
        try (RabbitMqServer server = started.orElseThrow();
                Connection connection = connect(server)) {
            Channel channel = connection.createChannel(); // the broker closes it in the end
            for (String type : new String[] {"quorum", "classic"}) {
                try (HookHarness harness = HookHarness.of(new RabbitMqHookType())
                        .create(Map.of(
                                "uri",
                                "127.0.0.1:" + server.port(),
                                "user",
                                RabbitMqServer.USER,
                                "password",
                                RabbitMqServer.PASSWORD,
                                "queue",
                                QUEUE,
                                "queue_type",
                                type))
                        .listen()) {
                    awaitConsumer(server);
                    channel.basicPublish("", QUEUE, null, "{}".getBytes());
                    harness.awaitEmitted(1);
                    harness.stopListening();
                }
            }
            assertThatThrownBy(() -> channel.queueDeclare(QUEUE, true, false, false, Map.of()))
                    .hasStackTraceContaining("x-queue-type");
        }
    }

    private static Connection connect(RabbitMqServer server) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(server.port());
        factory.setUsername(RabbitMqServer.USER);
        factory.setPassword(RabbitMqServer.PASSWORD);
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    private static void awaitConsumer(RabbitMqServer server) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!hasConsumer(server)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("nobody listens to " + QUEUE);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static boolean hasConsumer(RabbitMqServer server) {
        try (Connection connection = connect(server)) {
            return connection.createChannel().queueDeclarePassive(QUEUE).getConsumerCount() > 0;
        } catch (Exception e) {
            return false; // there is no such queue yet
        }
    }
}
