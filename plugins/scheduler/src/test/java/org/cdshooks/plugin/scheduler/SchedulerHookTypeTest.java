package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookType;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerHookTypeTest {
    private static final Instant NOW = Instant.parse("2030-06-01T12:00:00Z");

    private final HookType type = new SchedulerHookType();

    @BeforeEach
    void start() throws Exception {
        type.start(new NodeContext() {
            @Override
            public InstantSource clock() {
                return InstantSource.fixed(NOW);
            }

            @Override
            public <S> Optional<S> service(Class<S> service) {
                return Optional.empty();
            }
        });
    }

    private List<ConfigProblem> problems(Map<String, String> options) {
        HookConfig config;
        try {
            config = type.descriptor().config().parse(options);
        } catch (InvalidConfigException e) {
            return e.problems();
        }
        return type.validate(config);
    }

    private ConfigProblem problem(Map<String, String> options) {
        List<ConfigProblem> problems = problems(options);
        assertThat(problems).hasSize(1);
        return problems.getFirst();
    }

    @Test
    void servesTheSchedulerOfCdsUnderItsName() {
        assertThat(type.descriptor().name()).isEqualTo("Scheduler");
        assertThat(type.descriptor().models()).containsExactly("Scheduler");
    }

    @Test
    void takesWhatCdsSends() {
        assertThat(problems(Map.of(
                        "cron",
                        "0 0 * * *",
                        "timezone",
                        "Europe/Paris",
                        "payload",
                        "{}",
                        "project",
                        "P",
                        "workflow",
                        "w",
                        "hookIcon",
                        "Linkify",
                        "workflow_id",
                        "7")))
                .isEmpty();
        assertThat(problems(Map.of("cron", "@daily", "timezone", "", "payload", "")))
                .isEmpty();
    }

    @Test
    void oneOfCronAtAndEveryIsNeeded() {
        assertThat(problem(Map.of()))
                .satisfies(problem -> assertThat(problem.option()).isEqualTo("cron"))
                .satisfies(problem -> assertThat(problem.message()).startsWith("is required"));
        assertThat(problem(Map.of("cron", " "))).isEqualTo(problem(Map.of()));
        assertThat(problem(Map.of("cron", "@daily", "every", "5m")))
                .isEqualTo(new ConfigProblem("", "only one of cron, at and every can be given, not [cron, every]"));
        assertThat(problem(Map.of("cron", "@daily", "every", "5m", "at", "2031-01-01T00:00:00Z"))
                        .message())
                .endsWith("[cron, at, every]");
        assertThat(problems(Map.of("cron", "@daily", "at", ""))).isEmpty();
    }

    @Test
    void allMistakesAreToldAtOnce() {
        assertThat(problems(Map.of(
                        "cron", "61 * * * *", "timezone", "europe/paris", "at", "tomorrow", "payload", "{\"a\":")))
                .extracting(ConfigProblem::option)
                .containsExactlyInAnyOrder("timezone", "", "cron", "at", "payload");
    }

    @Test
    void aBadCronIsToldInWords() {
        ConfigProblem problem = problem(Map.of("cron", "0 24 * * *"));
        assertThat(problem.option()).isEqualTo("cron");
        assertThat(problem.message()).startsWith("hour field: '24' is not allowed; allowed are 0-23");
    }

    @ParameterizedTest
    @CsvSource({
        "europe/paris, did you mean 'Europe/Paris'?",
        "Europe/Pariss, did you mean 'Europe/Paris'?",
        "+01:00, is no time zone",
        "UTC+1, is no time zone",
        "../etc/passwd, is no time zone",
        "Nowhere/City, is no time zone"
    })
    void anUnknownTimeZoneIsToldInWords(String zone, String words) {
        ConfigProblem problem = problem(Map.of("cron", "@daily", "timezone", zone));
        assertThat(problem.option()).isEqualTo("timezone");
        assertThat(problem.message()).contains("'" + zone + "'", words);
    }

    @Test
    void anAbsurdTimeZoneIsCutShort() {
        assertThat(problem(Map.of("cron", "@daily", "timezone", "x".repeat(1_000_000)))
                        .message())
                .hasSizeLessThan(400);
    }

    @Test
    void aScheduleThatIsPastNeverFiresAgain() {
        assertThat(problem(Map.of("cron", "0 0 1 1 * 2017")))
                .isEqualTo(new ConfigProblem(
                        "cron", "never fires again: '0 0 1 1 * 2017' is past, now is 2030-06-01T12:00:00Z"));
        assertThat(problem(Map.of("at", "2030-06-01T12:00:00Z")))
                .isEqualTo(new ConfigProblem(
                        "at", "never fires again: '2030-06-01T12:00:00Z' is past, now is 2030-06-01T12:00:00Z"));
        assertThat(problem(Map.of("cron", "0 0 30 2 *")).message()).contains("never fires: no date");
    }

    @ParameterizedTest
    @CsvSource({
        "2030-06-01T12:00:01Z, UTC, 2030-06-01T12:00:01Z",
        "2030-07-01t14:00:00.25+02:00, UTC, 2030-07-01T12:00:00.250Z",
        "2030-07-01T14:00, Europe/Paris, 2030-07-01T12:00:00Z",
        "2030-07-01T14:00:00Z, Europe/Paris, 2030-07-01T14:00:00Z",
        "2031-03-30T02:30:00, Europe/Paris, 2031-03-30T01:30:00Z", // does not exist: 03:30
        "2030-10-27T02:30:00, Europe/Paris, 2030-10-27T00:30:00Z" // exists twice: the first
    })
    void aPointInTimeFiresOnce(String at, String zone, Instant expected) {
        HookConfig config = type.descriptor().config().parse(Map.of("at", at, "timezone", zone));

        assertThat(type.validate(config)).isEmpty();
        assertThat(SchedulerOptions.scheduleOf(config).next(NOW)).contains(expected);
        assertThat(SchedulerOptions.scheduleOf(config).next(expected.minusNanos(1)))
                .contains(expected);
        assertThat(SchedulerOptions.scheduleOf(config).next(expected)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tomorrow", "2030-07-01", "14:00", "2030-13-01T00:00:00Z", "2030-07-01T14:00:00[UTC]", "1e9"})
    void whatIsNoPointInTimeIsRefused(String at) {
        ConfigProblem problem = problem(Map.of("at", at));
        assertThat(problem.option()).isEqualTo("at");
        assertThat(problem.message()).contains("2027-03-01T08:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9999-01-01T00:00:00Z", "+999999999-12-31T23:59:59-18:00", "2100-01-01T00:00:00"})
    void aPointInTimeThatNobodyWillSeeIsRefused(String at) {
        assertThat(problem(Map.of("at", at)).message()).contains("possible are the years 1970 to 2099");
    }

    @Test
    void anIntervalFiresAtItsMultiples() {
        EverySchedule every = new EverySchedule(Duration.ofMinutes(7));
        Instant first = every.next(NOW).orElseThrow();

        assertThat(first).isAfter(NOW).isBeforeOrEqualTo(NOW.plus(Duration.ofMinutes(7)));
        assertThat(first.getEpochSecond() % 420).isZero();
        assertThat(every.next(first)).contains(first.plusSeconds(420));
        assertThat(every.next(first.minusNanos(1))).contains(first);
        assertThat(every.next(Instant.parse("1969-12-31T23:59:59.999999999Z"))).contains(Instant.EPOCH);
        assertThat(every.next(Instant.MIN)).isPresent();
        assertThat(every.next(Instant.MAX)).isEmpty();
        assertThat(new EverySchedule(Duration.ofMillis(1_500)).next(Instant.EPOCH))
                .contains(Instant.ofEpochMilli(1_500));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "999ms", "-5m", "PT-1M", "367d", "999999999999d", "PT1.0000001S"})
    void anImpossibleIntervalIsRefused(String every) {
        assertThat(problem(Map.of("every", every)).option()).isEqualTo("every");
    }

    @Test
    void aPayloadThatIsNoJsonIsRefusedWithWords() {
        ConfigProblem problem = problem(Map.of("cron", "@daily", "payload", "{\"token\":\"s3cret\",}"));
        assertThat(problem.option()).isEqualTo("payload");
        assertThat(problem.message()).contains("is not JSON").doesNotContain("s3cret");
        assertThat(problem(Map.of("cron", "@daily", "payload", "[" + "1,".repeat(20_000) + "1]"))
                        .option())
                .isEqualTo("payload");
        for (String valid : List.of("{}", "null", "12", "[]", "\"text\"", " {\"a\":1} ")) {
            assertThat(problems(Map.of("cron", "@daily", "payload", valid)))
                    .as(valid)
                    .isEmpty();
        }
    }

    @Test
    void choicesAreCheckedWithTheirNames() {
        for (String option : List.of("missed", "overlap", "dst", "numbers", "spread")) {
            assertThat(problem(Map.of("cron", "@daily", option, "nonsense")).option())
                    .isEqualTo(option);
        }
        assertThat(problem(Map.of("cron", "@daily", "spread", "PT-1S")).message())
                .startsWith("must not be negative");
    }

    @Test
    void aStoredTaskThatThisMachineCanNotScheduleSaysWhy() {
        HookConfig config = type.descriptor().config().parse(Map.of("cron", "@daily", "timezone", "Nowhere/City"));

        assertThatThrownBy(() -> SchedulerOptions.scheduleOf(config))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("timezone: 'Nowhere/City' is no time zone");
    }
}
