package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.cdshooks.distribution.Distribution.Result;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end, on the unpacked zip. */
final class ServeIT {
    private static final Map<String, String> ALLOWED =
            Map.of("HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32", "HOOKS_RETRYDELAY", "1");

    @TempDir
    static Path dir;

    private static Distribution distribution;
    private static Target target;
    private Path data;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
        target = new Target();
    }

    @AfterAll
    static void closeTarget() {
        target.close();
    }

    @BeforeEach
    void freshData(TestInfo test) {
        data = dir.resolve(test.getTestMethod().orElseThrow().getName());
        target.deliveries().clear();
        target.answers(204);
    }

    private static String webhook() {
        return "{\"type\":\"Webhook\",\"config\":{\"method\":\"POST\",\"sink\":\"http\",\"sink.url\":\"" + target.url()
                + "\"}}";
    }

    @Test
    void aWebhookIsStoredAndDelivered() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            String uuid = service.createTask(webhook());

            var answer = service.send("POST", "/webhook/" + uuid, "{\"git.branch\":\"main\",\"n\":12345678}");

            assertThat(answer.statusCode()).isEqualTo(200);
            waitUntil("it is delivered", () -> target.deliveries().size() == 1);
            Target.Delivery delivery = target.deliveries().getFirst();
            assertThat(delivery.body())
                    .contains("\"uuid\":\"" + uuid + "\"", "\"type\":\"Webhook\"", "\"attempt\":1")
                    .contains("\"git.branch\":\"main\"", "\"n\":\"12345678\"")
                    .contains("\"execution\":\"" + delivery.idempotencyKey() + "\"");
            waitUntil("it is settled", () -> executions(service, uuid).contains("\"status\":\"DONE\""));
            assertThat(service.terminate()).isZero();
            assertThat(service.log()).contains("nothing was cut short");
        }
    }

    @Test
    void aSchedulerFires() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            String uuid = service.createTask(
                    "{\"type\":\"Scheduler\",\"config\":{\"cron\":\"* * * * * * *\",\"payload\":\"{\\\"a\\\":1}\","
                            + "\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");

            waitUntil("it has fired twice", () -> target.deliveries().size() >= 2);
            assertThat(target.deliveries())
                    .allSatisfy(delivery -> assertThat(delivery.body()).contains("\"a\":\"1\"", uuid));
            assertThat(service.send("GET", "/task/" + uuid + "/schedule?from=2027-01-01T00:00:00Z&count=2", "")
                            .body())
                    .isEqualTo("{\"next\":[\"2027-01-01T00:00:01Z\",\"2027-01-01T00:00:02Z\"]}");
        }
    }

    @Test
    void aPushIsReadAndAPingIsDone() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            String uuid = service.createTask(
                    "{\"type\":\"RepoWebHook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");

            service.send(
                    "POST", "/webhook/" + uuid, "{\"zen\":\"Keep it logically awesome.\"}", "X-GitHub-Event", "ping");
            service.send(
                    "POST",
                    "/webhook/" + uuid,
                    "{\"ref\":\"refs/heads/main\",\"after\":\"a1\",\"repository\":{\"full_name\":\"o/r\"}}",
                    "X-GitHub-Event",
                    "push",
                    "X-GitHub-Delivery",
                    "72d3162e-cc78-11e3-81ab-4c9367dc0958");

            waitUntil("the push is delivered", () -> target.deliveries().size() == 1);
            assertThat(target.deliveries().getFirst().body())
                    .contains("\"git.branch\":\"main\"", "\"git.hash\":\"a1\"", "\"git.repository\":\"o/r\"");
            waitUntil("both are done", () -> executions(service, uuid).split("\"status\":\"DONE\"", -1).length == 3);
            assertThat(executions(service, uuid)).doesNotContain("FAILED");
        }
    }

    @Test
    void aRepositoryIsPolled() throws Exception {
        HttpServer git = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        git.createContext("/team/app.git/info/refs", exchange -> {
            String line = "a".repeat(40) + " refs/heads/main\0agent=git\n";
            byte[] refs = (String.format("%04x", line.length() + 4) + line + "0000").getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
            exchange.sendResponseHeaders(200, refs.length);
            exchange.getResponseBody().write(refs);
            exchange.close();
        });
        git.start();
        try (Service service = distribution.serve(data, ALLOWED)) {
            String uuid = service.createTask("{\"type\":\"RepoPoller\",\"config\":{\"provider\":\"git\",\"url\":"
                    + "\"http://127.0.0.1:" + git.getAddress().getPort() + "/team/app.git\",\"interval\":\"5s\","
                    + "\"emitInitial\":\"true\",\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");

            waitUntil("it has polled", () -> target.deliveries().size() == 1);
            assertThat(target.deliveries().getFirst().body())
                    .contains(uuid, "\"git.event\":\"branch.created\"", "\"git.branch\":\"main\"")
                    .contains("\"git.repository\":\"team/app\"");
        } finally {
            git.stop(0);
        }
    }

    @Test
    void aFailingTargetIsTriedAgainThenFailedAndReplayed() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            target.answers(500);
            String uuid = service.createTask(webhook());
            service.send("POST", "/webhook/" + uuid, "{}");
            waitUntil("its tries are used up", () -> executions(service, uuid).contains("\"status\":\"FAILED\""));
            assertThat(target.deliveries())
                    .hasSize(3)
                    .extracting(Target.Delivery::idempotencyKey)
                    .containsOnly(target.deliveries().getFirst().idempotencyKey());

            target.answers(200);
            String key = target.deliveries().getFirst().idempotencyKey();
            String timestamp = key.substring(key.lastIndexOf(':') + 1);
            assertThat(service.send("POST", "/task/" + uuid + "/execution/" + timestamp + "/replay", "")
                            .statusCode())
                    .isEqualTo(202);
            waitUntil("it is delivered", () -> executions(service, uuid).contains("\"status\":\"DONE\""));
        }
    }

    @Test
    void aRestartKeepsTasksAndWhatIsNotDelivered() throws Exception {
        String uuid;
        try (Service service = distribution.serve(data, ALLOWED)) {
            uuid = service.createTask(webhook());
            target.answers(503);
            service.send("POST", "/webhook/" + uuid, "{\"kept\":true}");
            waitUntil("it was tried", () -> !target.deliveries().isEmpty());
            assertThat(service.terminate()).isZero();
        }
        target.answers(204);
        try (Service service = distribution.serve(data, ALLOWED)) {
            waitUntil("it is delivered", () -> executions(service, uuid).contains("\"status\":\"DONE\""));
        }
    }

    private static int status(Service service, String method, String path, String body) {
        try {
            return service.send(method, path, body).statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(method + ' ' + path + " was not answered", e);
        }
    }

    @Test
    void probesAndReadsAreAnsweredUntilAStopHasEnded() throws Exception {
        try (SlowTarget held = new SlowTarget();
                Service service = distribution.serve(data, ALLOWED)) {
            String uuid = service.createTask(webhook().replace(target.url(), held.url()));
            assertThat(status(service, "POST", "/webhook/" + uuid, "{}")).isEqualTo(200);
            held.awaitCalls(1);

            service.process().destroy();

            waitUntil("the service is not ready", () -> status(service, "GET", "/health/ready", "") == 503);
            assertThat(service.send("GET", "/health/ready", "").body()).contains("the service is stopping");
            waitUntil("new work is refused", () -> status(service, "POST", "/webhook/" + uuid, "{}") == 503);
            var refused = service.send("POST", "/webhook/" + uuid, "{}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(status(service, "POST", "/task", webhook())).isEqualTo(503);
            assertThat(status(service, "GET", "/health/live", "")).isEqualTo(200);
            assertThat(executions(service, uuid)).contains("\"status\":\"DOING\"");

            held.answer();
            assertThat(service.process().waitFor()).isZero();
            assertThat(service.log()).contains("nothing was cut short");
        }
    }

    @Test
    void anAnnouncedStopServesAsAlways() throws Exception {
        Map<String, String> settings = new HashMap<>(ALLOWED);
        settings.put("HOOKS_STOPANNOUNCE", "1h");
        try (Service service = distribution.serve(data, settings)) {
            String uuid = service.createTask(webhook());

            service.process().destroy();

            waitUntil("the service is not ready", () -> status(service, "GET", "/health/ready", "") == 503);
            assertThat(status(service, "GET", "/health/live", "")).isEqualTo(200);
            assertThat(status(service, "POST", "/webhook/" + uuid, "{}")).isEqualTo(200);
            waitUntil("it is delivered", () -> target.deliveries().size() == 1);
            service.createTask(webhook());
            service.kill();
        }
    }

    @Test
    void aPortThatIsTakenIsToldWithTheWayOut() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Result result = distribution.run(
                    "serve", "--data", data.toString(), "--port", String.valueOf(taken.getLocalPort()));

            assertThat(result.exitCode()).isEqualTo(5);
            assertThat(result.err())
                    .contains(String.valueOf(taken.getLocalPort()))
                    .contains("--port")
                    .doesNotContain("\tat ");
            assertThat(result.out()).isEmpty();
        }
    }

    @Test
    void aSecondProcessIsKeptOutOfTheData() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            Result result = distribution.run("serve", "--port", "0", "--data", data.toString());

            assertThat(result.exitCode()).isEqualTo(3);
            assertThat(result.err())
                    .contains(data.toString())
                    .contains(String.valueOf(service.process().pid()));
        }
    }

    @Test
    void damagedDataIsRefusedAndExplained() throws Exception {
        try (Service service = distribution.serve(data, ALLOWED)) {
            service.createTask(webhook());
            service.terminate();
        }
        try (var files = Files.list(data);
                RandomAccessFile file = new RandomAccessFile(
                        files.max(Comparator.comparingLong(f -> f.toFile().length()))
                                .orElseThrow()
                                .toFile(),
                        "rw")) {
            byte[] noise = new byte[(int) file.length()];
            new java.util.Random(1).nextBytes(noise);
            file.write(noise);
        }

        Result result = distribution.run("serve", "--port", "0", "--data", data.toString());

        assertThat(result.exitCode()).isEqualTo(4);
        assertThat(result.err()).contains(data.toString(), "--repair").doesNotContain("\tat ");
    }

    private static String executions(Service service, String uuid) {
        try {
            return service.send("GET", "/task/" + uuid + "/execution", "").body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
