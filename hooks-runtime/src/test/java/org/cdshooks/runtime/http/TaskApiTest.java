package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskApiTest extends ServerTest {
    private static final String HOOK = """
        {"id":99,"uuid":"t-wh","ref":"r","workflow_node_id":1,"workflow_hook_model_id":1,\
        "model":{"id":1,"name":"WebHook","type":"builtin","author":"CDS","default_config":{},"disabled":false},\
        "config":{"project":{"value":"PRJ","configurable":false,"type":""},\
        "workflow":{"value":"w0","configurable":false,"type":""},\
        "method":{"value":"GET","configurable":true,"type":"string"}}}\
        """;

    private ConfigValue option(String task, String name) {
        ConfigValue value = engine.tasks.get(new TaskId(task)).config().get(name);
        assertThat(value).as(name).isNotNull();
        return value;
    }

    @Test
    void aHookOfCdsIsStoredAndShownByteForByte() {
        RawClient.Answer created = admin("POST", "/task", HOOK);
        assertThat(created.status()).isEqualTo(204);
        assertThat(created.header("content-type")).isEqualTo("application/json");
        RawClient.Answer shown = get("/task/t-wh");
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.text())
                .startsWith("{\"uuid\":\"t-wh\",\"type\":\"Webhook\",\"config\":"
                        + "{\"method\":{\"value\":\"GET\",\"configurable\":true,\"type\":\"string\"},"
                        + "\"project\":{\"value\":\"PRJ\",\"configurable\":false,\"type\":\"\"},"
                        + "\"webHookURL\":{\"value\":\"http://127.0.0.1:18083/webhook/t-wh\",\"configurable\":false,\"type\":\"\"},"
                        + "\"workflow\":{\"value\":\"w0\",\"configurable\":false,\"type\":\"\"}},"
                        + "\"stopped\":false,\"executions\":null,\"nb_executions_total\":0,\"nb_executions_todo\":0");
    }

    @Test
    void aHookOfLaterVersionsNamesItsModelInOneField() {
        String body =
                "{\"uuid\":\"n\",\"hook_model_name\":\"Scheduler\",\"config\":{\"cron\":{\"value\":\"* * * * *\"}}}";
        assertThat(admin("POST", "/task", body).status()).isEqualTo(204);
        assertThat(option("n", "cron")).isEqualTo(new ConfigValue("* * * * *", false, ""));
    }

    /** Defect D5 of CDS: there, a config that is null ends in a panic. */
    @Test
    void aHookWhoseConfigIsNullOrMissingHasNoOptions() {
        for (String config : List.of("", ",\"config\":null", ",\"config\":{}")) {
            String body = "{\"uuid\":\"n\",\"model\":{\"name\":\"WebHook\",\"type\":\"builtin\"}" + config + "}";
            assertThat(admin("POST", "/task", body).status()).isEqualTo(204);
            assertThat(json(get("/task/n")).path("config").properties())
                    .extracting(Map.Entry::getKey)
                    .containsExactly("webHookURL");
        }
    }

    @Test
    void fieldNamesAreMatchedAsGoDoesIt() {
        String body = "{\"UUID\":\"n\",\"Model\":{\"NAME\":\"WebHook\",\"Type\":\"builtin\"},"
                + "\"Config\":{\"method\":{\"Value\":\"PUT\",\"Type\":\"string\",\"more\":1}},\"else\":[]}";
        assertThat(admin("POST", "/task", body).status()).isEqualTo(204);
        assertThat(option("n", "method").value()).isEqualTo("PUT");
    }

    @Test
    void aPlainTaskIsAnsweredWithItselfAndWhereItIs() {
        RawClient.Answer answer = admin(
                "POST",
                "/task",
                "{\"type\":\"Webhook\",\"config\":{\"method\":\"POST\",\"n\":12.50,\"b\":true,\"o\":{\"value\":7}}}");
        assertThat(answer.status()).isEqualTo(201);
        JsonNode task = json(answer);
        String uuid = task.path("uuid").asText();
        assertThat(uuid).hasSize(36);
        assertThat(answer.header("location")).isEqualTo("/task/" + uuid);
        assertThat(task.path("config").path("webHookURL").path("value").asText())
                .endsWith("/webhook/" + uuid);
        assertThat(option(uuid, "n").value()).isEqualTo("12.50");
        assertThat(option(uuid, "b").value()).isEqualTo("true");
        assertThat(option(uuid, "o")).isEqualTo(new ConfigValue("7", true, "string"));
        assertThat(admin("POST", "/task", "{\"uuid\":\"mine\",\"type\":\"Webhook\"}")
                        .header("location"))
                .isEqualTo("/task/mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[1]", "{\"a\":1}", "{\"value\":null}", "{\"value\":[]}"})
    void aPlainValueThatIsNoneIsRefusedByName(String value) {
        JsonNode error = error(
                admin("POST", "/task", "{\"type\":\"Webhook\",\"config\":{\"odd\":" + value + ",\"method\":\"POST\"}}"),
                400);
        assertThat(error.path("message").asText()).contains("odd:");
        assertThat(error.path("problems").path(0).path("option").asText()).isEqualTo("odd");
        assertThat(engine.tasks).isEmpty();
    }

    /** Defect D5 of CDS. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{bad|line 1",
                "`` |empty",
                "[]|not a JSON object",
                "null|not a JSON object",
                "3|not a JSON object",
                "{} x|",
                "{\"type\":\"Webhook\",\"type\":\"Kafka\"}|uplicate",
                "{\"type\":\"Webhook\",\"owner\":\"me\"}|owner: is not a field",
                "{\"config\":{}}|type: is missing",
                "{\"type\":7}|type: must be a string",
                "{\"type\":\"Nope\"}|type: there is no hook type 'Nope'",
                "{\"type\":\"Webhook\",\"config\":[]}|config: must be a JSON object",
                "{\"type\":\"Webhook\",\"uuid\":\"a b\"}|uuid: 'a b' must be",
                "{\"type\":\"Webhook\",\"uuid\":\"bulk\"}|uuid: 'bulk'",
                "{\"uuid\":\"x\",\"model\":{\"name\":\"Foo\",\"type\":\"builtin\"}}|model.name: no plugin serves the"
                        + " hook model 'Foo'",
                "{\"uuid\":\"x\",\"model\":{\"name\":\"WebHook\",\"type\":\"plugin\"}}|model.type: 'plugin'",
                "{\"uuid\":\"\",\"model\":{\"name\":\"WebHook\",\"type\":\"builtin\"}}|uuid: is missing",
                "{\"uuid\":\"x\",\"hook_model_name\":\"WebHook\",\"config\":{\"method\":\"GET\"}}|method: must be an"
                        + " object",
                "{\"uuid\":\"x\",\"hook_model_name\":\"WebHook\",\"config\":{\"method\":{\"value\":1}}}|method: its"
                        + " value must be",
                "{\"type\":\"Scheduler\",\"config\":{\"cron\":\"nope\",\"method\":\"FLY\"}}|cron: 'nope' is no cron"
                        + " expression; method: 'FLY'"
            })
    void badTasksAreRefusedInWordsAndStoreNothing(String body, String word) {
        JsonNode error = error(admin("POST", "/task", body.trim()), 400);
        assertThat(error.path("id").asInt()).isEqualTo(74);
        assertThat(error.path("message").asText()).startsWith("wrong request").contains(word == null ? "" : word);
        assertThat(engine.tasks).isEmpty();
    }

    @Test
    void jsonThatIsMadeToHurtIsRefused() {
        for (String body : List.of(
                "[".repeat(100_000),
                "{\"type\":" + "[".repeat(100_000),
                "{\"a\":".repeat(100_000),
                "{\"n\":" + "9".repeat(1_000_000) + "}",
                "{\"type\":\"Webhook\",\"config\":{\"n\":1e999999999}}",
                "{\"type\":\"Webhook\",\"uuid\":\"\u0000\"}")) {
            long start = System.nanoTime();
            RawClient.Answer answer = admin("POST", "/task", body);
            assertThat(answer.status()).as(answer.text()).isIn(400, 201);
            assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
        }
    }

    @Test
    void textThatIsNoUnicodeIsShownAsGoShowsIt() {
        String body = "{\"uuid\":\"u\",\"type\":\"Webhook\",\"config\":{\"x\":\"<a&b> \\ud800 \\u2028 \\u0007"
                + " \\ud83d\\ude00\"}}";
        assertThat(admin("POST", "/task", body).status()).isEqualTo(201);
        assertThat(get("/task/u").text())
                .contains("\"x\":{\"value\":\"\\u003ca\\u0026b\\u003e \ufffd \\u2028 \\u0007 \ud83d\ude00\"");
    }

    /** Defect D2 of CDS. */
    @Test
    void whatIsNotThereIs404InWords() {
        for (String[] request : List.of(
                new String[] {"GET", "/task/nope"},
                new String[] {"DELETE", "/task/nope"},
                new String[] {"PUT", "/task/nope"},
                new String[] {"GET", "/task/nope/start"},
                new String[] {"POST", "/task/nope/stop"},
                new String[] {"GET", "/task/nope/execution"},
                new String[] {"DELETE", "/task/nope/execution"},
                new String[] {"GET", "/task/nope/schedule"})) {
            JsonNode error = error(admin(request[0], request[1], ""), 404);
            assertThat(error.path("id").asInt()).isEqualTo(38);
            assertThat(error.path("message").asText())
                    .startsWith("resource not found")
                    .contains("nope");
        }
        error(admin("PUT", "/task/nope", "{\"config\":{}}"), 404);
    }

    @Test
    void putWithoutABodyRestartsAsCdsKnowsIt() {
        webhook("w", "POST");
        admin("GET", "/task/w/stop", "");
        assertThat(admin("PUT", "/task/w", "").status()).isEqualTo(204);
        assertThat(engine.asked).endsWith("start w");
    }

    /** Defect D4 of CDS. */
    @Test
    void putWithABodyReplacesTheConfig() {
        webhook("w", "POST");
        RawClient.Answer answer = admin("PUT", "/task/w", "{\"config\":{\"method\":\"PUT\"}}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer).path("revision").asInt()).isEqualTo(2);
        assertThat(option("w", "method").value()).isEqualTo("PUT");
        assertThat(admin("PUT", "/task/w", get("/task/w").text()).status())
                .as("what was read can be written")
                .isEqualTo(200);
        assertThat(admin("PUT", "/task/w", HOOK.replace("t-wh", "w")).status()).isEqualTo(200);
        assertThat(error(admin("PUT", "/task/w", "{\"type\":\"Kafka\",\"config\":{}}"), 400)
                        .path("message")
                        .asText())
                .contains("type: a task keeps its type, which is 'Webhook'");
        assertThat(error(admin("PUT", "/task/w", "{\"uuid\":\"v\",\"config\":{}}"), 400)
                        .path("message")
                        .asText())
                .contains("uuid:");
        error(admin("PUT", "/task/w", "{}"), 400);
        error(admin("PUT", "/task/w", "{\"config\":{\"method\":\"FLY\"}}"), 400);
        assertThat(option("w", "method").value()).isEqualTo("GET");
    }

    /** Defect D3 of CDS. */
    @Test
    void deleteDeletes() {
        webhook("w", "POST");
        RawClient.Answer answer = admin("DELETE", "/task/w", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer).path("uuid").asText()).isEqualTo("w");
        error(get("/task/w"), 404);
    }

    @Test
    void startAndStopTakeBothMethods() {
        webhook("w", "POST");
        for (String method : List.of("GET", "POST")) {
            assertThat(admin(method, "/task/w/stop", "").status()).isEqualTo(204);
            assertThat(json(get("/task/w")).path("stopped").asBoolean()).isTrue();
            assertThat(admin(method, "/task/w/start", "").status()).isEqualTo(204);
            assertThat(json(get("/task/w")).path("stopped").asBoolean()).isFalse();
        }
    }

    @Test
    void theListComesInPages() {
        for (int i = 0; i < 5; i++) {
            webhook("w+" + i, "POST");
        }
        RawClient.Answer first = get("/task?limit=2");
        assertThat(json(first).findValuesAsText("uuid")).containsExactly("w+0", "w+1");
        assertThat(first.header("link")).isEqualTo("</task?limit=2&after=w%2B1>; rel=\"next\"");
        RawClient.Answer second = get("/task?limit=2&after=w%2B1");
        assertThat(json(second).findValuesAsText("uuid")).containsExactly("w+2", "w+3");
        RawClient.Answer last = get("/task?limit=2&after=w%2B3");
        assertThat(json(last).findValuesAsText("uuid")).containsExactly("w+4");
        assertThat(last.headers()).doesNotContainKey("link");
        assertThat(json(get("/task"))).hasSize(5);
    }

    /** CDS's own clients ask for no page, and say nothing of the tasks that are not in the answer. */
    @Test
    void withoutAPageAllTasksAreSent() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 1_234; i++) {
            webhook("w" + i, "POST");
            all.add("w" + i);
        }
        RawClient.Answer answer = get("/task");

        assertThat(json(answer).findValuesAsText("uuid")).isEqualTo(all);
        assertThat(answer.headers())
                .containsEntry("transfer-encoding", "chunked")
                .doesNotContainKeys("link", "content-length")
                .containsKey("x-api-time");
        anonymous("POST", "/webhook/w77", "x");
        List<String> sorted = json(get("/task?sort=nb_executions_total:desc")).findValuesAsText("uuid");
        assertThat(sorted).hasSize(1_234).startsWith("w77", "w0", "w1");
        assertThat(json(get("/task?limit=10"))).hasSize(10);
    }

    /** The table of CDS's UI reads these two of every task, and fails at the first that has none. */
    @Test
    void cdsIsToldAProjectAndAWorkflowOfEachTask() {
        engine.put(new TaskId("byHand"), "Webhook", Map.of());
        String list = exchange("GET", "/task", AUTH + "X-Requested-With: X-CDS-SDK\r\n", new byte[0])
                .text();

        assertThat(list)
                .contains("\"project\":{\"value\":\"\",\"configurable\":false,\"type\":\"\"}")
                .contains("\"workflow\":{\"value\":\"\",\"configurable\":false,\"type\":\"\"}");
        assertThat(get("/task").text()).doesNotContain("\"project\"");
    }

    @Test
    void aListThatCanNotBeSentToItsEndIsCutOff() {
        for (int i = 0; i < 300; i++) {
            webhook("w" + i, "POST");
        }
        engine.failListsAfter = Optional.of(new TaskId("w199"));

        assertThatThrownBy(() -> get("/task")).hasMessageContaining("cut off");
    }

    @Test
    void theListIsSortedAsAsked() {
        for (int i = 0; i < 3; i++) {
            webhook("w" + i, "POST");
        }
        anonymous("POST", "/webhook/w1", "x");
        anonymous("POST", "/webhook/w1", "x");
        anonymous("POST", "/webhook/w0", "x");
        assertThat(json(get("/task?sort=nb_executions_total:desc")).findValuesAsText("uuid"))
                .containsExactly("w1", "w0", "w2");
        assertThat(json(get("/task?sort=nb_executions_todo")).findValuesAsText("uuid"))
                .containsExactly("w2", "w0", "w1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sort=foo",
                "sort=",
                "sort=nb_executions_total:up",
                "limit=0",
                "limit=1001",
                "limit=x",
                "limit=",
                "after=a%20b",
                "limit=%zz"
            })
    void badParametersOfTheListAreNamed(String query) {
        JsonNode error = error(get("/task?" + query), 400);
        assertThat(error.path("message").asText())
                .startsWith("wrong request: " + query.substring(0, query.indexOf('=')) + ": ");
    }

    @Test
    void theScheduleIsForetold() {
        engine.put(new TaskId("s"), "Scheduler", Map.of());
        assertThat(get("/task/s/schedule?from=2027-01-01T00:00:00%2B01:00&count=2")
                        .text())
                .isEqualTo("{\"next\":[\"2026-12-31T23:01:00Z\",\"2026-12-31T23:02:00Z\"]}");
        assertThat(engine.asked).endsWith("schedule s 2026-12-31T23:00:00Z 2");
        get("/task/s/schedule");
        assertThat(engine.asked).endsWith("schedule s " + FakeEngine.NOW + " 10");
        assertThat(error(get("/task/s/schedule?from=tomorrow"), 400)
                        .path("message")
                        .asText())
                .contains("from: 'tomorrow'");
        assertThat(error(get("/task/s/schedule?count=1001"), 400)
                        .path("message")
                        .asText())
                .contains("count: '1001'");
    }

    @Test
    void aTaskIsPausedUntilATimeOrUntilItIsResumedAndShowsIt() {
        webhook("w", "POST");

        RawClient.Answer paused = admin("POST", "/task/w/pause?until=2026-12-01T08:00:00%2B01:00", "");
        assertThat(paused.status()).isEqualTo(200);
        assertThat(json(paused).path("paused_until").asText()).isEqualTo("2026-12-01T07:00:00Z");
        assertThat(get("/mon/status").text())
                .contains("{\"status\":\"WARN\",\"component\":\"Tasks Paused\",\"value\":\"1\",\"type\":\"\"}");

        RawClient.Answer resumed = admin("POST", "/task/w/resume", "");
        assertThat(resumed.status()).isEqualTo(200);
        assertThat(json(resumed).has("paused_until")).isFalse();

        assertThat(json(admin("POST", "/task/w/pause", "")).path("paused_until").asText())
                .isEqualTo("2200-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomorrow", "2026-11-24T02:58:49Z", "2200-01-01T00:00:01Z"})
    void aPauseThatCanNotBeNamesTheParameter(String until) {
        webhook("w", "POST");
        assertThat(error(admin("POST", "/task/w/pause?until=" + until, ""), 400)
                        .path("problems")
                        .path(0)
                        .path("option")
                        .asText())
                .isEqualTo("until");
        assertThat(engine.paused).isEmpty();
    }

    @Test
    void aTaskIsDisabledAndDrainedAndShowsIt() {
        webhook("w", "POST");

        assertThat(admin("POST", "/task/w/disable", "").status()).isEqualTo(204);
        assertThat(json(get("/task/w")).path("stopped").asBoolean()).isTrue();
        assertThat(json(get("/task/w")).path("stop_mode").asText()).isEqualTo("disable");
        assertThat(admin("POST", "/task/w/drain", "").status()).isEqualTo(204);
        assertThat(json(get("/task/w")).path("stop_mode").asText()).isEqualTo("drain");
        admin("POST", "/task/w/start", "");
        assertThat(json(get("/task/w")).has("stop_mode")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "resume", "disable", "drain"})
    void whatHoldsATaskIsAPostAndNeedsATask(String order) {
        webhook("w", "POST");
        error(get("/task/w/" + order), 405);
        error(admin("POST", "/task/nope/" + order, ""), 404);
    }
}
