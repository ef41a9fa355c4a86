package org.cdshooks.plugin.repowebhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Trigger;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.TestCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the table of the original service does not know. */
class RepoWebhookTest {
    private static final String PUSH =
            "{\"ref\":\"refs/heads/main\",\"after\":\"a1\",\"repository\":{\"full_name\":\"o/r\"}}";

    @Test
    void itTakesPushesAsLargeAsGitHubSendsThem() {
        try (HookHarness harness = hook()) {
            Trigger.Http http = (Trigger.Http) harness.hook().triggers().getFirst();

            assertThat(http.methods()).containsExactly("POST");
            assertThat(http.maxBody()).hasValue(26_214_400);
            assertThat(harness.task().type()).isEqualTo("RepoWebHook");
            assertThat(new RepoWebhookType().descriptor().models()).containsExactly("RepositoryWebHook");
        }
    }

    // ---------------------------------------------------------------------------------- providers

    @Test
    void aPushToGiteaHasItsAuthorAndTheMessageOfItsHead() throws Exception {
        String body = """
                {"ref":"refs/heads/develop","before":"28e1879d","after":"bffeb74224043ba2feb48d137756c8a9331c449a",
                 "compare_url":"http://localhost:3000/gitea/webhooks/compare/28e1879d...bffeb742",
                 "commits":[{"id":"bffeb742","message":"Webhooks Yay!","author":{"name":"Gitea","email":"someone@gitea.io",
                   "username":"gitea"},"timestamp":"2017-03-13T13:52:11-04:00"},{"id":"x","message":"older"}],
                 "head_commit":{"id":"bffeb742","message":"Webhooks Yay!","author":{"name":"Gitea",
                   "email":"someone@gitea.io","username":""}},
                 "repository":{"id":140,"name":"webhooks","full_name":"gitea/webhooks","private":false},
                 "pusher":{"id":1,"login":"gitea","full_name":"Gitea","email":"someone@gitea.io","username":"gitea"}}""";

        assertThat(events(Map.of("X-Gitea-Event", "push", "X-GitHub-Event", "push", "X-Gogs-Event", "push"), body))
                .containsExactly(Map.of(
                        "cds.triggered_by.email", "someone@gitea.io",
                        "cds.triggered_by.fullname", "Gitea",
                        "cds.triggered_by.username", "gitea",
                        "git.author", "gitea",
                        "git.author.email", "someone@gitea.io",
                        "git.branch", "develop",
                        "git.hash", "bffeb74224043ba2feb48d137756c8a9331c449a",
                        "git.hash.before", "28e1879d",
                        "git.message", "Webhooks Yay!",
                        "git.repository", "gitea/webhooks"));
    }

    @Test
    void aTagPushedToForgejoIsATagAndWhoPushedIsTheAuthor() throws Exception {
        String body = """
                {"ref":"refs/tags/v1","before":"0000000000000000000000000000000000000000","after":"a1","commits":[],
                 "head_commit":null,"repository":{"full_name":"o/r"},
                 "pusher":{"login":"ada","full_name":"Ada L.","email":"ada@x"}}""";

        assertThat(events(Map.of("X-Forgejo-Event", "push", "X-Gitea-Event", "push", "X-GitHub-Event", "push"), body))
                .singleElement()
                .satisfies(values -> assertThat(values)
                        .contains(
                                entry("git.tag", "v1"),
                                entry("git.author", "ada"),
                                entry("cds.triggered_by.fullname", "Ada L."),
                                entry("git.author.email", "ada@x"))
                        .doesNotContainKeys("git.branch", "git.message"));
    }

    @Test
    void aDeletionInGiteaMakesNoEvent() throws Exception {
        String body =
                "{\"ref\":\"refs/heads/old\",\"before\":\"b1\",\"after\":\"0000000000000000000000000000000000000000\"}";

        assertThat(execute(
                        TestCall.of("POST", "").header("X-Gitea-Event", "push").body(body)))
                .isEqualTo(ExecutionResult.skipped(
                        "The push only deletes, such as refs/heads/old; nothing is left to run for."));
    }

