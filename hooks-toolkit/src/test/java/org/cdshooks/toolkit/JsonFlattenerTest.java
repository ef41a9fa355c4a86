package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFlattenerTest {
    private static final JsonFlattener GO = JsonFlattener.with(Numbers.GO);
    private static final JsonFlattener EXACT = JsonFlattener.with(Numbers.EXACT);

    @Test
    void aPathIsTheNamesOnTheWayCleanedAndInLowerCase() {
        assertThat(values("{\"My Key\":{\"A/B:C\":{\"d.e-f\":\"V\"}},\"\\u0130\\u03a3\":1}"))
                .containsExactly(entry("my_key.a_b_c.d.e-f", "V"), entry("i\u03c3", "1"));
    }

    @Test
    void anElementIsNamedByItsArrayAndIndex() {
        assertThat(values("{\"a\":[1,[\"x\",[true]],{\"b\":[null]}]}"))
                .containsExactly(
                        entry("a.a0", "1"),
                        entry("a.a1.a10", "x"),
                        entry("a.a1.a11.a110", "true"),
                        entry("a.a2.b.b0", ""));
        assertThat(values("[1,[2,[3]],{\"a\":[4]}]"))
                .containsExactly(entry("0", "1"), entry("1.10", "2"), entry("1.11.110", "3"), entry("2.a.a0", "4"));
    }

    @Test
    void emptyObjectsArraysAndNamesLeaveNoTrace() {
        assertThat(values("{\"a\":{},\"b\":[],\"c\":[[],{}],\"\":{\"d\":1},\"e\":{\"\":[1]},\"f\":[{},2]}"))
                .containsExactly(entry("f.f1", "2"));
    }

    @Test
    void aMemberThatComesAgainReplacesAllOfTheFirst() {
        assertThat(values("{\"a\":{\"x\":1,\"y\":2},\"b\":0,\"a\":{\"y\":3},\"a\":{\"z\":[4]}}"))
                .containsExactly(entry("b", "0"), entry("a.z.z0", "4"));
        assertThat(values("{\"a\":1,\"a\":{}}")).isEmpty();
        assertThat(values("[{\"a\":1},{\"a\":2}]")).containsExactly(entry("0.a", "1"), entry("1.a", "2"));
    }

    /** Defect B14 of CDS. */
    @Test
    void ofPathsThatCollapseTheLastInTheDocumentWins() {
        assertThat(values("{\"a.b\":1,\"a\":{\"b\":2}}")).containsExactly(entry("a.b", "2"));
        assertThat(values("{\"a\":{\"b\":2},\"a.b\":1}")).containsExactly(entry("a.b", "1"));
        assertThat(values("{\"A\":1,\"a\":2}")).containsExactly(entry("a", "2"));
        assertThat(values("{\"a\":2,\"A\":1}")).containsExactly(entry("a", "1"));
    }

    /** Defect B14 of CDS. */
    @ParameterizedTest
    @CsvSource({
        "20999999,20999999",
        "-1,-1",
        "-0,-0",
        "9007199254740993,9007199254740993",
        "9223372036854775807,9223372036854775807",
        "-9223372036854775808,-9223372036854775808",
        "-9223372036854775809,-9.223372036854776e+18",
        "18446744073709551615,18446744073709551615",
        "18446744073709551616,1.8446744073709552e+19",
        "100000000000000000000,1e+20",
        "1.5,1.5",
        "1.0,1",
        "1e6,1e+06",
        "1234567.0,1.234567e+06"
    })
    void exactNumbersKeepTheDigitsOf64Bits(String written, String expected) {
        assertThat(EXACT.flatten("[" + written + "]").values()).containsExactly(entry("0", expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{bad",
                "{\"a\":1",
                "{\"a\":1}}",
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1} x",
                "[1]2",
                "[1,]",
                "[01]",
                "[+1]",
                "[.5]",
                "[1.]",
                "[NaN]",
                "[1a]",
                "{'a':1}",
                "{a:1}",
                "[\"\t\"]",
                "[\"\\x\"]",
                "[\"\\u12\"]",
                "// c\n[1]",
                "\uFEFF[1]",
                "\0[1]",
                "[1]\0",
                "[1e400]",
                "[-1e400]",
                "{\"\":1e400}",
                "[1e999999999]",
                "[1e99999999999999999999]",
                "\"abc\"",
                "12",
                "true",
                "null",
                "nul"
            })
    void whatHasNoFlatFormYieldsNothingAndAReason(String json) {
        FlatJson flat = GO.flatten(json);

        assertThat(flat.values()).isEmpty();
        assertThat(flat.truncated()).isFalse();
        assertThat(flat.problem()).isPresent();
    }

    @Test
    void theReasonSaysWhereAndRepeatsNothing() {
        assertThat(GO.flatten("{\"password\":\n  s3cret}").problem().orElseThrow())
                .startsWith("is not JSON (line 2, column ")
                .doesNotContain("s3cret");
    }

    @Test
    void aLoneSurrogateBecomesTheReplacementCharacter() {
        assertThat(values("{\"\\ud800k\":\"\\ud83d\\ude00 \\udcff \\ud800\\ud83d\\ude00\"}"))
                .containsExactly(entry("\uFFFDk", "\uD83D\uDE00 \uFFFD \uFFFD\uD83D\uDE00"));
        assertThat(values("{\"\\\\ud800\":\"\\\\ud800\\ud800\\u0041\",\"\\uDC00\":{\"b\":1}}"))
                .containsExactly(entry("\\ud800", "\\ud800\uFFFDA"), entry("\uFFFD.b", "1"));
        assertThat(values("[\"a\ud800\"]")).containsExactly(entry("0", "a\uFFFD"));
    }

    @Test
    void anyJsonMayHaveAScalarAtTheTop() {
        assertThat(EXACT.flattenAny("12").values()).containsExactly(entry("", "12"));
        assertThat(EXACT.flattenAny(" \"\" ").values()).containsExactly(entry("", ""));
        assertThat(EXACT.flattenAny("false").values()).containsExactly(entry("", "false"));
        assertThat(EXACT.flattenAny("null")).isEqualTo(new FlatJson(Map.of(), false, Optional.empty()));
        assertThat(EXACT.flattenAny("1 2").problem()).contains("has more behind its JSON");
        assertThat(EXACT.flattenAny("null null").problem()).contains("has more behind its JSON");
        assertThat(EXACT.flattenAny("1e400").problem()).isPresent();
        assertThat(EXACT.flattenAny("[1]").values()).containsExactly(entry("0", "1"));
    }

    @TestFactory
    Stream<DynamicTest> schedulersPayloadsAreWhatCdsMakesOfThem() throws IOException {
        Map<String, String> config = Map.of(
                "cds.triggered_by.fullname", "CDS Scheduler",
                "cds.triggered_by.username", "cds.scheduler",
                "extra", "e",
                "hookIcon", "i",
                "workflow_id", "7");
        return rows("flatten-scheduler-payload.json")
                .filter(row -> !row.get("in").textValue().startsWith("(no payload"))
                .map(row -> DynamicTest.dynamicTest(row.get("in").textValue(), () -> {
                    Map<String, String> actual = new LinkedHashMap<>(
                            GO.flattenAny(row.get("in").textValue()).values());
                    actual.putAll(config);
                    assertThat(actual).isEqualTo(payload(row));
                }));
    }

    @TestFactory
    Stream<DynamicTest> messagesAreFlattenedWithTheStringsInThem() throws IOException {
        return rows("flatten-kafka-rabbitmq.json")
                .map(row -> DynamicTest.dynamicTest(
                        row.get("in").toString(),
                        () -> assertThat(GO.parsingStrings()
                                        .flatten(row.get("in").textValue())
                                        .values())
                                .isEqualTo(payload(row))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1] x", "[1][2]", "{bad", "[1e400]", "nul", "null 1", "[\"", "{}}"})
    void aStringThatIsNoWholeJsonStaysAString(String text) throws IOException {
        String json = new ObjectMapper().writeValueAsString(Map.of("a", text));

        assertThat(GO.parsingStrings().flatten(json).values()).containsExactly(entry("a", text));
    }

    @Test
    void whatComesBehindAStringThatWasOpenedIsInItsPlace() {
        assertThat(GO.parsingStrings()
                        .flatten("{\"a\":[\"[\\\"{\\\\\\\"X\\\\\\\":1}\\\",2]\",\" {\\\"y\\\":3} \",4],\"b\":5}")
                        .values())
                .containsExactly(
                        entry("a.a0.a00.x", "1"),
                        entry("a.a0.a01", "2"),
                        entry("a.a1.y", "3"),
                        entry("a.a2", "4"),
                        entry("b", "5"));
    }

    private static Map<String, String> values(String json) {
        FlatJson flat = GO.flatten(json);
        assertThat(flat.problem()).isEmpty();
        assertThat(flat.truncated()).isFalse();
        return flat.values();
    }

    private static Stream<JsonNode> rows(String table) throws IOException {
        try (InputStream in = Objects.requireNonNull(JsonFlattenerTest.class.getResourceAsStream("/" + table))) {
            return StreamSupport.stream(new ObjectMapper().readTree(in).spliterator(), false);
        }
    }

    private static Map<String, String> payload(JsonNode row) {
        Map<String, String> payload = new LinkedHashMap<>();
        row.get("payload")
                .properties()
                .forEach(e -> payload.put(e.getKey(), e.getValue().textValue()));
        return payload;
    }
}
