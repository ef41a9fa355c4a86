package org.cdshooks.plugin.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.toolkit.BrokerMessages;
import org.cdshooks.toolkit.Numbers;

/**
 * What is kept of a message, and what an execution makes of it.
 *
 * <p>The event has the values of the message, if that is a JSON object or array, by the rules of CDS for Kafka; and beside
 * them where it comes from, under names that begin with {@value #PREFIX}, which nothing in a message replaces.
 */
final class Message {
    static final String PREFIX = "kafka.";
    static final String TOPIC = "kafka.topic";
    static final String PARTITION = "kafka.partition";
    static final String OFFSET = "kafka.offset";
    static final String TIME = "kafka.time";
    static final String KEY = "kafka.key";
    static final String HEADER = "kafka.header.";

    /** There, and {@code true}, if the message has no content: what deletes a key in a compacted topic. */
    static final String TOMBSTONE = "kafka.tombstone";

    /** Why nothing can be made of it; said by what captures, never by the message. */
    static final String PROBLEM = "kafka.problem";

    /** Behind the name of a key or header whose bytes are no text. */
    static final String BASE64 = ".base64";

    private static final int MAX_HEADERS = 100;
    private static final int MAX_HEADER = 8_192;

    private Message() {}

    // ------------------------------------------------------------------------------------------------ capturing

    /** Returns what is to be stored of a message. One that is too large is stored without its content, and fails. */
    static Invocation capture(ConsumerRecord<byte[], byte[]> message, int maxBytes) {
        int size = message.value() == null ? 0 : message.value().length;
        if (size > maxBytes) {
            return failed(
                    message,
                    "the message has " + size + " bytes, and the option maxMessage of the task allows " + maxBytes
                            + "; its content was not stored, and is in the topic as long as that keeps it");
        }
        String type = Optional.ofNullable(message.headers().lastHeader("content-type"))
                .map(Header::value)
                .flatMap(Message::text)
                .orElse("");
        byte[] body = message.value() == null ? new byte[0] : message.value();
        return named(message, Payload.of(type, body).withAttributes(attributes(message)));
    }

    /** Returns what is to be stored of a message of which the content can't be. */
    static Invocation failed(ConsumerRecord<byte[], byte[]> message, String problem) {
        Map<String, List<String>> attributes = attributes(message);
        attributes.put(PROBLEM, List.of(problem));
        return named(message, Payload.of("", new byte[0]).withAttributes(attributes));
    }

    /** Returns what is to be stored of a message that the client can't read at all. */
    static Invocation unreadable(TopicPartition partition, long offset, String problem) {
        Map<String, List<String>> attributes = new HashMap<>();
        attributes.put(TOPIC, List.of(partition.topic()));
        attributes.put(PARTITION, List.of(String.valueOf(partition.partition())));
        attributes.put(OFFSET, List.of(String.valueOf(offset)));
        attributes.put(PROBLEM, List.of(problem));
        return Invocation.of(Payload.of("", new byte[0]).withAttributes(attributes))
                .dedupKey(partition.topic() + "/" + partition.partition() + "/" + offset);
    }

    /**
     * The message's own time tells it from one that has its offset after it: in a topic that was deleted and made anew, or
     * where brokers have lost what they had acknowledged.
     */
    private static Invocation named(ConsumerRecord<byte[], byte[]> message, Payload payload) {
        return Invocation.of(payload)
                .dedupKey(message.topic() + "/" + message.partition() + "/" + message.offset() + "@"
                        + message.timestamp());
    }

    private static Map<String, List<String>> attributes(ConsumerRecord<byte[], byte[]> message) {
        Map<String, List<String>> all = new HashMap<>();
        int headers = 0;
        for (Header header : message.headers()) {
            if (headers++ == MAX_HEADERS) {
                break;
            }
            put(all, HEADER + header.key(), header.value());
        }
        put(all, KEY, message.key());
        all.put(TOPIC, List.of(message.topic()));
        all.put(PARTITION, List.of(String.valueOf(message.partition())));
        all.put(OFFSET, List.of(String.valueOf(message.offset())));
        all.put(TIME, List.of(Instant.ofEpochMilli(message.timestamp()).toString()));
        if (message.value() == null) {
            all.put(TOMBSTONE, List.of("true"));
        }
        return all;
    }

    private static void put(Map<String, List<String>> all, String name, byte[] value) {
        if (value == null || value.length > MAX_HEADER) {
            return;
        }
        Optional<String> text = text(value);
        String as = text.isPresent() ? name : name + BASE64;
        all.computeIfAbsent(as, n -> new ArrayList<>())
                .add(text.orElseGet(() -> Base64.getEncoder().encodeToString(value)));
    }

    private static Optional<String> text(byte[] value) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    // ------------------------------------------------------------------------------------------------ interpreting

    /** Makes an event of what was stored. */
    static ExecutionResult interpret(Payload payload, Numbers numbers) {
        return BrokerMessages.interpret(payload, numbers, PREFIX);
    }
}
