package org.cdshooks.plugin.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.toolkit.FlatJson;
import org.cdshooks.toolkit.JsonFlattener;
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

    /** The text of a message that is no JSON object or array, or that is beyond the limits of flattening. */
    static final String TEXT = "rabbitmq.message";

    /** Why nothing can be made of it; said by what captures, never by the message. */
    static final String PROBLEM = "rabbitmq.problem";

    static final String TRUNCATED = "payload.truncated";
    static final int MAX_TEXT = 65_536;
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

    /** Makes an event of what was stored; what a person sent instead may lack all that is beside the body. */
    static ExecutionResult interpret(Payload payload, Numbers numbers) {
        Optional<String> problem = payload.attribute(PROBLEM);
        if (problem.isPresent()) {
            return ExecutionResult.rejected(problem.get());
        }
        String text = payload.text();
        FlatJson json = JsonFlattener.with(numbers).parsingStrings().flatten(text);
        Map<String, String> values = new TreeMap<>(json.values());
        if (json.truncated()) {
            values.put(TRUNCATED, "true");
        }
        payload.attributes().keySet().stream()
                .filter(name -> name.startsWith(PREFIX))
                .forEach(name -> values.put(name, payload.attribute(name).orElse("")));
        if (json.problem().isPresent() && !text.isEmpty()) {
            values.put(TEXT, beginning(text));
        }
        return ExecutionResult.completed(HookEvent.of(values));
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
        return text.substring(0, splitsPair ? MAX_TEXT - 1 : MAX_TEXT);
    }
}
