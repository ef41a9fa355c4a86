package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPickerTest {
    private static final JsonPicker PICKER =
            JsonPicker.of("ref", "deleted?", "head.author.name", "commits[].message", "a.b[].c[].d");

    @Test
    void whatIsWantedIsPickedAndAllElseIsPassedOver() {
        PickedJson json = PICKER.pick("""
                {"x":[{"ref":1}],"ref":"r","head":{"x":{"author":2},"author":{"name":"n","email":[]}},"deleted":true,
                 "commits":[{"message":"one"},{"message":null},{"id":3},null],"a":{"b":[{"c":[{"d":"0"},{"d":"1"}]}]}}""");

        assertThat(json.problem()).isEmpty();
        assertThat(json.values())
                .containsExactly(
                        entry("ref", "r"),
                        entry("head.author.name", "n"),
                        entry("deleted", "true"),
                        entry("commits[0].message", "one"),
                        entry("a.b[0].c[0].d", "0"),
                        entry("a.b[0].c[1].d", "1"));
        assertThat(json.size("Commits")).isEqualTo(4);
        assertThat(json.size("a.b[0].c")).isEqualTo(2);
        assertThat(json.size("none")).isZero();
        assertThat(json.text("none")).isEmpty();
        assertThat(json.firstText("none", "Ref")).isEqualTo("r");
    }

    @Test
    void namesAreReadInAnyCaseAndTheLastOneCounts() {
        assertThat(PICKER.pick("{\"REF\":\"1\",\"Ref\":\"2\"}").values()).containsExactly(entry("ref", "2"));
        assertThat(JsonPicker.of("refId").pick("{\"refId\":\"1\"}").find("refId"))
                .contains("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "{\"ref\":null,\"head\":null,\"commits\":null,\"deleted\":null}"})
    void whatIsNullIsNotThere(String json) {
        assertThat(PICKER.pick(json).problem()).isEmpty();
        assertThat(PICKER.pick(json).values()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ref\":12}|has a number where 'ref' should be a text",
                "{\"ref\":{}}|has an object where 'ref' should be a text",
                "{\"deleted\":\"true\"}|has a text where 'deleted' should be true or false",
                "{\"head\":[]}|has an array where 'head' should be an object",
                "{\"head\":{\"author\":true}}|has true or false where 'head.author' should be an object",
                "{\"commits\":{}}|has an object where 'commits' should be an array",
                "{\"commits\":[{\"message\":[[]]}],\"ref\":1}|has an array where 'commits[0].message' should be a text",
                "[]|is not a JSON object but an array",
                "12|is not a JSON object but a number",
                "''|is empty",
                "{} {}|has more behind its JSON",
                "{\"ref\":\"a\"|is not JSON (line 1, column 11)",
                "{\"ref\":1,|is not JSON (line 1, column 10)",
            })
    void whatCannotBeReadIsToldInWords(String json, String problem) {
        assertThat(PICKER.pick(json).problem()).contains(problem);
        assertThat(PICKER.pick(json).values()).isEmpty();
    }

    @Test
    void hostileTextsAreNoProblem() {
        String many = "{\"commits\":[" + "{\"message\":\"m\"},".repeat(5000) + "{}]}";
        assertThat(PICKER.pick(many).size("commits")).isEqualTo(5001);
        assertThat(PICKER.pick(many).values()).hasSize(JsonPicker.MAX_ELEMENTS);
        assertThat(PICKER.pick("{\"x\":".repeat(100_000)).problem()).isPresent();
        assertThat(PICKER.pick("\uFEFF{}").problem()).contains("is not JSON: it begins with a byte order mark");
        assertThat(PICKER.pick("{\"ref\":\"\\ud800\"}").text("ref")).isEqualTo("\uFFFD");
    }
}
