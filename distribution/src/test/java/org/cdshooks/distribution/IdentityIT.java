package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people try who are not who they say they are, on one running zip: nothing of it is stored, and the next good request works.
 * That equal deliveries make one execution, and that secrets are in no file, is in {@link VerifyIT}.
 */
final class IdentityIT {
    private static final String SECRET = "plain-secret-0123456789abcdef";
    private static final String OLD = "older-secret-0123456789abcdef";
    private static final String BODY = "{\"ref\":\"refs/heads/main\"}";
    private static final Pattern ERROR = Pattern.compile("\"uuid\":\"[^\"]+\"");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path dir;

    private static Service service;

    @BeforeAll
    static void serve() throws Exception {
        service = Distribution.unpackInto(dir.resolve("dist")).serve(dir.resolve("data"), Map.of());
    }

    @AfterAll
    static void stop() throws IOException {
        if (service != null) {
            service.close();
        }
    }

    // ---------------------------------------------------------------------------------------------- helpers

    private static String task(String... options) throws Exception {
        StringBuilder config = new StringBuilder("\"sink\":\"log\"");
        for (int i = 0; i < options.length; i += 2) {
            config.append(",\"")
                    .append(options[i])
                    .append("\":\"")
                    .append(options[i + 1])
                    .append('"');
        }
        return service.createTask("{\"type\":\"Webhook\",\"config\":{" + config + "}}");
    }

