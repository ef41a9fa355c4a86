package org.cdshooks.plugin.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.Listener;
import org.cdshooks.api.Task;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;
import org.jspecify.annotations.Nullable;

/**
 * Listens as one of the consumers of the task's queue. A connection that is lost ends it: it is the runtime that begins it
 * anew with growing delays, and shows why.
 */
final class RabbitMqListener implements Listener {
    private static final int CONNECT_MILLIS = 10_000;
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final int CLOSE_MILLIS = 3_000;
    private static final int HEARTBEAT_SECONDS = 15;

    private final Task task;
    private final HookContext host;

    RabbitMqListener(Task task, HookContext host) {
        this.task = task;
        this.host = host;
    }

    @Override
    public void listen(TriggerContext context) throws Exception {
        HookConfig config = task.config();
        Address address = Address.of(config, host);
        ConnectionFactory factory = new ConnectionFactory();
        address.apply(factory);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(CONNECT_MILLIS);
        factory.setHandshakeTimeout(CONNECT_MILLIS);
        factory.setChannelRpcTimeout(CONNECT_MILLIS);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setMaxInboundMessageBodySize(2 * RabbitMqOptions.MAX_MAX_MESSAGE);
        factory.setThreadFactory(Thread.ofPlatform()
                .daemon()
                .name("rabbitmq-" + task.id() + "-", 0)
                .factory());
        Connection connection = connect(factory, address);
        try {
            consume(connection, config, context);
        } catch (ShutdownSignalException e) {
            throw words(e, e, address, config);
        } catch (IOException e) {
            throw words(e, e.getCause(), address, config);
        } finally {
            connection.abort(CLOSE_MILLIS);
        }
    }

    private Connection connect(ConnectionFactory factory, Address address) throws IOException {
        try {
            return factory.newConnection("cds-hooks " + task.id());
        } catch (PossibleAuthenticationFailureException e) {
            throw new IOException(
                    "options user and password (" + factory.getUsername() + "): the broker at " + address.uri()
                            + " refuses them",
                    e);
        } catch (SSLException e) {
            throw new IOException(
                    address.option() + ": no encrypted connection could be made; look at tlsCa: " + e.getMessage(), e);
        } catch (IOException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    address.option() + ": the broker does not answer, or not as one: " + cause
                            + "; is it running, can this" + " machine reach it, and is the virtual host right?",
                    e);
        }
    }

    private static void consume(Connection connection, HookConfig config, TriggerContext context) throws Exception {
        String queue = config.get(RabbitMqOptions.QUEUE).strip();
        declare(connection, queue, config);
        Channel channel = connection.createChannel();
        channel.basicQos(config.get(RabbitMqOptions.PREFETCH));
        Intake intake = new Intake(channel, queue, config, context);
        try {
            connection.addShutdownListener(intake::over);
            channel.addShutdownListener(intake::over);
            String tag = RabbitMqOptions.written(config, RabbitMqOptions.CONSUMER_TAG)
                    .orElse("");
            String consumer = channel.basicConsume(queue, false, tag, intake);
            while (!intake.await(LOOK)) {
                // Not every broker tells that a queue is gone, nor in time if it goes while it makes us a consumer.
                if (!isThere(connection, queue)) {
                    intake.handleCancel(consumer);
                }
            }
        } finally {
            intake.end();
        }
    }

    /** A queue that is there is taken as it is; what is missing is made as CDS does, to last. */
    private static void declare(Connection connection, String queue, HookConfig config) throws Exception {
        if (!isThere(connection, queue)) {
            try (Channel channel = connection.createChannel()) {
                Map<String, Object> arguments =
                        config.get(RabbitMqOptions.QUEUE_TYPE).equals("quorum")
                                ? Map.of("x-queue-type", "quorum")
                                : Map.of();
                var _ = channel.queueDeclare(queue, true, false, false, arguments);
            }
        }
        String exchange =
                RabbitMqOptions.written(config, RabbitMqOptions.EXCHANGE).orElse("");
        if (!exchange.isEmpty()) {
            try (Channel channel = connection.createChannel()) {
                String type = RabbitMqOptions.written(config, RabbitMqOptions.EXCHANGE_TYPE)
                        .orElse("topic");
                var _ = channel.exchangeDeclare(exchange, type, true);
                var _ = channel.queueBind(
                        queue,
                        exchange,
                        RabbitMqOptions.written(config, RabbitMqOptions.BINDING_KEY)
                                .orElse(""));
            }
        }
    }

    private static boolean isThere(Connection connection, String queue) throws IOException {
        Channel channel = connection.createChannel();
        try {
            var _ = channel.queueDeclarePassive(queue);
            channel.abort();
            return true;
        } catch (IOException e) { // the broker has closed the channel
            if (e.getCause() instanceof ShutdownSignalException closed
                    && closed.getReason() instanceof AMQP.Channel.Close close
                    && close.getReplyCode() == AMQP.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private static IOException words(Exception e, @Nullable Throwable cause, Address address, HookConfig config) {
        if (!(cause instanceof ShutdownSignalException closed)) {
            return e instanceof IOException io ? io : new IOException(e);
        }
        String queue = config.get(RabbitMqOptions.QUEUE);
        if (closed.getReason() instanceof AMQP.Channel.Close close) {
            String said = close.getReplyText();
            return new IOException(
                    switch (close.getReplyCode()) {
                        case AMQP.ACCESS_REFUSED ->
                            "option user: the user may not configure, write or read what is needed for the queue '"
                                    + queue + "': " + said;
                        case AMQP.PRECONDITION_FAILED ->
                            "options queue, exchange_name and exchange_type: what is there differs from what they say, or a"
                                    + " message waited too long for the store: " + said;
                        case AMQP.NOT_FOUND -> "option queue ('" + queue + "'): it is gone: " + said;
                        default -> "option queue ('" + queue + "'): " + close.getReplyCode() + " " + said;
                    },
                    e);
        }
        return new IOException(address.option() + ": the connection was lost: " + closed.getMessage(), e);
    }
}
