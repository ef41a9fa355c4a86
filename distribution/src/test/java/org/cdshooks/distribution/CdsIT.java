package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;
import static org.cdshooks.testbed.cds.FakeCdsApi.hook;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The service as a member of a CDS installation, on the unpacked zip. {@code -Dcds.away=60} keeps the API away for longer. */
final class CdsIT {
    private static final Duration AWAY = Duration.ofSeconds(Integer.getInteger("cds.away", 3));
    private static final String LISTED = "4c1a4192-7268-4ccc-b2dc-c957fa605a9e";
    private static final String SAVED = "888b5b06-f39b-43a7-ade6-e245cbf68cd2";
    private static final String REGISTER = "/services/register";

    @TempDir
    static Path dir;

    private static Distribution distribution;

    @AutoClose
    private final FakeCdsApi api = new FakeCdsApi();

    private Path data;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
    }

    @BeforeEach
    void freshData(TestInfo test) {
        data = dir.resolve(test.getTestMethod().orElseThrow().getName());
        api.putHook(LISTED, hook(LISTED, "WebHook", "PRJ", "w0", "method", "POST"));
    }

    @AfterEach
    void everyCallWasRight() {
        assertThat(api.objections()).isEmpty();
    }

    private Service serve(String... more) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOOKS_CDS_API_URL",
                api.url() + "/",
                "HOOKS_CDS_API_TOKEN",
                FakeCdsApi.TOKEN,
                "HOOKS_CDS_HEARTBEAT",
                "500ms",
                "HOOKS_RETRYDELAY",
                "1"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return distribution.serve(data, environment);
    }

    private FakeCdsApi.Reply call(String method, String path, String body) {
        try {
            return api.callService(method, path, body);
        } catch (IOException e) {
            return new FakeCdsApi.Reply(0, "");
        }
    }

    private void awaitSynchronised() throws InterruptedException {
        waitUntil("it has registered", () -> !api.requests(REGISTER).isEmpty());
        waitUntil(
                "it has synchronised", () -> call("GET", "/task/" + LISTED, "").status() == 200);
    }

    private static int ring(Service service, String uuid, String body) {
        try {
            return service.send("POST", "/webhook/" + uuid, body).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String status(Service service) {
        try {
            return service.send("GET", "/mon/status", "").body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nothingIsLostWhileTheApiIsAwayAndForgetsTheService() throws Exception {
        try (Service service = serve()) {
            awaitSynchronised();
            assertThat(api.requests().getFirst().path()).isEqualTo(REGISTER);

            String saved = hook(SAVED, "WebHook", "PRJ", "w 1", "method", "POST");
            api.putHook(SAVED, saved);
            assertThat(call("POST", "/task/bulk", "{\"" + SAVED + "\":" + saved + "}"))
                    .satisfies(reply -> assertThat(reply.status()).isEqualTo(200))
                    .satisfies(reply -> assertThat(reply.body()).contains("/webhook/" + SAVED));

            assertThat(ring(service, SAVED, "{\"n\":1234567}")).isEqualTo(200);
            waitUntil("the workflow runs", () -> api.runs().size() == 1);
            assertThat(api.runs().getFirst().workflow()).isEqualTo("w 1");
            assertThat(api.runs().getFirst().payload())
                    .containsEntry("n", "1.234567e+06")
                    .containsEntry("workflow_id", "7")
                    .containsEntry("cds.triggered_by.username", "cds.webhook");
            waitUntil(
                    "the number of the run is kept",
                    () -> call("GET", "/task/" + SAVED + "/execution", "")
                            .body()
                            .contains("\"workflow_run\":1,"));
            int beats = api.requests(REGISTER).size();
            waitUntil("it beats", () -> api.requests(REGISTER).size() >= beats + 2);

            api.stop();
            List<String> expected = new ArrayList<>();
            long end = System.nanoTime() + AWAY.toNanos();
            waitUntil("the API was away for " + AWAY, () -> {
                String id = "away" + expected.size();
                assertThat(ring(service, SAVED, "{\"id\":\"" + id + "\"}")).isEqualTo(200);
                expected.add(id);
                return System.nanoTime() > end;
            });
            assertThat(status(service)).containsPattern("\"status\":\"(WARN|AL)\",\"component\":\"CDS API\"");
            api.forgetService();
            api.startAgain();

            waitUntil("all runs have started", () -> api.runs().size() > expected.size());
            assertThat(api.runs().stream().skip(1).map(run -> run.payload().get("id")))
                    .containsExactlyInAnyOrderElementsOf(expected);
            waitUntil(
                    "the new hash holds",
                    () -> call("GET", "/task/" + SAVED, "").status() == 200);
            waitUntil("all is well", () -> status(service).contains("\"status\":\"OK\",\"component\":\"CDS API\""));
            assertThat(call("POST", "/admin/sync", "").body())
                    .contains("\"listed\":2", "\"unchanged\":2", "\"saved\":0", "\"removed\":0", "\"refused\":0");
            assertThat(service.log()).doesNotContain(FakeCdsApi.TOKEN, "\tat ");
            assertThat(service.terminate()).isZero();
        }
    }

    /** The API calls the service before it commits, so that it does not know the hook yet that it has just saved. */
    @Test
    void anEventThatComesWhileItsWorkflowIsSavedRunsIt() throws Exception {
        try (Service service = serve()) {
            awaitSynchronised();
            String saved = hook(SAVED, "WebHook", "PRJ", "w1", "method", "POST");
            assertThat(call("POST", "/task/bulk", "{\"" + SAVED + "\":" + saved + "}")
                            .status())
                    .isEqualTo(200);

            assertThat(ring(service, SAVED, "{\"id\":\"early\"}")).isEqualTo(200);
            waitUntil(
                    "the API has refused the run twice",
                    () -> api.requests("/project/PRJ/workflows/w1/runs").size() >= 2);
            assertThat(api.runs()).isEmpty();
            api.putHook(SAVED, saved);

            waitUntil("the workflow runs", () -> api.runs().size() == 1);
            assertThat(api.runs().getFirst().payload()).containsEntry("id", "early");
        }
    }

    @Test
    void aRestartWhileTheApiIsAwayKeepsTheHashAndAccepts() throws Exception {
        try (Service service = serve()) {
            awaitSynchronised();
            assertThat(service.terminate()).isZero();
        }
        api.stop();
        try (Service service = serve()) {
            assertThat(service.token()).isEqualTo(api.hash());
            assertThat(service.send("GET", "/task/" + LISTED, "").statusCode()).isEqualTo(200);
            assertThat(ring(service, LISTED, "{\"id\":\"early\"}")).isEqualTo(200);
            assertThat(api.runs()).isEmpty();

            api.startAgain();

            waitUntil("the run has started", () -> api.runs().size() == 1);
            assertThat(api.runs().getFirst().payload()).containsEntry("id", "early");
        }
    }

    /** What the API shows of this service to its administrators warns only if there is something to do. */
    @Test
    void theApiShowsAServiceThatIsWellAsOk() throws Exception {
        api.setVersion("0.34.0+cds.5001");
        try (Service service = serve()) {
            awaitSynchronised();
            int beats = api.requests(REGISTER).size();
            waitUntil("it beats", () -> api.requests(REGISTER).size() >= beats + 2);

            assertThat(api.globalStatus())
                    .containsOnly(Map.entry("Global/hooks", "OK"), Map.entry("Global/Version", "OK"));
            assertThat(status(service))
                    .contains("\"component\":\"Version\",\"value\":\"0.34.0+cds.5001\"", "\"component\":\"Build\"");
        }
    }

    /** Defects B10 and B11 of CDS are not here: the runs have their own values, and the next poll is when the API says. */
    @Test
    void whatTheApiSeesInARepositoryRunsTheWorkflow() throws Exception {
        api.putHook(
                SAVED,
                hook(
                        SAVED,
                        "Git Repository Poller",
                        "PRJ",
                        "w2",
                        "vcsServer",
                        "github",
                        "interval",
                        "5s",
                        "payload",
                        "{}"));
        api.putEvents("{\"push_events\":[" + push("refs/heads/main", "h1") + "," + push("refs/tags/v2", "h2")
                + "],\"create_events\":null,\"delete_events\":null,\"pullrequest_events\":null}");
        try (Service service = serve()) {
            waitUntil("the workflow runs twice", () -> api.runs().size() == 2);

            assertThat(api.runs()).allSatisfy(run -> assertThat(run.workflow()).isEqualTo("w2"));
            assertThat(api.runs().get(0).payload())
                    .containsEntry("git.branch", "main")
                    .containsEntry("git.hash", "h1")
                    .doesNotContainKey("git.tag");
            assertThat(api.runs().get(1).payload())
                    .containsEntry("git.tag", "v2")
                    .containsEntry("git.hash", "h2");
            assertThat(api.requests("/hook/"))
                    .singleElement()
                    .satisfies(request ->
                            assertThat(request.path()).isEqualTo("/hook/" + SAVED + "/workflow/7/vcsevent/github"));
            JsonNode executions = CdsJson.parse(service.send("GET", "/task/" + SAVED + "/execution", "")
                            .body())
                    .path("executions");
            assertThat(executions).hasSize(2);
            Duration wait =
                    Duration.ofNanos(executions.path(0).path("timestamp").asLong()
                            - executions.path(1).path("timestamp").asLong());
            assertThat(executions.path(0).path("status").asText()).isEqualTo("SCHEDULED");
            assertThat(wait).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(120));
        }
    }

    private static String push(String ref, String hash) {
        return "{\"repo\":\"o/r\",\"branch\":{\"id\":\"" + ref + "\",\"display_id\":\"" + ref
                + "\"},\"commit\":{\"id\":\"" + hash
                + "\",\"author\":{\"name\":\"Ada\",\"displayName\":\"ada\",\"emailAddress\":\"ada@x\"},\"message\":\"m\"}}";
    }

    @Test
    void aFirstStartWithoutTheApiWaitsForIt() throws Exception {
        api.stop();
        try (Service service = serve()) {
            waitUntil("it says so", () -> status(service).contains("not registered yet"));
            api.startAgain();

            awaitSynchronised();
        }
    }

    @Test
    void aTokenThatIsRefusedIsToldByItsSettingAndEndsNothing() throws Exception {
        try (Service service = serve("HOOKS_CDS_API_TOKEN", "some-wrong-token")) {
            waitUntil("the log says so", () -> service.log().contains("cds.api.token must be a token"));

            assertThat(status(service)).contains("401", "cds.api.token");
            assertThat(service.log()).doesNotContain("some-wrong-token");
        }
    }

    @Test
    void aMissingTokenIsToldBeforeTheStart() throws Exception {
        Distribution.Result result = distribution.run(
                Map.of("HOOKS_CDS_API_URL", api.url()), "serve", "--port", "0", "--data", data.toString());

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.err()).contains("cds.api.token").doesNotContain("\tat ");
    }
}
