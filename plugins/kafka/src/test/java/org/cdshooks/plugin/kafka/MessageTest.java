package org.cdshooks.plugin.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.toolkit.Numbers;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MessageTest {
    private static final Instant TIME = Instant.parse("2027-03-01T08:00:00.123Z");
    private static final int LIMIT = 1000;

    private final RecordHeaders headers = new RecordHeaders();

    private ConsumerRecord<byte[], byte[]> message(byte[] key, byte[] value) {
        return new ConsumerRecord<>(
                "orders",
                3,
                17,
                TIME.toEpochMilli(),
                TimestampType.CREATE_TIME,
                key == null ? -1 : key.length,
                value == null ? -1 : value.length,
                key,
                value,
                headers,
                Optional.empty());
    }

    private ConsumerRecord<byte[], byte[]> message(String value) {
        return message("key".getBytes(UTF_8), value.getBytes(UTF_8));
    }

    private static Map<String, String> values(Invocation invocation) {
        return values(invocation, Numbers.EXACT);
    }

    private static Map<String, String> values(Invocation invocation, Numbers numbers) {
        return ((ExecutionResult.Completed) Message.interpret(invocation.payload(), numbers))
                .events()
                .getFirst()
                .values();
    }

    private static Map<String, String> ofTheMessage(Map<String, String> values) {
        Map<String, String> rest = new TreeMap<>(values);
        rest.keySet().removeIf(name -> name.startsWith("kafka."));
        return rest;
    }

    @TestFactory
    Stream<DynamicTest> withNumbersOfGoEachRowIsAsInCds() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest("message " + row.get("in").textValue(), () -> {
                    Invocation captured = Message.capture(message(row.get("in").textValue()), LIMIT);
                    assertThat(ofTheMessage(values(captured, Numbers.GO))).isEqualTo(payload(row));
                }));
    }

    @TestFactory
    Stream<DynamicTest> withExactNumbersOnlyLargeWholeNumbersDiffer() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest("message " + row.get("in").textValue(), () -> {
                    String in = row.get("in").textValue();
                    Map<String, String> expected = in.contains("1000000") ? Map.of("n", "1000000") : payload(row);
                    assertThat(ofTheMessage(values(Message.capture(message(in), LIMIT))))
                            .isEqualTo(expected);
                }));
    }

    @Test
    void theTableIsWhole() throws IOException {
        assertThat(rows()).hasSize(13);
    }

    @Test
    void whereItComesFromIsBesideItsValues() {
        headers.add("trace", "t-1".getBytes(UTF_8));
        headers.add("tag", "a".getBytes(UTF_8));
        headers.add("tag", "b".getBytes(UTF_8));
        headers.add("content-type", "application/json".getBytes(UTF_8));

        Invocation captured = Message.capture(message("{\"git.branch\":\"main\"}"), LIMIT);

        assertThat(captured.payload().contentType()).isEqualTo("application/json");
        assertThat(values(captured))
                .isEqualTo(Map.of(
                        "git.branch", "main",
                        "kafka.topic", "orders",
                        "kafka.partition", "3",
                        "kafka.offset", "17",
                        "kafka.time", "2027-03-01T08:00:00.123Z",
                        "kafka.key", "key",
                        "kafka.header.trace", "t-1",
                        "kafka.header.tag", "a, b",
                        "kafka.header.content-type", "application/json"));
    }

    @Test
    void nothingInAMessageOrItsHeadersReplacesWhereItComesFrom() {
        headers.add("x", "y".getBytes(UTF_8));

        Map<String, String> values = values(Message.capture(
                message("{\"kafka\":{\"topic\":\"forged\",\"offset\":99,\"problem\":\"none\"}}"), LIMIT));

        assertThat(values).containsEntry("kafka.topic", "orders").containsEntry("kafka.offset", "17");
    }

    @Test
    void keysAndHeadersThatAreNoTextAreInBase64() {
        byte[] binary = {(byte) 0xff, 0, 1};
        headers.add("sum", binary);

        Map<String, String> values = values(Message.capture(message(binary, "{}".getBytes(UTF_8)), LIMIT));

        assertThat(values)
                .containsEntry("kafka.key.base64", "/wAB")
                .containsEntry("kafka.header.sum.base64", "/wAB")
                .doesNotContainKeys("kafka.key", "kafka.header.sum");
    }

    @Test
    void aMessageThatIsNoJsonIsThereAsText() {
        assertThat(values(Message.capture(message("deploy main"), LIMIT)))
                .containsEntry("kafka.message", "deploy main");
        assertThat(values(Message.capture(message("{\"a\":1}"), LIMIT))).doesNotContainKey("kafka.message");
    }

    @Test
    void aMessageWithoutContentSaysSo() {
        Map<String, String> values = values(Message.capture(message("key".getBytes(UTF_8), null), LIMIT));

        assertThat(values).containsEntry("kafka.tombstone", "true").containsEntry("kafka.key", "key");
        assertThat(values(Message.capture(message(""), LIMIT))).doesNotContainKey("kafka.tombstone");
    }

    @Test
    void oneThatIsTooLargeIsStoredWithoutItsContentAndFails() {
        Invocation captured = Message.capture(message("x".repeat(LIMIT + 1)), LIMIT);

        assertThat(captured.payload().body()).isEmpty();
        assertThat(Message.interpret(captured.payload(), Numbers.EXACT))
                .isInstanceOfSatisfying(
                        ExecutionResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("1001 bytes")
                                .contains("maxMessage"));
        assertThat(captured.payload().attribute("kafka.offset")).contains("17");
        assertThat(values(Message.capture(message("x".repeat(LIMIT)), LIMIT))).containsKey("kafka.message");
    }

    @Test
    void itsPlaceAndTimeNameIt() {
        assertThat(Message.capture(message("{}"), LIMIT).dedupKey()).contains("orders/3/17@1803888000123");
        assertThat(Message.unreadable(new TopicPartition("orders", 3), 17, "broken")
                        .dedupKey())
                .contains("orders/3/17");
    }

    @Test
    void whatAPersonSendsInPlaceOfAMessageIsReadAsOne() {
        Invocation sent = Invocation.of(Payload.of("application/json", "{\"a\":\"[1]\"}".getBytes(UTF_8)));

        assertThat(values(sent)).isEqualTo(Map.of("a.a0", "1"));
    }

    private static Map<String, String> payload(JsonNode row) {
        Map<String, String> payload = new TreeMap<>();
        row.get("payload")
                .properties()
                .forEach(e -> payload.put(e.getKey(), e.getValue().textValue()));
        return payload;
    }

    private static List<JsonNode> rows() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(MessageTest.class.getResourceAsStream("/flatten-kafka-rabbitmq.json"))) {
            List<JsonNode> rows = new ArrayList<>();
            new ObjectMapper().readTree(in).forEach(rows::add);
            return rows;
        }
    }
}
