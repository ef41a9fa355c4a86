package org.cdshooks.plugin.repowebhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.TestCall;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rows are what the original service made of requests. Where this one differs, the row is named here. */
class RepoWebhookTableTest {
    /** The original fails, and tries again twice; here they are rejected at once, with these words. */
    private static final Map<String, String> REJECTED = Map.of(
            "github array", "The body of the push of GitHub is not a JSON object but an array.",
            "github empty body", "The body of the push of GitHub is empty.",
            "github wrong field type", "The body of the push of GitHub has a number where 'ref' should be a text.",
            "gitlab bad", "The body of the push of GitLab is not JSON (line 1, column 1).",
            "no header",
                    "No header of the request tells which version control server sent it, such as X-GitHub-Event,"
                            + " X-Gitlab-Event, X-Event-Key or X-Gitea-Event. For other senders use a task of type"
                            + " Webhook.");

    /** The original fails, and tries again twice; here they are done, with these words. */
    private static final Map<String, String> SKIPPED = Map.of(
            "github ping", "The event 'ping' of GitHub is no push, and only pushes fire this hook.",
            "github pull_request", "The event 'pull_request' of GitHub is no push, and only pushes fire this hook.");

    /** The original fails because of the time of a commit, which it does not use. */
    private static final Map<String, Map<String, String>> READ = Map.of(
            "github bad timestamp",
            new TreeMap<>(Map.of(
                    "cds.triggered_by.email", "",
                    "cds.triggered_by.fullname", "",
                    "cds.triggered_by.username", "",
                    "git.author", "",
                    "git.author.email", "",
                    "git.branch", "x",
                    "git.hash", "",
                    "git.hash.before", "",
                    "git.message", "m",
                    "git.repository", "o/r")));

    /** The original takes the first of the changes of a push; here each makes an event. */
    private static final Map<String, Map<String, String>> SECOND_EVENT = Map.of(
            "bitbucket push",
            Map.of(
                    "cds.triggered_by.email", "admin@x",
                    "cds.triggered_by.fullname", "Administrator",
                    "cds.triggered_by.username", "admin",
                    "git.author", "admin",
                    "git.author.email", "admin@x",
                    "git.branch", "other",
                    "git.hash", "t3",
                    "git.hash.before", "f2",
                    "git.repository", "PRJ/repo"));

    @TestFactory
    Stream<DynamicTest> eachRowIsAsInCdsSaveThoseNamedHere() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(name(row), () -> {
                    ExecutionResult result = execute(row);
                    if (REJECTED.containsKey(name(row))) {
                        assertThat(row.has("error")).isTrue();
                        assertThat(result).isEqualTo(ExecutionResult.rejected(REJECTED.get(name(row))));
                    } else if (SKIPPED.containsKey(name(row))) {
                        assertThat(row.has("error")).isTrue();
                        assertThat(result).isEqualTo(ExecutionResult.skipped(SKIPPED.get(name(row))));
                    } else if (row.has("no_event")) {
                        assertThat(result).isInstanceOf(ExecutionResult.Skipped.class);
                    } else {
                        List<Map<String, String>> expected = new ArrayList<>();
                        expected.add(READ.containsKey(name(row)) ? READ.get(name(row)) : payload(row));
                        if (SECOND_EVENT.containsKey(name(row))) {
                            expected.add(SECOND_EVENT.get(name(row)));
                        }
                        assertThat(values(result)).isEqualTo(expected);
                    }
                }));
    }

    @Test
    void theTableIsWhole() throws IOException {
        List<String> names = rows().stream().map(RepoWebhookTableTest::name).toList();

        assertThat(names).hasSize(24).doesNotHaveDuplicates();
        assertThat(names).containsAll(SECOND_EVENT.keySet());
        assertThat(rows().stream().filter(row -> row.has("error")).map(RepoWebhookTableTest::name))
                .containsExactlyInAnyOrderElementsOf(Stream.of(REJECTED.keySet(), SKIPPED.keySet(), READ.keySet())
                        .flatMap(keys -> keys.stream())
                        .toList());
    }

    private static ExecutionResult execute(JsonNode row) throws Exception {
        Map<String, String> options = Map.of(
                "method", "POST",
                "hookIcon", "",
                "project", "PRJ",
                "repoFullName", "org/repo",
                "vcsServer", "github",
                "webHookURL", "http://h/webhook/u",
                "workflow", "w",
                "workflow_id", "13");
        TestCall call = TestCall.of("POST", "").header("Content-Type", "application/json");
        for (Map.Entry<String, JsonNode> header : row.get("in").get("headers").properties()) {
            call = call.header(header.getKey(), header.getValue().get(0).textValue());
        }
        try (HookHarness harness = HookHarness.of(new RepoWebhookType()).create(options)) {
            var reply = harness.call(call.body(row.get("in").get("body").textValue()));
            assertThat(reply.status()).isEqualTo(200);
            harness.runPending();
            assertThat(harness.results()).hasSize(1);
            return harness.results().getFirst();
        }
    }

    private static List<Map<String, String>> values(ExecutionResult result) {
        assertThat(result).isInstanceOf(ExecutionResult.Completed.class);
        return ((ExecutionResult.Completed) result)
                .events().stream().map(event -> event.values()).toList();
    }

    private static String name(JsonNode row) {
        return row.get("in").get("name").textValue();
    }

    private static Map<String, String> payload(JsonNode row) {
        Map<String, String> payload = new TreeMap<>();
        row.get("payload")
                .properties()
                .forEach(e -> payload.put(e.getKey(), e.getValue().textValue()));
        return payload;
    }

    private static List<JsonNode> rows() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                RepoWebhookTableTest.class.getResourceAsStream("/cds/flatten-repository-webhooks.json"))) {
            List<JsonNode> rows = new ArrayList<>();
            new ObjectMapper().readTree(in).forEach(rows::add);
            return rows;
        }
    }
}
