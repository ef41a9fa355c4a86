package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Senders that are verified, on the unpacked zip: who is let in, once each, and where the secret is not. */
final class VerifyIT {
    private static final String SECRET = "plain-secret-0123456789abcdef";
    private static final String BODY = "{\"ref\":\"refs/heads/main\"}";
    private static final int AT_ONCE = 50;
    private static final Pattern EXECUTION = Pattern.compile("\"execution\":\"([^\"]+)\"");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path dir;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
    }

    private static String task(String type) {
        return "{\"type\":\"" + type + "\",\"config\":{\"verify\":\"github\",\"secret\":\"" + SECRET
                + "\",\"sink\":\"log\"}}";
    }

    private static String signature(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(BODY.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> push(Service service, String uuid, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url() + "/webhook/" + uuid))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .header("X-GitHub-Event", "push")
                .POST(HttpRequest.BodyPublishers.ofString(BODY));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String executionOf(HttpResponse<String> answer) {
        Matcher execution = EXECUTION.matcher(answer.body());
        assertThat(execution.find()).as(answer.body()).isTrue();
        return execution.group(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "local"})
    void fiftyEqualDeliveriesAtOnceMakeOneExecution(String store) throws Exception {
        try (Service service = distribution.serve(dir.resolve("once-" + store), Map.of("HOOKS_STORE_TYPE", store));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String uuid = service.createTask(task("Webhook"));
            CountDownLatch all = new CountDownLatch(AT_ONCE);
            Callable<HttpResponse<String>> delivery = () -> {
                all.countDown();
                all.await();
                return push(
                        service, uuid, "X-Hub-Signature-256", signature(SECRET), "X-GitHub-Delivery", "72d3162e-cc78");
            };
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                answers.add(threads.submit(delivery));
            }

            List<String> bodies = new ArrayList<>();
            for (Future<HttpResponse<String>> answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(200);
                bodies.add(answer.get().body());
            }
            assertThat(bodies.stream().filter(body -> body.contains("\"duplicate\":true")))
                    .hasSize(AT_ONCE - 1);
            assertThat(answers.stream()
                            .map(answer -> executionOf(answer.resultNow()))
                            .distinct())
                    .hasSize(1);
            assertThat(view(service, uuid)).contains("\"nb_executions_total\":1");

            HttpResponse<String> forced = push(
                    service,
                    uuid,
                    "X-Hub-Signature-256",
                    signature(SECRET),
                    "X-GitHub-Delivery",
                    "72d3162e-cc78",
                    "X-Hooks-Force",
                    "true",
                    "Authorization",
                    "Bearer " + token(dir.resolve("once-" + store)));
            assertThat(forced.body()).doesNotContain("duplicate");
            assertThat(view(service, uuid)).contains("\"nb_executions_total\":2");
        }
    }

    private static String token(Path data) throws Exception {
        return distribution.run("token", "--data", data.toString()).out().strip();
    }

    private static String view(Service service, String uuid) throws Exception {
        return service.send("GET", "/task/" + uuid, "").body();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Webhook", "RepoWebHook"})
    void whatIsNotSignedIsRefusedCountedAndNotStored(String type) throws Exception {
        try (Service service = distribution.serve(dir.resolve("refused-" + type), Map.of())) {
            String uuid = service.createTask(task(type));

            for (String wrong : List.of(signature("another-secret-0123456789abcdef"), "sha1=abc", "")) {
                HttpResponse<String> answer = push(service, uuid, "X-Hub-Signature-256", wrong);
                assertThat(answer.statusCode()).isEqualTo(401);
                assertThat(answer.body()).doesNotContain(signature(SECRET)).doesNotContain(SECRET);
            }
            assertThat(push(service, uuid).statusCode()).isEqualTo(401);

            assertThat(view(service, uuid))
                    .contains("\"nb_executions_total\":0", "\"nb_requests_refused\":4")
                    .contains("\"secret\":{\"value\":\"**********\"");
            assertThat(service.send("GET", "/mon/status", "").body())
                    .contains("0 stored, 0 of them from senders that are not verified; 4 refused as not verified");
        }
    }

    /** The secret was wrong for a while: the trace says so, and what was refused is let in once it is right. */
    @ParameterizedTest
    @ValueSource(strings = {"Webhook", "RepoWebHook"})
    void whatWasRefusedIsToldOfAndLetInOnceTheSecretIsMended(String type) throws Exception {
        try (Service service = distribution.serve(dir.resolve("mended-" + type), Map.of())) {
            String uuid = service.createTask(task(type));
            String right = "the-right-secret-0123456789abcdef";
            String[] headers = {"X-Hub-Signature-256", signature(right), "X-GitHub-Delivery", "72d3162e-cc79"};
            assertThat(push(service, uuid, headers).statusCode()).isEqualTo(401);

            assertThat(service.send("GET", "/task/" + uuid + "/trace", "").body())
                    .contains("\"stopped_by\":\"verify\"", "github: the signature is wrong by secret");
            Matcher id = Pattern.compile("\"id\":\"(\\d+)\"")
                    .matcher(service.send("GET", "/task/" + uuid + "/quarantine", "")
                            .body());
            assertThat(id.find()).isTrue();
            String admit = "/task/" + uuid + "/quarantine/" + id.group(1) + "/admit";
            assertThat(service.send("POST", admit, "").statusCode()).isEqualTo(409);

            service.send(
                    "PUT",
                    "/task/" + uuid,
                    "{\"config\":{\"verify\":\"github\",\"secret\":\"" + right + "\",\"sink\":\"log\"}}");
            HttpResponse<String> admitted = service.send("POST", admit, "");
            assertThat(admitted.statusCode()).as(admitted.body()).isEqualTo(200);
            String execution = executionOf(admitted);
            assertThat(service.send("POST", admit, "").statusCode()).isEqualTo(404);
            assertThat(executionOf(push(service, uuid, headers)))
                    .as("the same delivery, sent again")
                    .isEqualTo(execution);

            String trace = service.send("GET", "/task/" + uuid + "/trace", "").body();
            assertThat(trace)
                    .contains("github: right by secret", "named 72d3162e-cc79, new", "duplicate of " + execution)
                    .doesNotContain(right, SECRET);
            assertThat(view(service, uuid)).contains("\"nb_executions_total\":1");
        }
    }

    @Test
    void anOpenTaskSaysSo() throws Exception {
        try (Service service = distribution.serve(dir.resolve("open"), Map.of())) {
            String uuid = service.createTask("{\"type\":\"Webhook\",\"config\":{\"sink\":\"log\"}}");
            push(service, uuid);

            assertThat(view(service, uuid)).contains("\"defaults\":{").contains("\"verify\":\"none\"");
            assertThat(service.send("GET", "/mon/status", "").body())
                    .contains("1 stored, 1 of them from senders that are not verified");
            HttpResponse<String> wrong = service.send(
                    "POST", "/task", "{\"type\":\"Webhook\",\"config\":{\"sink\":\"log\",\"verify\":\"githab\"}}");
            assertThat(wrong.statusCode()).isEqualTo(400);
            assertThat(wrong.body()).contains("did you mean 'github'?");
        }
    }

    @Test
    void theSecretIsInNoFileAndTheServiceStartsWithItAgain() throws Exception {
        Path data = dir.resolve("sealed");
        String uuid;
        try (Service service = distribution.serve(data, Map.of())) {
            uuid = service.createTask(task("Webhook"));
            assertThat(service.send("GET", "/mon/status", "").body()).contains("are encrypted before they are stored");
            assertThat(push(service, uuid, "X-Hub-Signature-256", signature(SECRET))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(service.log()).doesNotContain(SECRET);
            assertThat(service.terminate()).isZero();
        }
        try (Stream<Path> files = Files.walk(data)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(3);
            for (Path file : all) {
                assertThat(new String(Files.readAllBytes(file), ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(SECRET);
            }
        }
        Path key = data.resolve("secrets.key");
        byte[] kept = Files.readAllBytes(key);
        try (Service service = distribution.serve(data, Map.of())) {
            assertThat(push(service, uuid, "X-Hub-Signature-256", signature(SECRET))
                            .statusCode())
                    .isEqualTo(200);
            service.terminate();
        }
        Files.delete(key);
        try (Service service = distribution.serve(data, Map.of())) {
            assertThat(push(service, uuid, "X-Hub-Signature-256", signature(SECRET))
                            .statusCode())
                    .isEqualTo(503);
            assertThat(view(service, uuid)).contains("option 'secret' is stored encrypted with key");
            service.terminate();
        }
        Files.write(key, kept);
        try (Service service = distribution.serve(data, Map.of())) {
            assertThat(push(service, uuid, "X-Hub-Signature-256", signature(SECRET))
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