    @Test
    void aTagPushOfGitLabIsAPush() throws Exception {
        String body = """
                {"object_kind":"tag_push","before":"0000000000000000000000000000000000000000",
                 "after":"82b3d5ae55f7080f1e6022629cdb57bfae7cccc7","ref":"refs/tags/v1.0.0","user_id":1,
                 "user_name":"John Smith","user_username":"jsmith","user_email":null,"project_id":1,
                 "project":{"path_with_namespace":"jsmith/example"},"commits":[],"total_commits_count":0}""";

        assertThat(events(Map.of("X-Gitlab-Event", "Tag Push Hook"), body))
                .singleElement()
                .satisfies(values -> assertThat(values)
                        .contains(
                                entry("git.tag", "v1.0.0"),
                                entry("git.hash", "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7"),
                                entry("git.repository", "jsmith/example"),
                                entry("git.author", "jsmith"),
                                entry("git.author.email", "")));
    }

    @Test
    void eachChangeOfAPushToBitbucketCloudMakesAnEvent() throws Exception {
        String body = """
                {"actor":{"type":"user","display_name":"Emma Paint","nickname":"emmap","account_id":"1"},
                 "repository":{"type":"repository","full_name":"team/repo"},
                 "push":{"changes":[
                   {"old":{"type":"branch","name":"main","target":{"hash":"1e65c05"}},
                    "new":{"type":"branch","name":"main","target":{"hash":"709d658","message":"new commit message\\n",
                      "author":{"type":"author","raw":"Emma Paint <emma@example.com>"}}},
                    "created":false,"forced":false,"closed":false,"truncated":false,"commits":[{"hash":"709d658"}]},
                   {"old":null,"new":{"type":"tag","name":"v1","target":{"hash":"709d658"}},"created":true},
                   {"old":{"type":"branch","name":"gone","target":{"hash":"1111111"}},"new":null,"closed":true}]}}""";

        List<Map<String, String>> events = events(Map.of("X-Event-Key", "repo:push", "X-Hook-UUID", "u"), body);

        assertThat(events).hasSize(2);
        assertThat(events.get(0))
                .isEqualTo(Map.of(
                        "cds.triggered_by.email", "emma@example.com",
                        "cds.triggered_by.fullname", "Emma Paint",
                        "cds.triggered_by.username", "emmap",
                        "git.author", "emmap",
                        "git.author.email", "emma@example.com",
                        "git.branch", "main",
                        "git.hash", "709d658",
                        "git.hash.before", "1e65c05",
                        "git.message", "new commit message\n",
                        "git.repository", "team/repo"));
        assertThat(events.get(1))
                .contains(
                        entry("git.tag", "v1"),
                        entry("git.hash", "709d658"),
                        entry("git.hash.before", "0000000000000000000000000000000000000000"))
                .doesNotContainKeys("git.branch", "git.message");
    }

    @Test
    void whatIsDeletedBesideOtherChangesMakesNoEvent() throws Exception {
        String body = """
                {"actor":{"name":"admin"},"repository":{"slug":"repo","project":{"key":"PRJ"}},"changes":[
                  {"refId":"refs/heads/gone","type":"DELETE","fromHash":"f0",
                   "toHash":"0000000000000000000000000000000000000000"},
                  {"refId":"refs/heads/new","type":"ADD","fromHash":"0000000000000000000000000000000000000000",
                   "toHash":"t1"}]}""";

        assertThat(events(Map.of("X-Event-Key", "repo:refs_changed"), body))
                .singleElement()
                .satisfies(values -> assertThat(values).contains(entry("git.branch", "new"), entry("git.hash", "t1")));
    }

    @ParameterizedTest
    @CsvSource({
        "X-Event-Key,diagnostics:ping,Bitbucket Server",
        "X-Gitlab-Event,Merge Request Hook,GitLab",
        "X-Gitea-Event,create,Gitea",
        "X-Forgejo-Event,release,Forgejo",
    })
    void whatIsNoPushIsDoneWithWords(String header, String event, String server) throws Exception {
        assertThat(execute(TestCall.of("POST", "").header(header, event).body("{}")))
                .isEqualTo(ExecutionResult.skipped(
                        "The event '" + event + "' of " + server + " is no push, and only pushes fire this hook."));
    }

    @Test
    void aNameOfAnEventThatIsTooLongIsCut() throws Exception {
        ExecutionResult result = execute(TestCall.of("POST", "")
                .header("X-GitHub-Event", "x".repeat(1000))
                .body("{}"));

        assertThat(((ExecutionResult.Skipped) result).reason())
                .hasSizeLessThan(140)
                .contains("x…'");
    }

    @Test
    void aPushThatChangesMoreThanAThousandBranchesIsRejected() throws Exception {
        assertThat(((ExecutionResult.Completed) execute(changes(1000))).events())
                .hasSize(1000);
        assertThat(execute(changes(1001)))
                .isEqualTo(
                        ExecutionResult.rejected("The push changes 1001 branches and tags at once, more than the 1000"
                                + " that one execution takes."));
    }

