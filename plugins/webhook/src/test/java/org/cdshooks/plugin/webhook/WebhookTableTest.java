package org.cdshooks.plugin.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.TestCall;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rows are what the original service made of requests. Where this one differs, the row is named here. */
class WebhookTableTest {
    private static final Map<String, String> BASE = Map.of(
            "cds.triggered_by.fullname", "CDS Webhook",
            "cds.triggered_by.username", "cds.webhook",
            "hookIcon", "",
            "webHookURL", "http://h/webhook/u",
            "workflow_id", "7");

    /** The original ends without an event for a form that is well-formed, by an inverted test. */
    private static final Map<String, Map<String, String>> FORMS =
            Map.of("form", with(Map.of("a", "1", "b", "2")), "form empty", BASE);

    /** The original fails, and tries again twice; here they are rejected at once. */
    private static final List<String> REJECTED = List.of("query bad escape", "query semicolon");

    /** Whole numbers that lose their digits, or their look, by a detour through a double. */
    private static final Map<String, String> EXACT_NUMBERS = Map.of(
            "int 1000000", "1000000",
            "int 20999999", "20999999",
            "int 21000000", "21000000",
            "int 123456789", "123456789",
            "int 1234567890", "1234567890",
            "int 2^53", "9007199254740992",
            "int64 max", "9223372036854775807");

    @TestFactory
    Stream<DynamicTest> withNumbersOfGoEachRowIsAsInCds() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(name(row), () -> {
                    if (REJECTED.contains(name(row))) {
                        assertThat(execute(row, "go")).isInstanceOf(ExecutionResult.Rejected.class);
                    } else {
                        Map<String, String> expected =
                                FORMS.containsKey(name(row)) ? FORMS.get(name(row)) : payload(row);
                        assertThat(values(execute(row, "go"))).isEqualTo(expected);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> withExactNumbersOnlyLargeWholeNumbersDiffer() throws IOException {
        return rows().stream()
                .filter(row -> !REJECTED.contains(name(row)))
                .map(row -> DynamicTest.dynamicTest(name(row), () -> {
                    Map<String, String> actual = values(execute(row, "exact"));
                    if (EXACT_NUMBERS.containsKey(name(row))) {
                        assertThat(actual).isEqualTo(with(Map.of("n", EXACT_NUMBERS.get(name(row)))));
                        assertThat(actual).isNotEqualTo(payload(row));
                    } else {
                        assertThat(actual).isEqualTo(values(execute(row, "go")));
                    }
                }));
    }

    @Test
    void theTableIsWhole() throws IOException {
        List<String> names = rows().stream().map(WebhookTableTest::name).toList();

        assertThat(names).hasSize(97).doesNotHaveDuplicates();
        assertThat(names).containsAll(FORMS.keySet()).containsAll(REJECTED).containsAll(EXACT_NUMBERS.keySet());
        assertThat(rows().stream().filter(row -> row.get("payload").isNull()).map(WebhookTableTest::name))
                .containsExactlyInAnyOrder("form", "form empty", "query bad escape", "query semicolon");
    }

    private static ExecutionResult execute(JsonNode row, String numbers) throws Exception {
        Map<String, String> options = new TreeMap<>(Map.of(
                "hookIcon", "",
                "webHookURL", "http://h/webhook/u",
                "workflow_id", "7",
                "project", "P",
                "workflow", "w",
                "method", row.get("method").textValue(),
                "numbers", numbers));
        try (HookHarness harness = HookHarness.of(new WebhookType()).create(options)) {
            harness.call(TestCall.of(
                            row.get("method").textValue(),
                            "?" + row.get("query").textValue())
                    .header("Content-Type", row.get("content_type").textValue())
                    .body(row.get("body").textValue()));
            harness.runPending();
            assertThat(harness.results()).hasSize(1);
            return harness.results().getFirst();
        }
    }

    private static Map<String, String> values(ExecutionResult result) {
        ExecutionResult.Completed completed = (ExecutionResult.Completed) result;
        assertThat(completed.events()).hasSize(1);
        return completed.events().getFirst().values();
    }

    private static Map<String, String> with(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(BASE);
        all.putAll(more);
        return all;
    }

    private static String name(JsonNode row) {
        return row.get("name").textValue();
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
                Objects.requireNonNull(WebhookTableTest.class.getResourceAsStream("/flatten-table.json"))) {
            List<JsonNode> rows = new ArrayList<>();
            new ObjectMapper().readTree(in).forEach(rows::add);
            return rows;
        }
    }
}
