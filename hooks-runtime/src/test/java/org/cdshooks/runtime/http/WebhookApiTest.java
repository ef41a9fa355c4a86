package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.junit.jupiter.api.Test;

class WebhookApiTest extends ServerTest {

    /** Defect D6 of CDS. */
    @Test
    void theAnswerIsTheExecutionWithoutAnythingThatIsNotTheCallers() {
        webhook("w", "POST");
        RawClient.Answer answer = exchange("POST", "/webhook/w", "Authorization: Basic Zm9v\r\n", "{}".getBytes(UTF_8));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.text())
                .isEqualTo("{\"uuid\":\"w\",\"type\":\"Webhook\",\"timestamp\":1795488816123456789,\"nb_errors\":0,"
                        + "\"processing_timestamp\":0,\"workflow_run\":0,\"config\":{},\"status\":\"\","
                        + "\"execution\":\"hooks:tasks:executions:Webhook:w:1795488816123456789\"}");
    }

    @Test
    void aDuplicateIsMarked() {
        webhook("w", "POST");
        engine.answer =
                (_, _) -> HttpReply.accepted(new Receipt(new ExecutionId("hooks:tasks:executions:Webhook:w:5"), true));
        assertThat(json(anonymous("POST", "/webhook/w", "")).path("duplicate").asBoolean())
                .isTrue();
    }

    @Test
    void onlyWhoHasTheHashMayWantADeliveryAgain() {
        webhook("w", "POST");
        RawClient.Answer stranger = exchange("POST", "/webhook/w", "X-Hooks-Force: true\r\n", new byte[0]);
        assertThat(error(stranger, 401).path("message").asText()).contains("X-Hooks-Force");
        assertThat(engine.calls).isEmpty();

        String hash = "Authorization: Bearer " + FakeEngine.HASH + "\r\n";
        assertThat(exchange("POST", "/webhook/w", "X-Hooks-Force: true\r\n" + hash, new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(engine.asked).contains("again w");
        engine.asked.clear();
        assertThat(exchange("POST", "/webhook/w", "X-Hooks-Force: no\r\n", new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(engine.asked).doesNotContain("again w");
    }

    @Test
    void theHookSeesTheRequestAsItWasSent() {
        webhook("w", "PATCH");
        byte[] body = new byte[256];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) i;
        }
        exchange(
                "PATCH",
                "/webhook/w/a%2Fb//c?x=1&x=2",
                "X-A: one\r\nx-a: two\r\nContent-Type: text/plain; a=\"b\"\r\n",
                body);
        HttpCall call = engine.calls.getFirst();
        assertThat(call.method()).isEqualTo("PATCH");
        assertThat(call.path()).isEqualTo("/a%2Fb//c");
        assertThat(call.query()).isEqualTo("x=1&x=2");
        assertThat(call.headers()).containsEntry("x-a", List.of("one", "two"));
        assertThat(call.header("Content-Type")).contains("text/plain; a=\"b\"");
        assertThat(call.body()).isEqualTo(body);
    }

    @Test
    void bodiesAreNotLookedAt() {
        webhook("w", "POST");
        List<byte[]> bodies = List.of(
                "[".repeat(100_000).getBytes(UTF_8),
                "9".repeat(1_000_000).getBytes(UTF_8),
                "{broken".getBytes(UTF_8),
                new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, 0, (byte) 0xFF},
                "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>".getBytes(UTF_8),
                new byte[0]);
        for (byte[] body : bodies) {
            for (String type : List.of(
                    "", "Content-Type: \r\n", "Content-Type: ;;nonsense\r\n", "Content-Type: application/json\r\n")) {
                engine.calls.clear();
                assertThat(exchange("POST", "/webhook/w", type, body).status()).isEqualTo(200);
                assertThat(engine.calls.getFirst().body()).isEqualTo(body);
            }
        }
    }

    @Test
    void anUnknownTaskAndOneWithoutEndpointLookTheSame() {
        engine.put(new TaskId("s"), "Scheduler", Map.of());
        JsonNode unknown = error(anonymous("POST", "/webhook/none", "x"), 404);
        JsonNode other = error(anonymous("POST", "/webhook/s", "x"), 404);
        assertThat(unknown.path("message")).isEqualTo(other.path("message"));
        assertThat(unknown.path("message").asText()).isEqualTo("resource not found");
        RawClient.Answer french = exchange("POST", "/webhook/none", "Accept-Language: fr-FR,fr;q=0.9\r\n", new byte[0]);
        assertThat(json(french).path("message").asText()).isEqualTo("la ressource n'existe pas");
        RawClient.Answer odd = exchange("POST", "/webhook/none", "Accept-Language: ;;q=x\r\n", new byte[0]);
        assertThat(json(odd).path("message").asText()).isEqualTo("resource not found");
    }

    @Test
    void aTaskWithoutMethodsTakesAllButHead() {
        engine.put(new TaskId("any"), "Webhook", Map.of());
        for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH")) {
            assertThat(anonymous(method, "/webhook/any", "").status()).isEqualTo(200);
        }
        RawClient.Answer head = anonymous("HEAD", "/webhook/any", "");
        assertThat(head.status()).isEqualTo(405);
        assertThat(head.header("allow")).isEqualTo("DELETE, GET, PATCH, POST, PUT");
    }

    @Test
    void excessIs429AndOthersAreNotAffected() {
        webhook("w", "POST");
        webhook("v", "POST");
        engine.rate = 3;
        int served = 0;
        RawClient.Answer last = anonymous("POST", "/webhook/w", "");
        while (last.status() == 200 && served < 1_000) {
            served++;
            last = anonymous("POST", "/webhook/w", "");
        }
        assertThat(served).isBetween(3, 100);
        error(last, 429);
        assertThat(last.header("retry-after")).isEqualTo("1");
        assertThat(anonymous("POST", "/webhook/v", "").status()).isEqualTo(200);
    }

    /** Defect A4 of CDS. */
    @Test
    void whatGoesWrongIsToldWithoutInternals() {
        webhook("w", "POST");
        engine.answer = (_, _) -> {
            throw new OverloadedException("task w has 200000 unfinished executions");
        };
        RawClient.Answer overloaded = anonymous("POST", "/webhook/w", "");
        error(overloaded, 503);
        assertThat(overloaded.header("retry-after")).isEqualTo("1");
        engine.answer = (_, _) -> {
            throw new StoreUnavailableException("redis 10.0.0.1 is away", new IllegalStateException("secret"));
        };
        RawClient.Answer away = anonymous("POST", "/webhook/w", "");
        assertThat(error(away, 503).toString()).doesNotContain("redis", "secret");
        assertThat(away.header("retry-after")).isEqualTo("1");
        engine.answer = (_, _) -> {
            throw new StoreUnavailableException("disk full", true);
        };
        error(anonymous("POST", "/webhook/w", ""), 507);
        engine.answer = (_, _) -> {
            throw new PluginFailure("webhook", new IllegalStateException("secret"));
        };
        JsonNode failed = error(anonymous("POST", "/webhook/w", ""), 500);
        assertThat(failed.path("id").asInt()).isEqualTo(1);
        assertThat(failed.path("message").asText()).isEqualTo("internal server error");
        engine.answer = (_, _) -> {
            throw new StackOverflowError();
        };
        error(anonymous("POST", "/webhook/w", ""), 500);
        engine.answer = engine::accept;
        assertThat(anonymous("POST", "/webhook/w", "").status()).isEqualTo(200);
    }

    @Test
    void aLongIdIsNotLookedUp() {
        engine.asked.clear();
        assertThat(anonymous("POST", "/webhook/" + "a".repeat(7_000), "").status())
                .isEqualTo(404);
        assertThat(get("/task/" + "a".repeat(7_000)).status()).isEqualTo(404);
        assertThat(engine.asked).isEmpty();
    }

    @Test
    void otherAnswersOfAHookAreSentOn() {
        webhook("w", "POST");
        engine.answer = (_, _) -> HttpReply.of(401, "the signature is wrong");
        JsonNode error = error(anonymous("POST", "/webhook/w", ""), 401);
        assertThat(error.path("message").asText()).isEqualTo("not authenticated: the signature is wrong");
        engine.answer = (_, _) -> HttpReply.of(200, "text/html", "<b>challenge</b>");
        RawClient.Answer challenge = anonymous("POST", "/webhook/w", "");
        assertThat(challenge.text()).isEqualTo("<b>challenge</b>");
        assertThat(challenge.header("content-type")).isEqualTo("text/html");
        assertThat(challenge.header("x-content-type-options")).isEqualTo("nosniff");
        engine.answer = (_, _) -> HttpReply.of(503, "come again");
        assertThat(anonymous("POST", "/webhook/w", "").header("retry-after")).isEqualTo("1");
        engine.answer = (_, _) -> HttpReply.of(204, "ignored");
        RawClient.Answer nothing = anonymous("POST", "/webhook/w", "");
        assertThat(nothing.status()).isEqualTo(204);
        engine.answer = (_, _) -> HttpReply.of(422, "application/problem+json", "{\"a\":1}");
        assertThat(anonymous("POST", "/webhook/w", "").text()).isEqualTo("{\"a\":1}");
        engine.answer = (_, _) -> HttpReply.of(200, "text/plain\r\nX-Evil: 1", "x");
        RawClient.Answer evil = anonymous("POST", "/webhook/w", "");
        assertThat(evil.headers()).doesNotContainKey("x-evil");
        assertThat(evil.status()).isEqualTo(500);
    }

    @Test
    void aClientThatLeavesBeforeTheAnswerHasStoredOnce() throws Exception {
        webhook("w", "POST");
        try (RawClient client = connect()) {
            client.send(request("POST", "/webhook/w", "", "x".getBytes(ISO_8859_1)));
            assertThat(engine.entered.await(10, SECONDS)).isTrue();
        }
        assertThat(anonymous("POST", "/webhook/w", "y").status()).isEqualTo(200);
        assertThat(engine.calls).hasSize(2);
    }
}