    private static TestCall changes(int count) {
        String changes = IntStream.range(0, count)
                .mapToObj(i -> "{\"refId\":\"refs/heads/b" + i + "\",\"toHash\":\"h\"}")
                .collect(Collectors.joining(",", "{\"changes\":[", "]}"));
        return TestCall.of("POST", "")
                .header("X-Event-Key", "repo:refs_changed")
                .body(changes);
    }

    // --------------------------------------------------------------------------------------- bodies

    @Test
    void aPushInAFormIsRead() throws Exception {
        TestCall form = TestCall.of("POST", "")
                .header("X-GitHub-Event", "push")
                .header("Content-Type", "application/x-www-form-urlencoded");

        assertThat(values(execute(form.body("payload=" + URLEncoder.encode(PUSH, UTF_8)))))
                .singleElement()
                .satisfies(values -> assertThat(values).containsEntry("git.branch", "main"));
        assertThat(values(execute(form.body(PUSH)))).hasSize(1);
        assertThat(execute(form.body("json=" + URLEncoder.encode(PUSH, UTF_8))))
                .isEqualTo(ExecutionResult.rejected("The form that GitHub sent has no field 'payload'."));
    }

    /** Defect B15 of CDS: there, one commit with an odd time makes the push fail. */
    @Test
    void fieldsThatAreNotUsedMayBeAnything() throws Exception {
        String body = "{\"ref\":\"refs/heads/x\",\"head_commit\":{\"timestamp\":{}},\"pusher\":7,\"created\":\"yes\","
                + "\"commits\":[{\"message\":\"m\",\"timestamp\":1,\"added\":\"none\"}],\"repository\":{\"id\":\"1\"}}";

        assertThat(events(Map.of("X-GitHub-Event", "push"), body))
                .singleElement()
                .satisfies(values -> assertThat(values).contains(entry("git.branch", "x"), entry("git.message", "m")));
    }

    // ----------------------------------------------------------------------------------- deliveries

    @ParameterizedTest
    @CsvSource({
        "X-GitHub-Event,push,X-GitHub-Delivery",
        "X-Gitlab-Event,Push Hook,Idempotency-Key",
        "X-Event-Key,repo:push,X-Request-UUID",
        "X-Event-Key,repo:refs_changed,X-Request-Id",
        "X-Gitea-Event,push,X-Gitea-Delivery",
        "X-Forgejo-Event,push,X-Forgejo-Delivery",
    })
    void aDeliveryThatComesAgainMakesOneExecution(String event, String push, String delivery) throws Exception {
        TestCall call = TestCall.of("POST", "").header(event, push).body(PUSH);
        try (HookHarness harness = hook()) {
            assertThat(harness.call(call.header(delivery, "d1"))
                            .receipt()
                            .orElseThrow()
                            .duplicate())
                    .isFalse();
            assertThat(harness.call(call.header(delivery, "d1"))
                            .receipt()
                            .orElseThrow()
                            .duplicate())
                    .isTrue();
            harness.call(call.header(delivery, "d2"));
            harness.call(call.header(delivery, " "));
            harness.call(call);

            assertThat(harness.executions()).hasSize(4);
        }
    }

    @ParameterizedTest
    @CsvSource({"X-Gitlab-Webhook-UUID", "X-Gitlab-Event-UUID"})
    void whatOtherDeliveriesOfGitLabMayShareNamesNoDelivery(String header) throws Exception {
        TestCall call = TestCall.of("POST", "")
                .header("X-Gitlab-Event", "Push Hook")
                .header(header, "u1")
                .body(PUSH);
        try (HookHarness harness = hook()) {
            harness.call(call);
            harness.call(call);

            assertThat(harness.executions()).hasSize(2);
        }
    }

    // ------------------------------------------------------------------- the same as a poller's event

