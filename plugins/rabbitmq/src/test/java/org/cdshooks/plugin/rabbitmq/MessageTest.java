package org.cdshooks.plugin.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Invocation;
import org.cdshooks.toolkit.Numbers;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MessageTest {
    private static final int LIMIT = 1000;

    private static Invocation capture(String body) {
        return Message.capture(
                new Delivery(
                        new Envelope(1, false, "exchange", "key"), new AMQP.BasicProperties(), body.getBytes(UTF_8)),
                "builds",
                LIMIT,
                true);
    }

    private static Map<String, String> values(Invocation invocation, Numbers numbers) {
        return new TreeMap<>(((ExecutionResult.Completed) Message.interpret(invocation.payload(), numbers))
                .events()
                .getFirst()
                .values());
    }

    private static Map<String, String> ofTheMessage(Map<String, String> values) {
        values.keySet().removeIf(name -> name.startsWith("rabbitmq."));
        return values;
    }

    @TestFactory
    Stream<DynamicTest> withNumbersOfGoEachRowIsAsInCds() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(
                        "message " + row.get("in").textValue(),
                        () -> assertThat(ofTheMessage(
                                        values(capture(row.get("in").textValue()), Numbers.GO)))
                                .isEqualTo(payload(row))));
    }

    @Test
    void theTableIsWhole() throws IOException {
        assertThat(rows()).hasSize(13);
    }

    @Test
    void aMessageThatIsNoJsonIsThereAsText() {
        assertThat(values(capture("deploy main"), Numbers.EXACT)).containsEntry("rabbitmq.message", "deploy main");
        assertThat(values(capture("{\"a\":1}"), Numbers.EXACT)).doesNotContainKey("rabbitmq.message");
    }

    @Test
    void oneThatIsTooLargeIsStoredWithoutItsContentAndFails() {
        Invocation captured = capture("x".repeat(LIMIT + 1));

        assertThat(captured.payload().body()).isEmpty();
        assertThat(Message.interpret(captured.payload(), Numbers.EXACT))
                .isInstanceOfSatisfying(
                        ExecutionResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("1001 bytes")
                                .contains("maxMessage"));
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
