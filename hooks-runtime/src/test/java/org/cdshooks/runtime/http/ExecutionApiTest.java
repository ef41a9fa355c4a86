package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionApiTest extends ServerTest {
    private static final long T = 1795488908387349845L;

    /** Defect D2 of CDS. */
    @Test
    void whatCameInIsShownAsCdsShowsIt() {
        webhook("w", "POST");
        String headers = "X-GitHub-Event: push\r\nX-Multi: a\r\nX-Multi: b\r\nContent-Type: application/json\r\n";
        exchange("POST", "/webhook/w/sub?x=%201&y", headers, "{\"z\":1}".getBytes(UTF_8));
        RawClient.Answer answer = get("/task/w/execution");
        assertThat(answer.status()).isEqualTo(200);
        JsonNode task = json(answer);
        assertThat(task.path("nb_executions_total").asInt()).isEqualTo(1);
        JsonNode execution = task.path("executions").path(0);
        assertThat(execution.toString())
                .startsWith(
                        "{\"uuid\":\"w\",\"type\":\"Webhook\",\"timestamp\":1795488816123456789,\"nb_errors\":0,"
                                + "\"processing_timestamp\":0,\"workflow_run\":0,\"config\":{},"
                                + "\"webhook\":{\"request_url\":\"x=%201&y\",\"request_body\":\"eyJ6IjoxfQ==\",\"request_header\":{");
        assertThat(execution.path("webhook").path("request_header").toString())
                .isEqualTo("{\"Content-Length\":[\"7\"],\"Content-Type\":[\"application/json\"],"
                        + "\"X-Github-Event\":[\"push\"],\"X-Multi\":[\"a\",\"b\"]}");
        assertThat(execution.path("webhook").path("request_path").asText()).isEqualTo("/sub");
        assertThat(execution.path("trigger").asText()).isEqualTo("http");
        assertThat(execution.path("execution").asText())
                .isEqualTo("hooks:tasks:executions:Webhook:w:1795488816123456789");
    }

    @Test
    void timesAndMessagesAreShownAsCdsShowsThem() {
        webhook("t", "POST");
        engine.execution("t", "Scheduler", 1798758000000000000L, ExecutionStatus.SCHEDULED, Payload.empty(), "timer");
        assertThat(get("/task/t/execution/1798758000000000000").text())
                .contains("\"config\":{},\"scheduled_task\":{\"date_scheduled_execution\":"
                        + "\"2026-12-31 23:00:00 +0000 UTC\"},\"status\":\"SCHEDULED\"");
        engine.execution("t", "Kafka", 5, ExecutionStatus.DONE, Payload.of("", "hi".getBytes(UTF_8)), "listener");
        assertThat(get("/task/t/execution/5").text()).contains("\"kafka\":{\"message\":\"aGk=\"},\"status\":\"DONE\"");
    }

    @Test
    void aRequestThatCdsHasStoredIsShownAsOne() {
        webhook("w", "POST");
        Payload stored = Payload.of("", "x".getBytes(UTF_8))
                .withAttributes(Map.of("x-a", List.of("b"), HttpCall.QUERY, List.of("q=1")));
        engine.execution("w", "Webhook", T, ExecutionStatus.DONE, stored, "http");
        assertThat(get("/task/w/execution/" + T).text())
                .contains("\"webhook\":{\"request_url\":\"q=1\",\"request_body\":\"eA==\","
                        + "\"request_header\":{\"X-A\":[\"b\"]}},\"status\":\"DONE\"");
    }

    @Test
    void executionsComeNewestFirstInPages() {
        webhook("w", "POST");
        for (int i = 0; i < 5; i++) {
            anonymous("POST", "/webhook/w", "x");
        }
        RawClient.Answer first = get("/task/w/execution?limit=2");
        List<String> stamps = json(first).findValuesAsText("timestamp");
        assertThat(stamps).containsExactly("1795488816123456793", "1795488816123456792");
        assertThat(first.header("link"))
                .isEqualTo("</task/w/execution?limit=2&before=1795488816123456792>; rel=\"next\"");
        RawClient.Answer last = get("/task/w/execution?limit=3&before=1795488816123456792");
        assertThat(json(last).path("executions")).hasSize(3);
        assertThat(last.headers()).doesNotContainKey("link");
        error(get("/task/w/execution?before=yesterday"), 400);
        error(get("/task/w/execution?limit=-1"), 400);
    }

    @Test
    void withoutAPageAllExecutionsAreSent() {
        webhook("w", "POST");
        for (int i = 0; i < 345; i++) {
            anonymous("POST", "/webhook/w", "x");
        }
        RawClient.Answer answer = get("/task/w/execution");

        List<String> stamps = json(answer).path("executions").findValuesAsText("timestamp");
        assertThat(stamps).hasSize(345).doesNotHaveDuplicates().isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(answer.headers()).doesNotContainKey("link");
        assertThat(json(answer).path("nb_executions_total").asInt()).isEqualTo(345);
    }

    @Test
    void aTaskWithoutExecutionsHasAnEmptyList() {
        webhook("w", "POST");
        assertThat(get("/task/w/execution").text()).contains("\"executions\":[]");
    }

    @Test
    void executionsAreReplayedAndStopped() {
        webhook("w", "POST");
        engine.execution("w", "Webhook", T, ExecutionStatus.FAILED, Payload.empty(), "http");
        engine.execution("w", "Webhook", T + 1, ExecutionStatus.DOING, Payload.empty(), "http");
        RawClient.Answer replayed = admin("POST", "/task/w/execution/" + T + "/replay", "");
        assertThat(replayed.status()).isEqualTo(202);
        assertThat(json(replayed).path("status").asText()).isEqualTo("ENQUEUED");
        RawClient.Answer stopped = admin("POST", "/task/w/execution/" + (T + 1) + "/stop", "");
        assertThat(stopped.status()).isEqualTo(200);
        assertThat(json(stopped).path("status").asText()).isEqualTo("FAILED");
        assertThat(error(admin("POST", "/task/w/execution/" + (T + 1) + "/replay", ""), 409)
                        .path("message")
                        .asText())
                .isEqualTo("conflict: it has not ended; stop it first");
        error(admin("POST", "/task/w/execution/" + T + "/stop", ""), 409);
        assertThat(get("/task/w/execution/" + T + "/stop").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "-1", "abc", "99999999999999999999", "9223372036854775808", "1e3"})
    void anExecutionThatIsNotThereIs404(String timestamp) {
        webhook("w", "POST");
        error(get("/task/w/execution/" + timestamp), 404);
        error(admin("POST", "/task/w/execution/" + timestamp + "/replay", ""), 404);
        error(admin("POST", "/task/w/execution/" + timestamp + "/stop", ""), 404);
    }

    @Test
    void allExecutionsOfATaskAreRemoved() {
        webhook("w", "POST");
        anonymous("POST", "/webhook/w", "x");
        RawClient.Answer answer = admin("DELETE", "/task/w/execution", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer).path("nb_executions_total").asInt()).isZero();
        assertThat(engine.executions).isEmpty();
    }

    @Test
    void manyAreReplayedShownAndStopped() {
        webhook("w", "POST");

        assertThat(get("/task/w/execution/replay").text().strip()).isEqualTo("{\"running\":null,\"last\":null}");
        RawClient.Answer started = admin(
                "POST",
                "/task/w/execution/replay?state=done&from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:02Z&error=no%20way&limit=7",
                "");
        assertThat(started.status()).isEqualTo(202);
        assertThat(engine.asked)
                .contains("replay w ReplayFilter[status=DONE, from=1000000000, to=2000000000, error=no way, limit=7]");
        assertThat(started.text().strip())
                .isEqualTo("{\"running\":{\"since\":\"2026-11-24T02:58:49.486412616Z\",\"started_by\":\"127.0.0.1\","
                        + "\"matched\":3,\"replayed\":1,\"skipped\":1,\"refused\":2},\"last\":null}");
        assertThat(error(admin("POST", "/task/w/execution/replay", ""), 409)
                        .path("message")
                        .asText())
                .contains("under way");

        RawClient.Answer stopped = admin("DELETE", "/task/w/execution/replay", "");
        assertThat(stopped.status()).isEqualTo(200);
        assertThat(json(stopped).path("running").isNull()).isTrue();
        assertThat(json(stopped).path("last").path("stopped_by").asText()).isEqualTo("127.0.0.1");
        assertThat(json(stopped).path("last").path("ended").asText()).isEqualTo("2026-11-24T02:58:49.486412616Z");
        assertThat(json(stopped).path("last").path("problem").asText()).isEqualTo("no <more>");
        error(admin("DELETE", "/task/w/execution/replay", ""), 404);
    }

    @Test
    void aReplayOfManyTakesFailedOnesUntilNowIfNothingElseIsSaid() {
        webhook("w", "POST");
        assertThat(admin("POST", "/task/w/execution/replay", "").status()).isEqualTo(202);
        assertThat(engine.asked)
                .contains("replay w ReplayFilter[status=FAILED, from=0, to=1795489129486412616, error=, limit=1000]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state=doing",
                "from=yesterday",
                "to=2027",
                "limit=0",
                "limit=10001",
                "from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"
            })
    void aReplayOfManyNamesTheParameterThatIsWrong(String query) {
        webhook("w", "POST");
        assertThat(error(admin("POST", "/task/w/execution/replay?" + query, ""), 400)
                        .path("problems")
                        .path(0)
                        .path("option")
                        .asText())
                .isEqualTo(query.substring(0, query.indexOf('=')));
        assertThat(engine.replay).isEmpty();
    }

    @Test
    void aReplayMayTakeTheConfigOfThen() {
        webhook("w", "POST");
        engine.execution("w", "Webhook", T, ExecutionStatus.FAILED, Payload.empty(), "http");

        assertThat(admin("POST", "/task/w/execution/" + T + "/replay", "").status())
                .isEqualTo(202);
        assertThat(admin("POST", "/task/w/execution/" + T + "/replay?config=now", "")
                        .status())
                .isEqualTo(202);
        assertThat(admin("POST", "/task/w/execution/" + T + "/replay?config=then", "")
                        .status())
                .isEqualTo(202);
        assertThat(admin("POST", "/task/w/execution/replay?config=then&to=1970-01-01T00:00:01Z", "")
                        .status())
                .isEqualTo(202);

        assertThat(engine.asked)
                .endsWith(
                        "replay " + T + " as NOW",
                        "replay " + T + " as NOW",
                        "replay " + T + " as THEN",
                        "replay w ReplayFilter[status=FAILED, from=0, to=1000000000, error=, limit=1000] as then");
    }

    @Test
    void anotherConfigThanOfNowOrThenIsNone() {
        webhook("w", "POST");
        engine.execution("w", "Webhook", T, ExecutionStatus.FAILED, Payload.empty(), "http");
        for (String path : List.of("/task/w/execution/" + T + "/replay", "/task/w/execution/replay")) {
            JsonNode problem = error(admin("POST", path + "?config=yesterday", ""), 400)
                    .path("problems")
                    .path(0);
            assertThat(problem.path("option").asText()).isEqualTo("config");
            assertThat(problem.path("message").asText()).contains("'yesterday'", "'now'", "'then'");
        }
    }

    @Test
    void anExecutionTellsUnderWhichRevisionsOfItsTaskItWasAcceptedAndExecuted() {
        webhook("w", "POST");
        engine.execution("w", "Webhook", T, ExecutionStatus.DONE, Payload.empty(), "http");
        assertThat(get("/task/w/execution/" + T).text()).doesNotContain("_revision", "replay_config");
        engine.executions.replaceAll(
                (key, execution) -> execution.acceptedUnder(5).executedUnder(8).replayed(ReplayConfig.THEN));

        assertThat(get("/task/w/execution/" + T).text())
                .contains("\"accepted_revision\":5,\"executed_revision\":8,\"replay_config\":\"then\"");
    }

    @Test
    void aReplayOfManyNeedsATask() {
        error(get("/task/nope/execution/replay"), 404);
        error(admin("POST", "/task/nope/execution/replay", ""), 404);
        error(admin("DELETE", "/task/nope/execution/replay", ""), 404);
    }
}
