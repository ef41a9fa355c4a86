package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.Test;

/** What the CDS API calls when a workflow is saved. */
class BulkApiTest extends ServerTest {
    private static String hook(String uuid, String model, String config) {
        return "{\"id\":99,\"uuid\":\"" + uuid + "\",\"ref\":\"r\",\"model\":{\"id\":1,\"name\":\"" + model
                + "\",\"type\":\"builtin\"},\"config\":" + config + "}";
    }

    private static final String POST = "{\"method\":{\"value\":\"POST\",\"configurable\":true,\"type\":\"string\"}}";

    @Test
    void hooksAreStoredAndAnsweredWithTheirUrl() {
        String body = "{\"k2\":" + hook("b2", "Scheduler", "{\"cron\":{\"value\":\"0 0 1 1 *\"}}") + ",\"k1\":"
                + hook("b1", "WebHook", POST) + "}";
        RawClient.Answer answer = admin("POST", "/task/bulk", body);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .isEqualTo("{\"k1\":{\"id\":99,\"uuid\":\"b1\",\"ref\":\"r\",\"model\":{\"id\":1,\"name\":\"WebHook\","
                        + "\"type\":\"builtin\"},\"config\":{\"method\":{\"value\":\"POST\",\"configurable\":true,"
                        + "\"type\":\"string\"},\"webHookURL\":{\"value\":\"http://127.0.0.1:18083/webhook/b1\","
                        + "\"configurable\":false,\"type\":\"\"}}},"
                        + "\"k2\":{\"id\":99,\"uuid\":\"b2\",\"ref\":\"r\",\"model\":{\"id\":1,\"name\":\"Scheduler\","
                        + "\"type\":\"builtin\"},\"config\":{\"cron\":{\"value\":\"0 0 1 1 *\",\"configurable\":false,"
                        + "\"type\":\"\"}}}}");
        assertThat(engine.tasks.keySet()).isEqualTo(Set.of(new TaskId("b1"), new TaskId("b2")));
    }

    @Test
    void theAnswerKeepsSecretsAsCdsSentThemSinceItStoresTheAnswer() {
        RawClient.Answer answer = admin(
                "POST", "/task/bulk", "{\"k\":" + hook("b1", "WebHook", "{\"token\":{\"value\":\"s3cret\"}}") + "}");
        assertThat(answer.text()).contains("s3cret").doesNotContain("***");
        assertThat(get("/task/b1").text()).doesNotContain("s3cret");
    }

    /** CDS sends the options of a model with empty values, and keeps what the answer has. */
    @Test
    void theAnswerHasWhatTheTypeHasCompleted() {
        engine.completed = Map.of("consumer group", "user.b1");
        RawClient.Answer answer = admin(
                "POST",
                "/task/bulk",
                "{\"k\":"
                        + hook(
                                "b1",
                                "WebHook",
                                "{\"consumer group\":{\"value\":\"\",\"configurable\":false,\"type\":\"string\"}}")
                        + "}");

        assertThat(json(answer)
                        .path("k")
                        .path("config")
                        .path("consumer group")
                        .path("value")
                        .asText())
                .isEqualTo("user.b1");
    }

    /** Defect A2 of CDS. */
    @Test
    void anUpdateKeepsExecutions() {
        String body = "{\"k\":" + hook("b1", "WebHook", POST) + "}";
        admin("POST", "/task/bulk", body);
        anonymous("POST", "/webhook/b1", "x");
        admin("POST", "/task/bulk", body);
        assertThat(json(get("/task/b1")).path("nb_executions_total").asInt()).isEqualTo(1);
    }

    /** Defect A17 of CDS. */
    @Test
    void oneBadHookStoresNone() {
        String body = "{\"good\":" + hook("b1", "WebHook", POST) + ",\"bad\":"
                + hook("b2", "Scheduler", "{\"cron\":{\"value\":\"nope\"}}") + ",\"worse\":" + hook("b3", "Foo", "{}")
                + ",\"odd\":7,\"twice\":" + hook("b1", "WebHook", POST) + "}";
        JsonNode error = error(admin("POST", "/task/bulk", body), 400);
        assertThat(error.path("message").asText())
                .contains(
                        "bad.cron: 'nope'",
                        "worse.model.name: no plugin",
                        "odd: is not",
                        "twice.uuid: is that of 'good'");
        assertThat(engine.tasks).isEmpty();
    }

