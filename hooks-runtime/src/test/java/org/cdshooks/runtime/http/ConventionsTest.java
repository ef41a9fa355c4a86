package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What all routes have in common: PROTOCOL 1, 2 and 6. */
class ConventionsTest extends ServerTest {

    @Override
    HttpServices services() {
        HttpServices plain = super.services();
        return new HttpServices(
                plain.tasks(),
                plain.executions(),
                plain.endpoints(),
                plain.requests(),
                plain.status(),
                plain.stopped(),
                plain.more(),
                plain.maintenance(),
                plain.plugins(),
                plain.typeOfModel(),
                plain.clock(),
                List.of(
                        new HttpExtension("/metrics", false, (_, response) -> response.send("m 1\n")),
                        new HttpExtension(
                                "/console",
                                true,
                                (_, response) ->
                                        response.status(Status.CREATED_201).send("hi"))));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    void everyAnswerCarriesTheUsualHeaders() {
        RawClient.Answer answer = anonymous("GET", "/mon/version", "");
        assertThat(answer.text())
                .startsWith("{\"version\":\"snapshot\",\"architecture\":\"")
                .endsWith("\",\"git_hash\":\"abc\",\"build_time\":\"\"}");
        assertThat(answer.headers().keySet())
                .containsExactlyInAnyOrder(
                        "access-control-allow-headers",
                        "access-control-allow-methods",
                        "access-control-allow-origin",
                        "access-control-expose-headers",
                        "content-length",
                        "content-type",
                        "date",
                        "etag",
                        "vary",
                        "x-api-nanoseconds-time",
                        "x-api-process-time",
                        "x-api-time");
        assertThat(answer.header("etag")).isEqualTo("1795489129");
        assertThat(answer.header("x-api-nanoseconds-time")).isEqualTo("1795489129486412616");
        assertThat(answer.header("x-api-time")).isEqualTo("2026-11-24T02:58:49Z");
        assertThat(answer.header("access-control-allow-methods")).isEqualTo("GET,OPTIONS,PUT,POST,DELETE");
        assertThat(answer.header("access-control-allow-headers"))
                .isEqualTo("Accept, Origin, Referer, User-Agent, Content-Type, Authorization, Session-Token,"
                        + " Last-Event-Id, If-Modified-Since, Content-Disposition, X-B3-Traceid, X-B3-Spanid,"
                        + " X-B3-Sampled, X-Api-Workflow-As-Code, X-Api-Workflow-Id, X-Api-Workflow-Name");
    }

    @Test
    void optionsNeedsNoHash() {
        RawClient.Answer answer = anonymous("OPTIONS", "/task", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("allow")).isEqualTo("GET, HEAD, POST, OPTIONS");
        assertThat(answer.headers()).doesNotContainKey("x-api-process-time");
        assertThat(anonymous("OPTIONS", "/webhook/none", "").status()).isEqualTo(200);
        assertThat(anonymous("OPTIONS", "/nowhere", "").status()).isEqualTo(404);
    }

    @Test
    void headChangesNothingWhereGetIsAnOrder() {
        try (RawClient client = connect()) {
            for (String path : List.of("/task/t/stop", "/task/t/start", "/task/bulk/stop", "/task/bulk/start")) {
                client.send(request("HEAD", path, AUTH, new byte[0]));
                RawClient.Answer head = client.readHead();
                assertThat(head.status()).as(path).isEqualTo(405);
                assertThat(head.header("allow")).as(path).isEqualTo("GET, POST");
            }
        }
    }

    @Test
    void headIsGetWithoutItsBody() {
        RawClient.Answer get = anonymous("GET", "/mon/version", "");
        try (RawClient client = connect()) {
            client.send(request("HEAD", "/mon/version", "", new byte[0]));
            RawClient.Answer head = client.readHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("content-length")).isEqualTo(get.header("content-length"));
            client.send(request("GET", "/mon/version", "", new byte[0]));
            assertThat(client.read().text()).isEqualTo(get.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nowhere", "/webhook", "/webhook/", "/task/", "/mon", "/mon/status/x", "/metricsx"})
    void anUnknownPathIsAnsweredAsGoDoes(String path) {
        RawClient.Answer answer = get(path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text()).isEqualTo("404 page not found\n");
        assertThat(answer.header("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(answer.headers()).doesNotContainKey("etag");
    }

    @Test
    void theHashIsTakenInBothForms() {
        for (String header : List.of(
                "X_AUTH_HEADER: " + base64(FakeEngine.HASH),
                "X_auth_header: " + base64(FakeEngine.HASH),
                "x_auth_header:" + base64(FakeEngine.HASH) + " ",
                "Authorization: Bearer " + FakeEngine.HASH,
                "authorization: bearer  " + FakeEngine.HASH)) {
            assertThat(exchange("GET", "/task", header + "\r\n", new byte[0]).status())
                    .as(header)
                    .isEqualTo(200);
        }
    }

    /** Defect D8 of CDS. */
    @Test
    void anythingElseIs401AndNothingIsRead() {
        String half = base64(FakeEngine.HASH.substring(1));
        for (String header : List.of(
                "X-A: b",
                "X_AUTH_HEADER: " + FakeEngine.HASH,
                "X_AUTH_HEADER: " + half,
                "X_AUTH_HEADER: !!!",
                "X_AUTH_HEADER: " + "A".repeat(5_000),
                "X_AUTH_HEADER:",
                "X-AUTH-HEADER: " + base64(FakeEngine.HASH),
                "X_AUTH_HEADER: " + base64(FakeEngine.HASH) + "\r\nX_AUTH_HEADER: " + half,
                "Authorization: Basic " + base64("u:" + FakeEngine.HASH),
                "Authorization: Bearer",
                "Authorization: Bearer " + FakeEngine.HASH + "x")) {
            RawClient.Answer answer = exchange("POST", "/task", header + "\r\n", "{bad".getBytes(UTF_8));
            JsonNode error = error(answer, 401);
            assertThat(error.path("id").asInt()).isEqualTo(10);
            assertThat(error.path("message").asText()).isEqualTo("not authenticated");
        }
        RawClient.Answer early =
                exchange("POST", "/task", "Expect: 100-continue\r\nContent-Length: 100\r\n", new byte[0]);
        error(early, 401);
        for (String path :
                List.of("/task/x", "/task/bulk", "/task/x/execution", "/task/bulk/start", "/plugins", "/console")) {
            error(anonymous("GET", path, ""), 401);
        }
        assertThat(engine.asked).isEmpty();
        RawClient.Answer french = exchange("GET", "/task", "Accept-Language: en;q=0.1, fr\r\n", new byte[0]);
        assertThat(json(french).path("message").asText()).isEqualTo("authentification invalide");
    }

    @Test
    void noHashLetsNobodyIn() {
        Authentication nobody = new Authentication(() -> "");
        WritableHeaders<?> headers = WritableHeaders.create();
        assertThat(nobody.admits(headers)).isFalse();
        headers.set(HeaderValues.create("X_AUTH_HEADER", ""));
        assertThat(nobody.admits(headers)).isFalse();
        headers.clear();
        headers.set(HeaderValues.create("Authorization", "Bearer "));
        assertThat(nobody.admits(headers)).isFalse();
    }

    @Test
    void aRefusedCallerIsOneLineInTheAuditLog() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger log = (Logger) LoggerFactory.getLogger("org.cdshooks.audit");
        log.addAppender(lines);
        try {
            exchange("GET", "/task/" + "%1b%5b31m".repeat(500), "User-Agent: ${jndi:ldap://x}\r\n", new byte[0]);
            exchange("GET", "/task/$%7bjndi:x%7d", "", new byte[0]);
        } finally {
            log.detachAppender(lines);
        }
        assertThat(lines.list).hasSize(2);
        for (ILoggingEvent line : lines.list) {
            assertThat(line.getFormattedMessage())
                    .startsWith("event=unauthenticated peer=127.0.0.1 method=GET path=\"/task/")
                    .hasSizeLessThan(2_048)
                    .doesNotContain("${", "\n", "\r", "\u001b");
        }
    }

    @Test
    void answersAreCompressedForThoseWhoAsk() throws IOException {
        for (String path : List.of("/task", "/mon/version", "/task/none")) {
            RawClient.Answer plain = get(path);
            assertThat(plain.headers()).doesNotContainKey("content-encoding");
            assertThat(plain.header("vary")).isEqualTo("Accept-Encoding");
            for (String coding : List.of("gzip", "deflate")) {
                RawClient.Answer packed =
                        exchange("GET", path, AUTH + "Accept-Encoding: " + coding + "\r\n", new byte[0]);
                assertThat(packed.status()).isEqualTo(plain.status());
                assertThat(packed.header("content-encoding")).isEqualTo(coding);
                assertThat(packed.header("vary")).isEqualTo("Accept-Encoding");
                assertThat(withoutUuid(unpacked(packed, coding))).isEqualTo(withoutUuid(plain.text()));
            }
        }
        try (RawClient client = connect()) {
            client.send(request("HEAD", "/mon/version", "Accept-Encoding: gzip\r\n", new byte[0]));
            assertThat(client.readHead().header("content-encoding")).isEqualTo("gzip");
        }
    }

    private static String withoutUuid(String json) {
        return json.replaceAll("\"uuid\":\"[0-9a-f-]{36}\"", "");
    }

    private static String unpacked(RawClient.Answer answer, String coding) throws IOException {
        InputStream packed = new ByteArrayInputStream(answer.body());
        try (InputStream in = coding.equals("gzip") ? new GZIPInputStream(packed) : new InflaterInputStream(packed)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "identity|IDENTITY",
                "br, zstd|IDENTITY",
                "gzip;q=0|IDENTITY",
                "gzip;q=much|IDENTITY",
                "gzip, deflate, br|GZIP",
                "deflate, gzip|GZIP",
                "deflate, gzip;q=0.5|DEFLATE",
                "deflate;q=0.000, GZIP;q=0.001|GZIP"
            })
    void theCodingIsTheOneThatWeighsMost(String accepted, ContentCoding coding) {
        assertThat(ContentCoding.wanted(List.of(accepted))).isEqualTo(coding);
    }

    /** The original says a coding for what is not there, too, which nobody can decode. */
    @Test
    void anAnswerWithoutABodyHasNoCoding() {
        webhook("w", "POST");
        RawClient.Answer answer = exchange("GET", "/task/w/stop", AUTH + "Accept-Encoding: gzip\r\n", new byte[0]);
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.headers()).doesNotContainKey("content-encoding");
    }

    /** Defect D9 of CDS. */
    @Test
    void theStatusHasTheLinesOfCdsAndOurs() {
        engine.queued = 9;
        RawClient.Answer answer = anonymous("GET", "/mon/status", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .startsWith("{\"now\":\"2026-11-24T02:58:49.486412616Z\",\"lines\":["
                        + "{\"status\":\"OK\",\"component\":\"Version\",\"value\":\"snapshot\",\"type\":\"\"},"
                        + "{\"status\":\"OK\",\"component\":\"Uptime\",\"value\":\"1h2m3.5s\",\"type\":\"\"},"
                        + "{\"status\":\"OK\",\"component\":\"Time\",\"value\":\"2h58m49s\",\"type\":\"\"},"
                        + "{\"status\":\"OK\",\"component\":\"Queue\",\"value\":\"9\",\"type\":\"\"}");
        engine.queued = 10;
        assertThat(line("Queue")).isEqualTo("WARN");
        engine.queued = 100;
        assertThat(line("Queue")).isEqualTo("AL");
        assertThat(line("Store")).isEqualTo("OK");
        engine.storeProblem = Optional.of("redis is away");
        assertThat(line("Store")).isEqualTo("AL");
        assertThat(line("Tasks Parked")).isEqualTo("WARN");
    }

    @Test
    void standingAdviceAndFailuresOfLongAgoAreNoWarning() {
        engine.isSealed = false;
        engine.durability = "WARNING: loses the last second";
        assertThat(line("Secrets")).isEqualTo("OK");
        assertThat(line("Durability")).isEqualTo("OK");
        assertThat(line("Execs Failed")).isEqualTo("OK");
        engine.failedRecently = 1;
        assertThat(line("Execs Failed")).isEqualTo("WARN");
        assertThat(anonymous("GET", "/mon/status", "").text()).contains("\"value\":\"2 (1 in the last hour here)\"");
    }

    @Test
    void theStatusCountsStoppedTasksAndNamesNone() {
        for (int i = 0; i < 25; i++) {
            webhook("w" + (10 + i), "POST");
        }
        assertThat(line("Task Stopped")).isEmpty();
        admin("POST", "/task/w11/stop", "");
        assertThat(anonymous("GET", "/mon/status", "").text())
                .contains("{\"status\":\"WARN\",\"component\":\"Task Stopped\",\"value\":\"1; GET /task tells"
                        + " which\",\"type\":\"\"},{\"status\":\"OK\",\"component\":\"Store\"")
                .doesNotContain("w11");
        admin("POST", "/task/bulk/stop", "");
        assertThat(anonymous("GET", "/mon/status", "").text())
                .contains("\"Task Stopped\",\"value\":\"25; GET /task tells which\"");
    }

    private String line(String component) {
        for (JsonNode line : json(anonymous("GET", "/mon/status", "")).path("lines")) {
            if (line.path("component").asText().equals(component)) {
                return line.path("status").asText();
            }
        }
        return "";
    }

    @Test
    void durationsAreWrittenAsGoWritesThem() {
        assertThat(StatusDocument.goDuration(Duration.ofNanos(1))).isEqualTo("1ns");
        assertThat(StatusDocument.goDuration(Duration.ofNanos(1_500))).isEqualTo("1.5µs");
        assertThat(StatusDocument.goDuration(Duration.ofNanos(2_000_001))).isEqualTo("2.000001ms");
        assertThat(StatusDocument.goDuration(Duration.ofSeconds(60))).isEqualTo("1m0s");
        assertThat(StatusDocument.goDuration(Duration.ofHours(49).plusNanos(1))).isEqualTo("49h0m0.000000001s");
        assertThat(StatusDocument.goDuration(Duration.ZERO)).isEqualTo("0s");
    }

    @Test
    void healthTellsLiveFromReady() {
        assertThat(anonymous("GET", "/health/ready", "").text()).isEqualTo("{\"status\":\"UP\"}");
        engine.storeProblem = Optional.of("redis is away");
        RawClient.Answer ready = anonymous("GET", "/health/ready", "");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.text()).isEqualTo("{\"status\":\"DOWN\",\"reason\":\"store: redis is away\"}");
        engine.storeProblem = Optional.empty();
        engine.draining = true;
        assertThat(anonymous("GET", "/health/ready", "").status()).isEqualTo(503);
        assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
        engine.stopped = Optional.of("the disk has not kept what it was given");
        RawClient.Answer live = anonymous("GET", "/health/live", "");
        assertThat(live.status()).isEqualTo(503);
        assertThat(live.text())
                .isEqualTo("{\"status\":\"DOWN\",\"reason\":\"store: the disk has not kept what it was given\"}");
    }

    @Test
    void pluginsTellWhatLoadedAndWhatDidNot() {
        JsonNode plugins = json(get("/plugins")).path("plugins");
        assertThat(plugins.path(0).path("ready").asBoolean()).isTrue();
        assertThat(plugins.path(0).path("hook_types").path(0).asText()).isEqualTo("Webhook");
        assertThat(plugins.path(1).path("ready").asBoolean()).isFalse();
        assertThat(plugins.path(1).path("problems").path(0).asText()).isEqualTo("it <breaks>");
    }

    @Test
    void othersMayAddRoutesBehindTheSameDoor() {
        assertThat(anonymous("GET", "/metrics", "").text()).isEqualTo("m 1\n");
        RawClient.Answer console = get("/console/app.js");
        assertThat(console.status()).isEqualTo(201);
        assertThat(console.text()).isEqualTo("hi");
        error(anonymous("GET", "/console/app.js", ""), 401);
    }
}