    private static String hmac(String algorithm, String secret, String text) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), algorithm));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signature(String secret) {
        return "sha256=" + hmac("HmacSHA256", secret, BODY);
    }

    private static HttpResponse<String> post(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url() + path))
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(BODY));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int signed(String uuid, String... headers) throws Exception {
        return post("/webhook/" + uuid, headers).statusCode();
    }

    /** Sends bytes that no client library would send, and returns the status. */
    private static int raw(String request) throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(service.url()).getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readNBytes(12), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 ");
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    private static void assertStored(String uuid, int executions) throws Exception {
        assertThat(service.send("GET", "/task/" + uuid, "").body()).contains("\"nb_executions_total\":" + executions);
    }

    // ---------------------------------------------------------------------------------------------- addresses

    @Test
    void anUnknownAddressIsAnsweredLikeAnyOther() throws Exception {
        HttpResponse<String> one = post("/webhook/4c1a4192-7268-4ccc-b2dc-c957fa605a9e");
        HttpResponse<String> other = post("/webhook/nobody");

        assertThat(one.statusCode()).isEqualTo(404);
        assertThat(other.statusCode()).isEqualTo(404);
        Matcher first = ERROR.matcher(one.body());
        assertThat(first.replaceAll("")).isEqualTo(ERROR.matcher(other.body()).replaceAll(""));
    }

    @Test
    void anAddressThatCanNotBeIsRefused() throws Exception {
        for (String id : List.of("a:b", "%7Ba%7D", "*", "a%0d%0ab", "a%00", "%2e%2e%2fmon", "x".repeat(4000))) {
            assertThat(post("/webhook/" + id).statusCode()).as(id).isIn(400, 404);
        }
        assertThat(raw("POST /webhook/" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"))
                .isEqualTo(414);
        assertThat(raw("POST /webhook/{a} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"))
                .isIn(400, 404);
    }

    // ---------------------------------------------------------------------------------------------- signatures

    @Test
    void whatIsNotSignedRightIsRefusedAndNotStored() throws Exception {
        String uuid = task("verify", "github", "secret", SECRET);
        String right = signature(SECRET);
        String name = "X-Hub-Signature-256";

        assertThat(signed(uuid)).as("missing").isEqualTo(401);
        for (String wrong : List.of(
                "sha256=" + hmac("HmacSHA256", SECRET, "another body"),
                signature(OLD),
                right.substring(0, right.length() - 1),
                right + "0",
                "sha256=",
                "sha256=" + "z".repeat(64),
                "sha1=" + hmac("HmacSHA1", SECRET, BODY),
                right.substring("sha256=".length()),
                String.join(",", Collections.nCopies(100, "sha256=" + "0".repeat(64))))) {
            assertThat(signed(uuid, name, wrong)).as(wrong).isEqualTo(401);
        }
        assertThat(signed(uuid, "X-Hub-Signature", "sha1=" + hmac("HmacSHA1", SECRET, BODY)))
                .as("the weaker one alone")
                .isEqualTo(401);
        assertStored(uuid, 0);

        assertThat(signed(uuid, name, right)).isEqualTo(200);
        assertStored(uuid, 1);
        assertThat(service.log()).contains("event=refused").doesNotContain(right);
    }

    @Test
    void aSignatureOfAMegabyteOrAThousandOfThemAreRefused() throws Exception {
        String uuid = task("verify", "github", "secret", SECRET);
        String head = "POST /webhook/" + uuid + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";

        assertThat(raw(head + "X-Hub-Signature-256: sha256=" + "0".repeat(1_000_000) + "\r\n\r\n{}"))
                .isEqualTo(431);
        assertThat(raw(head + ("X-Hub-Signature-256: sha256=" + "0".repeat(64) + "\r\n").repeat(1_000) + "\r\n{}"))
                .isEqualTo(431);
        assertThat(raw(head + ("X-Hub-Signature-256: sha256=" + "0".repeat(64) + "\r\n").repeat(50)
                        + "X-Hub-Signature-256: sha256=" + hmac("HmacSHA256", SECRET, "{}") + "\r\n\r\n{}"))
                .as("behind many wrong ones even a right one is not tried")
                .isEqualTo(401);
        assertStored(uuid, 0);
    }

    @Test
    void aSignedTimeCountsForFiveMinutes() throws Exception {
        String uuid = task("verify", "slack", "secret", SECRET);
        long now = Instant.now().getEpochSecond();

        for (long off : List.of(-330L, 330L)) {
            assertThat(slack(uuid, now + off)).as("%d s", off).isEqualTo(401);
        }
        assertStored(uuid, 0);
        assertThat(slack(uuid, now - 200)).isEqualTo(200);
    }

    private static int slack(String uuid, long time) throws Exception {
        return signed(
                uuid,
                "X-Slack-Request-Timestamp",
                Long.toString(time),
                "X-Slack-Signature",
                "v0=" + hmac("HmacSHA256", SECRET, "v0:" + time + ":" + BODY));
    }

    @Test
    void anOldSecretCountsUntilItsTimeIsOver() throws Exception {
        String during = task(
                "verify", "github", "secret", SECRET, "secret.old", OLD, "secret.old.until", "2126-01-01T00:00:00Z");
        String over = task(
                "verify", "github", "secret", SECRET, "secret.old", OLD, "secret.old.until", "2026-01-01T00:00:00Z");

        assertThat(signed(during, "X-Hub-Signature-256", signature(OLD))).isEqualTo(200);
        assertThat(signed(during, "X-Hub-Signature-256", signature(SECRET))).isEqualTo(200);
        assertThat(signed(over, "X-Hub-Signature-256", signature(OLD))).isEqualTo(401);
        assertThat(signed(over, "X-Hub-Signature-256", signature(SECRET))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "too-short", "12345678901234567890123"})
    void aSecretThatIsEmptyOrShortIsRefused(String secret) throws Exception {
        HttpResponse<String> answer = service.send(
                "POST",
                "/task",
                "{\"type\":\"Webhook\",\"config\":{\"sink\":\"log\",\"verify\":\"github\",\"secret\":\"" + secret
                        + "\"}}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("secret");
    }

    // ---------------------------------------------------------------------------------------------- admin API

    @Test
    void theAdminApiWantsTheServiceHash() throws Exception {
        String uuid = task("verify", "github", "secret", SECRET);
        for (String path :
                List.of("/task", "/task/" + uuid, "/task/" + uuid + "/trace", "/task/" + uuid + "/quarantine")) {
            for (String hash : List.of("Bearer wrong", "Bearer ", "Basic " + service.token(), service.token() + "0")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + path))
                        .header("Authorization", hash)
                        .build();
                assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .as("%s %s", path, hash)
                        .isEqualTo(401);
            }
            assertThat(HTTP.send(
                                    HttpRequest.newBuilder(URI.create(service.url() + path))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(401);
        }
        for (String path : List.of("/mon/status", "/mon/version")) {
            HttpResponse<String> open = HTTP.send(
                    HttpRequest.newBuilder(URI.create(service.url() + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(open.statusCode()).as(path).isEqualTo(200);
            assertThat(open.body()).doesNotContain(SECRET, service.token());
        }
    }

    @Test
    void nobodyWritesWhatTheServiceItselfKeeps() throws Exception {
        HttpResponse<String> made = service.send(
                "POST",
                "/task",
                "{\"uuid\":\"claims\",\"type\":\"Webhook\",\"config\":{\"sink\":\"log\"},\"stopped\":true,"
                        + "\"nb_executions_total\":99,\"status\":\"DONE\",\"owner\":\"root\",\"revision\":7,\"any\":[1]}");

        if (made.statusCode() == 201) {
            assertThat(service.send("GET", "/task/claims", "").body())
                    .contains("\"nb_executions_total\":0")
                    .doesNotContain("root", "\"nb_executions_total\":99", "\"any\"");
        } else {
            assertThat(made.statusCode()).isEqualTo(400);
        }
    }

    @Test
    void whatIsReadAfterASecretWasUsedDoesNotShowIt() throws Exception {
        String uuid = task("verify", "token", "verify.header", "X-Token", "secret", SECRET);
        assertThat(signed(uuid, "X-Token", SECRET)).isEqualTo(200);
        assertThat(signed(uuid, "X-Token", SECRET + "-wrong")).isEqualTo(401);

        for (String path : List.of(
                "/task/" + uuid,
                "/task",
                "/task/" + uuid + "/execution",
                "/task/" + uuid + "/trace",
                "/task/" + uuid + "/quarantine",
                "/task/" + uuid + "/revision")) {
            HttpResponse<String> answer = service.send("GET", path, "");
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.body()).as(path).doesNotContain(SECRET);
        }
        assertThat(service.log()).doesNotContain(SECRET);
    }

    // ---------------------------------------------------------------------------------------------- hostile texts

    @Test
    void whatAStrangerWritesIsOneLineOfTheLog() throws Exception {
        String uuid = task("verify", "github", "secret", SECRET);
        String hostile = "${jndi:ldap://127.0.0.1/x}";

        assertThat(raw("POST /webhook/" + uuid + "/%0d%0aevent=forged%1b[31m" + hostile.replace(' ', '+')
                        + " HTTP/1.1\r\nHost: a\r\nUser-Agent: \u001b[31m" + hostile
                        + "\r\nContent-Length: 2\r\n\r\n{}"))
                .isIn(400, 401);
        assertThat(signed(uuid, "User-Agent", hostile + "x".repeat(8_000))).isEqualTo(401);

        assertThat(service.log().lines().filter(line -> line.contains("event=refused")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.length()).isLessThan(2_048));
        assertThat(service.log()).doesNotContain("\u001b").doesNotContain("\nevent=forged");
    }

    @Test
    void aHostileExpressionTakesNoTime() throws Exception {
        HttpResponse<String> refused = service.send(
                "POST",
                "/task",
                "{\"type\":\"Webhook\",\"config\":{\"sink\":\"log\",\"filter\":\"ref matches '(?=a)b'\"}}");
        assertThat(refused.statusCode()).as("RE2 has no look-ahead").isEqualTo(400);
        assertThat(refused.body()).contains("filter", "no look-around");

        String uuid = task("filter", "ref matches '^(a+)+$'", "answer.wait", "10s");
        String body = "{\"ref\":\"" + "a".repeat(50_000) + "!\"}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + "/webhook/" + uuid))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode())
                .as("decided within the sender's patience")
                .isEqualTo(200);
        assertThat(Stream.of(answer.body())).allMatch(text -> text.contains("\"execution\""));
    }
}