    @Test
    void emptyBodiesAreAnsweredAsTheyAlwaysWere() {
        assertThat(admin("POST", "/task/bulk", "{}").text()).isEqualTo("{}");
        assertThat(admin("POST", "/task/bulk", "null").text()).isEqualTo("null");
        error(admin("POST", "/task/bulk", "[]"), 400);
        error(admin("POST", "/task/bulk", ""), 400);
        error(admin("DELETE", "/task/bulk", ""), 400);
        error(admin("DELETE", "/task/bulk", "[]"), 400);
    }

    @Test
    void deleteLooksAtKeysOnlyAndSkipsUnknownOnes() {
        webhook("b1", "POST");
        webhook("b2", "POST");
        RawClient.Answer answer = admin("DELETE", "/task/bulk", "{\"b1\":{\"uuid\":\"b2\"},\"none\":null,\"a b\":1}");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(engine.tasks.keySet()).containsExactly(new TaskId("b2"));
    }

    @Test
    void allAreStoppedAndStarted() {
        webhook("b1", "POST");
        webhook("b2", "POST");
        assertThat(get("/task/bulk/stop").status()).isEqualTo(204);
        assertThat(engine.tasks.values()).allMatch(task -> task.stopped());
        assertThat(admin("POST", "/task/bulk/start", "").status()).isEqualTo(204);
        assertThat(engine.tasks.values()).noneMatch(task -> task.stopped());
    }

    @Test
    void allMeansThoseAfterAPageWhoseLastTaskIsRemovedMeanwhile() {
        for (int i = 0; i < 501; i++) {
            webhook("w" + i, "POST");
        }
        engine.atStop = id -> {
            if (id.value().equals("w499")) {
                engine.tasks.remove(id);
            }
        };
        assertThat(get("/task/bulk/stop").status()).isEqualTo(204);
        assertThat(engine.tasks).hasSize(500);
        assertThat(engine.tasks.values()).allMatch(task -> task.stopped());
    }

    @Test
    void aNullAmongTheOptionsIsGosZeroValue() {
        String body = "{\"k\":" + hook("b1", "WebHook", "{\"a\":null,\"b\":{\"value\":null,\"type\":null}}") + "}";
        RawClient.Answer answer = admin("POST", "/task/bulk", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text())
                .contains("\"a\":{\"value\":\"\",\"configurable\":false,\"type\":\"\"}")
                .contains("\"b\":{\"value\":\"\",\"configurable\":false,\"type\":\"\"}");
    }

    @Test
    void textThatIsNoUnicodeIsAnsweredAsGoWritesIt() {
        String odd = "{\"x\":{\"value\":\"\\ud800 <\"}}";
        RawClient.Answer answer = admin(
                "POST", "/task/bulk", "{\"k\":" + hook("b1", "WebHook", odd).replace("\"r\"", "[\"\\udc00\"]") + "}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).contains("\"ref\":[\"\ufffd\"]").contains("\"x\":{\"value\":\"\ufffd \\u003c\"");
    }

    @Test
    void aHookOfLaterVersionsIsAnsweredWithAllThatCameIn() {
        RawClient.Answer answer = admin(
                "POST",
                "/task/bulk",
                "{\"b1\":{\"id\":4,\"uuid\":\"b1\",\"ref\":\"1\",\"node_id\":3,\"hook_model_id\":1,"
                        + "\"hook_model_name\":\"WebHook\",\"config\":{\"project\":{\"value\":\"P\"}},"
                        + "\"conditions\":{\"lua_script\":\"\",\"plain\":[{\"n\":1.50}]}}}");
        assertThat(answer.text())
                .isEqualTo("{\"b1\":{\"id\":4,\"uuid\":\"b1\",\"ref\":\"1\",\"node_id\":3,\"hook_model_id\":1,"
                        + "\"hook_model_name\":\"WebHook\",\"config\":{"
                        + "\"project\":{\"value\":\"P\",\"configurable\":false,\"type\":\"\"},"
                        + "\"webHookURL\":{\"value\":\"http://127.0.0.1:18083/webhook/b1\","
                        + "\"configurable\":false,\"type\":\"\"}},"
                        + "\"conditions\":{\"lua_script\":\"\",\"plain\":[{\"n\":1.50}]}}}");
    }

    @Test
    void bulkIsNoTask() {
        assertThat(get("/task/bulk").status()).isEqualTo(405);
        assertThat(admin("PUT", "/task/bulk", "{}").status()).isEqualTo(405);
        assertThat(engine.asked).isEmpty();
    }
}
