package org.cdshooks.plugin.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.cdshooks.testkit.RecordedExecution.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerHookTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final Map<String, String> TRIGGERED_BY =
            Map.of("cds.triggered_by.username", "cds.scheduler", "cds.triggered_by.fullname", "CDS Scheduler");

    private static HookHarness harness(Map<String, String> options) {
        return HookHarness.of(new SchedulerHookType()).startAt(START).create(options);
    }

    // ---------------------------------------------------------------------------------- payloads

    record Row(String payload, boolean given, Map<String, String> values) {
        @Override
        public String toString() {
            return payload;
        }
    }

    static Stream<Row> table() throws IOException {
        try (InputStream file = Objects.requireNonNull(
                SchedulerHookTest.class.getResourceAsStream("/cds/flatten-scheduler-payload.json"))) {
            JsonNode rows = new ObjectMapper().readTree(file);
            return StreamSupport.stream(rows.spliterator(), false).map(row -> {
                Map<String, String> values = new TreeMap<>();
                row.path("payload")
                        .properties()
                        .forEach(entry ->
                                values.put(entry.getKey(), entry.getValue().asText()));
                String in = row.path("in").asText();
                return new Row(in, !in.equals("(no payload key in config)"), values);
            });
        }
    }

    /** What the table's tasks have besides; the last row's has none of it. */
    private static Map<String, String> options(Row row, String numbers) {
        Map<String, String> options = new HashMap<>(Map.of("cron", "@daily", "numbers", numbers));
        if (row.given()) {
            options.putAll(
                    Map.of("timezone", "UTC", "payload", row.payload(), "project", "P", "workflow", "w", "extra", "e"));
            options.putAll(Map.of("hookIcon", "i", "workflow_id", "7"));
        }
        return options;
    }

    /** Executes without the checks of a new task: the table has a payload that they refuse. */
    private static Map<String, String> values(Map<String, String> options) {
        SchedulerHook hook =
                new SchedulerHook(new SchedulerHookType().descriptor().config().parse(options));
        ExecutionResult result = hook.execute(NO_EXECUTION, NO_CONTEXT);
        return ((ExecutionResult.Completed) result).events().getFirst().values();
    }

    private static final TaskExecution NO_EXECUTION = new TaskExecution() {
        @Override
        public ExecutionId id() {
            return new ExecutionId("id");
        }

        @Override
        public String trigger() {
            return "timer";
        }

        @Override
        public Instant dueAt() {
            return START;
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public Payload payload() {
            return Payload.empty();
        }

        @Override
        public Optional<String> cursor() {
            return Optional.empty();
        }
    };

    private static final ExecutionContext NO_CONTEXT = new ExecutionContext() {
        @Override
        public Instant deadline() {
            return Instant.MAX;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }
    };

    @ParameterizedTest
    @MethodSource("table")
    void sendsWhatCdsSends(Row row) {
        assertThat(values(options(row, "go"))).isEqualTo(row.values());
    }

    @Test
    void wholeNumbersKeepTheirDigitsUnlessTheTaskWantsThoseOfCds() {
        Map<String, String> exact = values(Map.of("cron", "@daily", "payload", "{\"n\":1000000,\"f\":1.5}"));

        assertThat(exact).containsEntry("n", "1000000").containsEntry("f", "1.5");
    }

    @Test
    void theTasksOwnOptionsDoNotTravel() {
        Map<String, String> options = Map.of(
                "every",
                "1h",
                "timezone",
                "UTC",
                "missed",
                "ALL",
                "overlap",
                "ALLOW",
                "spread",
                "1s",
                "dst",
                "elapsed",
                "numbers",
                "exact",
                "sink",
                "http",
                "sink.url",
                "https://example.org",
                "sink.secret",
                "hidden");

        assertThat(values(options)).isEqualTo(TRIGGERED_BY);
    }

    @Test
    void nobodyCanPretendToBeAnotherTrigger() {
        Map<String, String> values =
                values(Map.of("cron", "@daily", "payload", "{\"cds\":{\"triggered_by\":{\"username\":\"root\"}}}"));

        assertThat(values).isEqualTo(TRIGGERED_BY);
    }

    @Test
    void aPayloadThatIsNoJsonIsRefusedForANewTask() {
        assertThatThrownBy(() -> harness(Map.of("cron", "@daily", "payload", "bad")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("payload: is not JSON");
    }

    // --------------------------------------------------------------------------------------- time

    @Test
    void firesWhenTimeComesWithTheDueTime() {
        try (HookHarness harness = harness(Map.of("cron", "*/10 * * * *", "payload", "{\"git.branch\":\"main\"}"))) {
            harness.advanceAndRun(Duration.ofMinutes(25));

            assertThat(harness.executions())
                    .extracting(RecordedExecution::dueAt)
                    .containsExactly(START.plusSeconds(600), START.plusSeconds(1_200));
            assertThat(harness.events())
                    .hasSize(2)
                    .containsOnly(HookEvent.of(TRIGGERED_BY).with("git.branch", "main"));
            assertThat(harness.nextDue()).contains(START.plusSeconds(1_800));
        }
    }

    @Test
    void aPointInTimeFiresOnceAndNeverAgain() {
        try (HookHarness harness = harness(Map.of("at", "2030-01-02T09:00:00", "timezone", "Asia/Tokyo"))) {
            harness.advanceAndRun(Duration.ofDays(400));

            assertThat(harness.executions())
                    .extracting(RecordedExecution::dueAt)
                    .containsExactly(Instant.parse("2030-01-02T00:00:00Z"));
            assertThat(harness.nextDue()).isEmpty();
        }
    }

    @Test
    void aPointInTimeThatPassedWhileTheServiceWasDownIsMadeUpFor() {
        try (HookHarness harness = harness(Map.of("at", "2030-01-02T00:00:00Z"))) {
            harness.downtime(Duration.ofDays(3)).runPending();

            assertThat(harness.events()).hasSize(1);
        }
    }

    @Test
    void anIntervalGoesOnInItsStepsAfterADowntime() {
        try (HookHarness harness = harness(Map.of("every", "90s"))) {
            harness.downtime(Duration.ofSeconds(1_000)).runPending();
            harness.advanceAndRun(Duration.ofSeconds(100));

            assertThat(harness.executions())
                    .filteredOn(execution -> execution.state() == State.DONE)
                    .extracting(RecordedExecution::dueAt)
                    .containsExactly(START.plusSeconds(990), START.plusSeconds(1_080));
        }
    }

    @Test
    void missedRunsAreMadeUpForAsTheTaskSays() {
        assertThat(doneAfterADowntime("LAST")).isEqualTo(1);
        assertThat(doneAfterADowntime("NONE")).isZero();
        assertThat(doneAfterADowntime("ALL")).isEqualTo(5);
    }

    private static long doneAfterADowntime(String missed) {
        try (HookHarness harness = harness(Map.of("cron", "@hourly", "missed", missed))) {
            harness.downtime(Duration.ofMinutes(330)).runPending();
            return harness.events().size();
        }
    }

    @Test
    void aRunThatIsDueWhileAnotherIsUnfinishedIsLeftOutUnlessAllowed() {
        try (HookHarness skip = harness(Map.of("cron", "@hourly"));
                HookHarness allow = harness(Map.of("cron", "@hourly", "overlap", "ALLOW"))) {
            assertThat(skip.advance(Duration.ofHours(3)).pending()).isEqualTo(1);
            assertThat(allow.advance(Duration.ofHours(3)).pending()).isEqualTo(3);
        }
    }

    @Test
    void thePoliciesOfTheTaskReachTheTimer() {
        try (HookHarness defaults = harness(Map.of("cron", "@daily"));
                HookHarness chosen =
                        harness(Map.of("cron", "@daily", "missed", "ALL", "overlap", "ALLOW", "spread", "30s"))) {
            Trigger.Timer usual = (Trigger.Timer) defaults.hook().triggers().getFirst();
            Trigger.Timer other = (Trigger.Timer) chosen.hook().triggers().getFirst();

            assertThat(usual.missedRuns()).isEqualTo(MissedRuns.LAST);
            assertThat(usual.overlap()).isEqualTo(Overlap.SKIP);
            assertThat(usual.spread()).isEqualTo(Duration.ZERO);
            assertThat(other.missedRuns()).isEqualTo(MissedRuns.ALL);
            assertThat(other.overlap()).isEqualTo(Overlap.ALLOW);
            assertThat(other.spread()).isEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void theTimeZoneAndTheRuleForRepeatedTimesReachTheSchedule() {
        Map<String, String> options = Map.of("cron", "0 * * * *", "timezone", "Europe/Paris");
        Map<String, String> elapsed = new HashMap<>(options);
        elapsed.put("dst", "elapsed");
        // Clocks go back from 03:00 to 02:00 on 27 October 2030 at 01:00 UTC.
        Instant before = Instant.parse("2030-10-26T23:30:00Z");
        try (HookHarness once =
                        HookHarness.of(new SchedulerHookType()).startAt(before).create(options);
                HookHarness both =
                        HookHarness.of(new SchedulerHookType()).startAt(before).create(elapsed)) {
            assertThat(once.nextDue()).contains(Instant.parse("2030-10-27T01:00:00Z"));
            assertThat(both.nextDue()).contains(Instant.parse("2030-10-27T00:00:00Z"));
        }
    }

    @Test
    void aPersonMayFireItToo() {
        try (HookHarness harness = harness(Map.of("cron", "@yearly"))) {
            harness.fire(Payload.empty());
            harness.runPending();

            assertThat(harness.events()).containsExactly(HookEvent.of(TRIGGERED_BY));
        }
    }
}
