package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Path;
import java.util.Optional;
import org.cdshooks.testbed.RabbitMqServer;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.Tools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of the unpacked zip on one Redis, and a real RabbitMQ: one node is killed, then the broker, which comes back. */
@Timeout(240)
final class RabbitMqIT {
    private static final int MESSAGES = 10_000;

    @TempDir
    Path dir;

    private static Connection connect(RabbitMqServer broker) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(broker.port());
        factory.setUsername(RabbitMqServer.USER);
        factory.setPassword(RabbitMqServer.PASSWORD);
        return factory.newConnection();
    }

    /** Comes back when the broker has them all on its disk. */
    private static void send(RabbitMqServer broker, int from, int to) throws Exception {
        try (Connection connection = connect(broker);
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            for (int n = from; n < to; n++) {
                AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                        .deliveryMode(2)
                        .messageId("message-" + n)
                        .build();
                channel.basicPublish("", "numbers", properties, ("{\"n\":" + n + "}").getBytes(UTF_8));
            }
            channel.waitForConfirmsOrDie(60_000);
        }
    }

    private static void awaitConsumers(RabbitMqServer broker, int count) throws Exception {
        waitUntil(count + " nodes listen", () -> {
            try (Connection connection = connect(broker)) {
                return connection.createChannel().queueDeclarePassive("numbers").getConsumerCount() == count;
            } catch (Exception e) {
                return false; // there is no such queue yet
            }
        });
    }

    @Test
    void aKilledNodeAndAKilledBrokerThatComesBackLoseNothingAndDoubleNoExecution() throws Exception {
        Optional<RabbitMqServer> started = RabbitMqServer.start();
        assumeTrue(Tools.isThereOrInCi(started.isPresent()), "no RabbitMQ can be had here");
        Distribution distribution = Distribution.unpackInto(dir.resolve("dist"));
        try (RabbitMqServer broker = started.orElseThrow();
                RedisServer redis = RedisServer.start();
                NumberedTarget target = new NumberedTarget()) {
            Service one = distribution.serveOn(redis.uri(), dir.resolve("node1"));
            Service two = distribution.serveOn(redis.uri(), dir.resolve("node2"));
            try {
                one.createTask("{\"type\":\"RabbitMQ\",\"config\":{\"uri\":\"127.0.0.1:" + broker.port()
                        + "\",\"user\":\"" + RabbitMqServer.USER + "\",\"password\":\"" + RabbitMqServer.PASSWORD
                        + "\",\"queue\":\"numbers\",\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");
                awaitConsumers(broker, 2);
                send(broker, 0, MESSAGES / 2);
                waitUntil("some have arrived", () -> target.count() > MESSAGES / 10);
                two.kill();
                broker.kill();
                broker.restart();
                send(broker, MESSAGES / 2, MESSAGES);
                waitUntil("all messages have arrived", () -> target.count() == MESSAGES);

                assertThat(target.executions()).as("one execution a message").allMatch(ids -> ids.size() == 1);
                assertThat(one.terminate()).isZero();
                assertThat(one.log()).doesNotContain("com.rabbitmq");
            } finally {
                one.close();
                two.close();
            }
        }
    }
}
