package org.cdshooks.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    private static final ConfigOption<String> TOPIC =
            ConfigOption.string("topic", "The topic to read.").required();
    private static final ConfigOption<Integer> PARTITIONS = ConfigOption.integer("partitions", "How many.")
            .withDefault(1)
            .where(n -> n > 0, "must be at least 1")
            .where(n -> n <= 100, "must be at most 100");
    private static final ConfigOption<Duration> WAIT = ConfigOption.duration("poll-wait", "How long to wait.");
    private static final ConfigOption<String> FORMAT =
            ConfigOption.choice("format", "How to read.", "json", "text").withDefault("json");
    private static final ConfigOption<Boolean> STRICT = ConfigOption.bool("strict", "Whether to be strict.");
    private static final ConfigOption<Secret> PASSWORD = ConfigOption.secret("password", "For the source.");
    private static final ConfigDef DEF = ConfigDef.of(TOPIC, PARTITIONS, WAIT, FORMAT, STRICT, PASSWORD);

    private static InvalidConfigException problemsOf(Map<String, String> values) {
        return catchThrowableOfType(InvalidConfigException.class, () -> DEF.parse(values));
    }

    @Test
    void valuesAreReadWithTheirTypesAndDefaults() {
        HookConfig config = DEF.parse(Map.of("topic", "t", "poll-wait", "5m", "strict", "true", "password", "p"));

        assertThat(config.get(TOPIC)).isEqualTo("t");
        assertThat(config.get(PARTITIONS)).isEqualTo(1);
        assertThat(config.get(WAIT)).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.get(FORMAT)).isEqualTo("json");
        assertThat(config.get(STRICT)).isTrue();
        assertThat(config.get(PASSWORD).reveal()).isEqualTo("p");
        assertThat(config.extras()).isEmpty();
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void allMistakesAreToldAtOnceInTheOrderOfTheOptions() {
        InvalidConfigException e = problemsOf(Map.of(
                "partitions", "0", "poll-wait", "soon", "format", "xml", "strict", "yes", "passwort", "hidden-hidden"));

        assertThat(e.problems())
                .containsExactly(
                        new ConfigProblem("topic", "is required: The topic to read."),
                        new ConfigProblem("partitions", "must be at least 1 (given: '0')"),
                        new ConfigProblem("poll-wait", "'soon' is no duration such as 30s, 5m, 12h or PT1H30M"),
                        new ConfigProblem("format", "must be one of [json, text] (given: 'xml')"),
                        new ConfigProblem("strict", "must be true or false (given: 'yes')"),
                        new ConfigProblem("passwort", "is no option of this type; did you mean 'password'?"));
        assertThat(e).hasMessageContaining("topic: is required").hasMessageContaining("; strict: must be");
        assertThat(e.toString()).doesNotContain("hidden-hidden");
    }

    @Test
    void aProblemOfSeveralOptionsHasNoName() {
        InvalidConfigException e = new InvalidConfigException(
                List.of(new ConfigProblem("", "give a or b"), new ConfigProblem("c", "is required")));

        assertThat(e).hasMessage("give a or b; c: is required");
    }

    @Test
    void eachCheckOfAnOptionCounts() {
        assertThat(problemsOf(Map.of("topic", "t", "partitions", "101")).problems())
                .containsExactly(new ConfigProblem("partitions", "must be at most 100 (given: '101')"));
        assertThat(problemsOf(Map.of("topic", "t", "partitions", "1.5")).problems())
                .containsExactly(new ConfigProblem("partitions", "'1.5' is no whole number"));
    }

    @Test
    void whatIsNoOptionIsKeptAsAnExtra() {
        HookConfig config = DEF.parse(Map.of("topic", "t", "workflow_id", "12", "hookIcon", "link"));

        assertThat(config.extras()).containsExactly(Map.entry("hookIcon", "link"), Map.entry("workflow_id", "12"));
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void anExtraNearToAnOptionIsAWarning() {
        HookConfig config = DEF.parse(Map.of("topic", "t", "Strict", "true", "poll-wiat", "5m"));

        assertThat(config.extras()).containsKeys("Strict", "poll-wiat");
        assertThat(config.warnings())
                .containsExactly(
                        new ConfigProblem("Strict", "is no option of this type; did you mean 'strict'?"),
                        new ConfigProblem("poll-wiat", "is no option of this type; did you mean 'poll-wait'?"));
    }

    @Test
    void secretsAreHidden() {
        HookConfig config = DEF.parse(Map.of("topic", "t", "password", "hidden-hidden", "extra", "hidden-too"));

        assertThat(config.toString()).contains("password=***").doesNotContain("hidden");
        assertThat(config.get(PASSWORD).toString()).doesNotContain("hidden");
        assertThat(Secret.of("a")).isEqualTo(Secret.of("a")).isNotEqualTo(Secret.of("b"));
    }

    @Test
    void aBadSecretIsNotRepeated() {
        ConfigOption<Secret> pin = ConfigOption.secret("pin", "A pin.").where(s -> false, "must be longer");

        InvalidConfigException e = catchThrowableOfType(
                InvalidConfigException.class, () -> ConfigDef.of(pin).parse(Map.of("pin", "hidden-hidden")));

        assertThat(e).hasMessageContaining("must be longer").hasMessageNotContaining("hidden");
    }

    @Test
    void aLongBadValueIsCutInTheMessage() {
        assertThat(problemsOf(Map.of("topic", "t", "partitions", "x".repeat(1000)))
                        .getMessage())
                .hasSizeLessThan(120);
    }

    @Test
    void theConfigDoesNotChangeWithTheMapThatItWasReadFrom() {
        Map<String, String> values = new HashMap<>(Map.of("topic", "t", "extra", "1"));
        HookConfig config = DEF.parse(values);
        values.put("extra", "2");

        assertThat(config.extras()).containsEntry("extra", "1");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> config.extras().put("a", "b"));
        assertThat(config).isEqualTo(DEF.parse(Map.of("topic", "t", "extra", "1")));
    }

    @Test
    void anOptionThatWasLeftOutIsFoundEmpty() {
        HookConfig config = DEF.parse(Map.of("topic", "t"));

        assertThat(config.find(WAIT)).isEmpty();
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(() -> config.get(WAIT))
                .withMessageContaining("poll-wait");
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "30s, PT30S",
        "5m, PT5M",
        "12h, PT12H",
        "2d, PT48H",
        "PT1H30M, PT1H30M",
        "' 7 s ', PT7S",
        "0s, PT0S"
    })
    void durationsAreReadInShortAndInLong(String text, Duration duration) {
        assertThat(DEF.parse(Map.of("topic", "t", "poll-wait", text)).get(WAIT)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5 min", "-5s", "1h30m", "99999999999999s"})
    void whatIsNoDurationIsAProblemAndNotAFailure(String text) {
        assertThat(problemsOf(Map.of("topic", "t", "poll-wait", text)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("is no duration such as 30s"));
    }

    @Test
    void optionsAreCheckedWhenTheyAreDefined() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfigOption.string("9lives", "Nine."))
                .withMessageContaining("9lives");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfigOption.string("lives", " "))
                .withMessageContaining("no description");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfigDef.of(TOPIC, ConfigOption.bool("topic", "Again.")))
                .withMessageContaining("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ConfigOption.choice("format", "How to read.", "json").withDefault("xml"))
                .withMessageContaining("format");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PARTITIONS.withDefault(0))
                .withMessageContaining("must be at least 1");
    }

    @Test
    void aCopyLeavesTheOptionAsItWas() {
        ConfigOption<String> plain = ConfigOption.string("a", "An option.");
        ConfigOption<String> required = plain.required();

        assertThat(plain.isRequired()).isFalse();
        assertThat(required.isRequired()).isTrue();
        assertThat(required.withDefault("d").isRequired()).isFalse();
        assertThat(plain.defaultValue()).isEmpty();
        assertThat(FORMAT.choices()).containsExactly("json", "text");
        assertThat(DEF.options()).hasSize(6).startsWith(TOPIC, PARTITIONS);
        assertThat(DEF.option("topic")).contains(TOPIC);
        assertThat(DEF.option("topik")).isEmpty();
    }

    @Test
    void theNearestNameIsFoundOnlyIfItIsNear() {
        List<String> known = List.of("method", "cron", "timezone");

        assertThat(Names.nearest("methdo", known)).contains("method");
        assertThat(Names.nearest("CRON", known)).contains("cron");
        assertThat(Names.nearest("timezome", known)).contains("timezone");
        assertThat(Names.nearest("project", known)).isEmpty();
        assertThat(Names.nearest("a", List.of())).isEmpty();
    }
}