    /** A poller's events of the same pushes have these names: the tests of its sources expect the same. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            X-GitHub-Event; push;         127.0.0.1:4711|o/r;           GITHUB
            X-GitHub-Event; push;         github.com|o/r;               GITHUB_COM
            X-Gitlab-Event; Push Hook;    127.0.0.1:4711|group/sub/app; GITLAB
            X-Gitea-Event;  push;         127.0.0.1:4711|o/r;           GITHUB
            X-Event-Key;    repo:push;    127.0.0.1:4711|team/r;        BITBUCKET_CLOUD
            X-Event-Key;    repo:refs_changed; |prj/app;                BITBUCKET_SERVER
            """)
    void aPushIsNamedAsAPollerNamesIt(String header, String event, String where, String body) throws Exception {
        String github = """
                {"ref":"refs/heads/main","before":"a1","after":"a2","commits":[],
                 "repository":{"full_name":"O/R","html_url":"%s/O/R"}}""";
        String text = switch (body) {
            case "GITHUB" -> github.formatted("http://127.0.0.1:4711");
            case "GITHUB_COM" -> github.formatted("https://github.com");
            case "GITLAB" -> """
                    {"ref":"refs/heads/main","before":"a1","after":"a2","commits":[],"project":{
                     "path_with_namespace":"group/sub/app","web_url":"http://127.0.0.1:4711/group/sub/app"}}""";
            case "BITBUCKET_CLOUD" -> """
                    {"repository":{"full_name":"team/r","links":{"html":{"href":"http://127.0.0.1:4711/team/r"}}},
                     "push":{"changes":[{"old":{"type":"branch","name":"main","target":{"hash":"a1"}},
                       "new":{"type":"branch","name":"main","target":{"hash":"a2"}}}]}}""";
            default -> """
                    {"repository":{"slug":"app","project":{"key":"PRJ"}},"changes":[
                     {"refId":"refs/heads/main","fromHash":"a1","toHash":"a2","type":"UPDATE"}]}""";
        };

        ExecutionResult result =
                execute(TestCall.of("POST", "").headers(Map.of(header, event)).body(text));

        assertThat(((ExecutionResult.Completed) result).events())
                .singleElement()
                .satisfies(each -> assertThat(each.once()).contains("ref|" + where + "|refs/heads/main|a1|a2"));
    }

    @Test
    void aBranchThatIsNewHasNothingBefore() throws Exception {
        String body = """
                {"ref":"refs/heads/main","before":"0000000000000000000000000000000000000000","after":"A2","commits":[],
                 "repository":{"full_name":"o/r","html_url":"https://github.com/o/r"}}""";

        ExecutionResult result = execute(TestCall.of("POST", "")
                .headers(Map.of("X-GitHub-Event", "push"))
                .body(body));

        assertThat(((ExecutionResult.Completed) result).events().getFirst().once())
                .contains("ref|github.com|o/r|refs/heads/main||a2");
    }

    // -------------------------------------------------------------------------------------- helpers

    private static HookHarness hook() {
        return HookHarness.of(new RepoWebhookType()).create(Map.of());
    }

    private static List<Map<String, String>> events(Map<String, String> headers, String body) throws Exception {
        return values(execute(TestCall.of("POST", "").headers(headers).body(body)));
    }

    private static List<Map<String, String>> values(ExecutionResult result) {
        assertThat(result).isInstanceOf(ExecutionResult.Completed.class);
        return ((ExecutionResult.Completed) result)
                .events().stream().map(event -> event.values()).toList();
    }

    private static ExecutionResult execute(TestCall call) throws Exception {
        try (HookHarness harness = hook()) {
            assertThat(harness.call(call).status()).isEqualTo(200);
            harness.runPending();
            return harness.results().getFirst();
        }
    }

    @Test
    void whereSendersAreVerifiedOnlyTheirPushesAreStoredOnceEach() throws Exception {
        String secret = "0123456789abcdef0123456789abcdef";
        String body = "{\"ref\":\"refs/heads/main\"}";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String signature = HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
        try (HookHarness harness =
                HookHarness.of(new RepoWebhookType()).create(Map.of("verify", "gitea", "secret", secret))) {
            TestCall push = TestCall.of("POST", "")
                    .header("X-Gitea-Event", "push")
                    .header("X-Gitea-Delivery", "d1")
                    .body(body);
            assertThat(harness.call(push).status()).isEqualTo(401);
            assertThat(harness.executions()).isEmpty();
            harness.call(push.header("X-Gitea-Signature", signature));
            assertThat(harness.call(push.header("X-Gitea-Signature", signature))
                            .receipt()
                            .orElseThrow()
                            .duplicate())
                    .isTrue();
            assertThat(harness.executions()).hasSize(1);
        }
        try (HookHarness harness = HookHarness.of(new RepoWebhookType())
                .create(Map.of("verify", "token", "secret", secret, "verify.header", "X-Key"))) {
            TestCall push = TestCall.of("POST", "")
                    .header("X-Gitea-Event", "push")
                    .header("X-Gitea-Delivery", "d1")
                    .header("X-Key", secret)
                    .body(body);
            harness.call(push);
            harness.call(push);
            assertThat(harness.executions()).hasSize(1);
        }
    }
}
