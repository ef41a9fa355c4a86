package org.cdshooks.plugin.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.toolkit.BrokerMessages;
import org.cdshooks.toolkit.Numbers;

/**
 * What is kept of a message, and what an execution makes of it.
 *
 * <p>The event has the values of the message, if that is a JSON object or array, by the rules of CDS for RabbitMQ; and beside
 * them where it comes from, under names that begin with {@value #PREFIX}, which nothing in a message replaces.
 */
final class Message {
    static final String PREFIX = "rabbitmq.";
    static final String HEADER = "rabbitmq.header.";

    /** Why nothing can be made of it; said by what captures, never by the message. */
    static final String PROBLEM = "rabbitmq.problem";

    private static final int MAX_HEADERS = 100;
    private static final int MAX_HEADER = 8_192;

    private Message() {}

    /** Returns what is to be stored of a message. One that is too large is stored without its content, and fails. */
    static Invocation capture(Delivery delivery, String queue, int maxBytes, boolean dedup) {
        int size = delivery.getBody().length;
        if (size > maxBytes) {
            return failed(
                    delivery,
                    queue,
                    "the message has " + size + " bytes, and the option maxMessage of the task allows " + maxBytes
                            + "; its content was not stored",
                    dedup);
        }
        String type =
                Optional.ofNullable(delivery.getProperties().getContentType()).orElse("");
        return named(delivery, Payload.of(type, delivery.getBody()).withAttributes(attributes(delivery, queue)), dedup);
    }

    /** Returns what is to be stored of a message of which the content can't be. */
    static Invocation failed(Delivery delivery, String queue, String problem, boolean dedup) {
        Map<String, List<String>> attributes = attributes(delivery, queue);
        attributes.put(PROBLEM, List.of(problem));
        return named(delivery, Payload.of("", new byte[0]).withAttributes(attributes), dedup);
    }

    /**
     * AMQP has no name for a message but the one that its publisher may give it. One without can't be told from another with
     * the same content, which is another message; so it has no key, and comes twice if it is delivered twice.
     */
    private static Invocation named(Delivery delivery, Payload payload, boolean dedup) {
        String id = delivery.getProperties().getMessageId();
        Invocation invocation = Invocation.of(payload);
        return dedup && id != null && !id.isBlank() ? invocation.dedupKey(id) : invocation;
    }

    private static Map<String, List<String>> attributes(Delivery delivery, String queue) {
        AMQP.BasicProperties properties = delivery.getProperties();
        Map<String, List<String>> all = new HashMap<>();
        if (properties.getHeaders() != null) {
            int headers = 0;
            for (Map.Entry<String, Object> header : properties.getHeaders().entrySet()) {
                if (headers++ == MAX_HEADERS) {
                    break;
                }
                put(all, HEADER + header.getKey(), header.getValue());
            }
        }
        put(all, "rabbitmq.queue", queue);
        put(all, "rabbitmq.exchange", delivery.getEnvelope().getExchange());
        put(all, "rabbitmq.routing_key", delivery.getEnvelope().getRoutingKey());
        put(all, "rabbitmq.redelivered", delivery.getEnvelope().isRedeliver());
        put(all, "rabbitmq.message_id", properties.getMessageId());
        put(all, "rabbitmq.correlation_id", properties.getCorrelationId());
        put(all, "rabbitmq.type", properties.getType());
        put(all, "rabbitmq.app_id", properties.getAppId());
        if (properties.getTimestamp() != null) {
            put(all, "rabbitmq.time", properties.getTimestamp().toInstant());
        }
        return all;
    }

    private static void put(Map<String, List<String>> all, String name, Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        if (text.length() <= MAX_HEADER) {
            all.put(name, List.of(text));
        }
    }

    /** Makes an event of what was stored. */
    static ExecutionResult interpret(Payload payload, Numbers numbers) {
        return BrokerMessages.interpret(payload, numbers, PREFIX);
    }
}
