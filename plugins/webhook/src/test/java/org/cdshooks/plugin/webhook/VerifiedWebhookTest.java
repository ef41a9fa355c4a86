package org.cdshooks.plugin.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.TestCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, what is said to others, and what names a delivery. */
class VerifiedWebhookTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String OLD = "fedcba9876543210fedcba9876543210";
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    private static HookHarness webhook(String... options) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        return HookHarness.of(new WebhookType()).startAt(NOW).create(all);
    }

    private static byte[] hmac(String secret, String content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return mac.doFinal(content.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(String secret, String content) {
        return HexFormat.of().formatHex(hmac(secret, content));
    }

    private static Map<String, String> github(String secret, String body) {
        return Map.of("X-Hub-Signature-256", "sha256=" + hex(secret, body));
    }

    private static Map<String, String> slack(String body) {
        return Map.of(
                "X-Slack-Request-Timestamp",
                "1700000000",
                "X-Slack-Signature",
                "v0=" + hex(SECRET, "v0:1700000000:" + body),
                "Content-Type",
                "application/json");
    }

    // ------------------------------------------------------------------------------------------------ who is let in

    @Test
    void whatIsSignedIsStoredAndNothingElseIs() throws Exception {
        try (HookHarness hook = webhook("verify", "github", "secret", SECRET)) {
            assertThat(hook.call("POST", "", github(SECRET, "{}"), "{}").status())
                    .isEqualTo(200);
            Map<String, Map<String, String>> others = new HashMap<>();
            others.put("missing", Map.of());
            others.put("empty", Map.of("X-Hub-Signature-256", ""));
            others.put("of another body", github(SECRET, "{ }"));
            others.put("of another secret", github(OLD, "{}"));
            others.put("downgraded", Map.of("X-Hub-Signature", "sha1=" + "0".repeat(40)));
            others.put("odd", Map.of("X-Hub-Signature-256", "sha256=abc"));
            for (Map.Entry<String, Map<String, String>> other : others.entrySet()) {
                HttpReply reply = hook.call("POST", "", other.getValue(), "{}");
                assertThat(reply.status()).as(other.getKey()).isEqualTo(401);
                assertThat(reply.body())
                        .as(other.getKey())
                        .doesNotContain(SECRET)
                        .doesNotContain(hex(SECRET, "{}"));
            }
            assertThat(hook.executions()).hasSize(1);
        }
    }

    @Test
    void whatIsStaleIsRefused() throws Exception {
        String body = "{\"type\":\"event_callback\"}";
        try (HookHarness hook = webhook("verify", "slack", "secret", SECRET)) {
            hook.advance(Duration.ofSeconds(301));
            assertThat(hook.call("POST", "", slack(body), body).status()).isEqualTo(401);
            assertThat(hook.executions()).isEmpty();
        }
        try (HookHarness hook = webhook("verify", "slack", "secret", SECRET, "verify.tolerance", "10m")) {
            hook.advance(Duration.ofSeconds(301));
            assertThat(hook.call("POST", "", slack(body), body).status()).isEqualTo(200);
        }
    }

    @Test
    void theOldSecretCountsUntilItsEnd() throws Exception {
        try (HookHarness hook = webhook(
                "verify",
                "github",
                "secret",
                SECRET,
                "secret.old",
                OLD,
                "secret.old.until",
                "2023-11-14T23:13:20+00:00")) {
            assertThat(hook.call("POST", "", github(OLD, "{}"), "{}").status()).isEqualTo(200);
            hook.advance(Duration.ofHours(1));
            assertThat(hook.call("POST", "", github(OLD, "{}"), "{}").status()).isEqualTo(401);
            assertThat(hook.call("POST", "", github(SECRET, "{}"), "{}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whichSecretDecidedIsExplainedByItsNameAndNothingOfItIs() throws Exception {
        try (HookHarness hook = webhook(
                "verify",
                "github",
                "secret",
                SECRET,
                "secret.old",
                OLD,
                "secret.old.until",
                "2023-11-14T23:13:20+00:00")) {
            hook.call("POST", "", github(SECRET, "{}"), "{}");
            hook.call("POST", "", github(OLD, "{}"), "{}");
            hook.call("POST", "", github("another", "{}"), "{}");
            hook.call("POST", "");
            hook.advance(Duration.ofHours(1));
            hook.call("POST", "", github(OLD, "{}"), "{}");

            assertThat(hook.explanations())
                    .containsExactly(
                            "verify: github: right by secret",
                            "verify: github: right by secret.old",
                            "verify: github: the signature is wrong by secret and by secret.old",
                            "verify: github: header x-hub-signature-256 is missing or empty",
                            "verify: github: the signature is wrong by secret and by secret.old, which has ended");
        }
        try (HookHarness hook = webhook("verify", "token", "secret", SECRET, "verify.header", "X-Bell")) {
            hook.call("POST", "", Map.of("X-Bell", SECRET), "");
            hook.call("POST", "", Map.of("X-Bell", OLD), "");
            assertThat(hook.explanations())
                    .containsExactly(
                            "verify: token in X-Bell: right by secret",
                            "verify: token in X-Bell: what header x-bell says is wrong by secret");
        }
    }

    @Test
    void whatCameBeforeIsJudgedByTheTimeAtWhichItCame() throws Exception {
        String body = "{}";
        try (HookHarness hook = webhook("verify", "slack", "secret", SECRET)) {
            TestCall call = TestCall.of("POST", "").headers(slack(body)).body(body);
            hook.advance(Duration.ofHours(1));
            assertThat(hook.call(call).status()).isEqualTo(401);
            assertThat(hook.call(call.receivedAt(NOW)).status()).isEqualTo(200);
        }
    }

    @Test
    void withoutVerifyEverybodyIsLetInAndTheTriggerSaysSo() throws Exception {
        try (HookHarness open = webhook();
                HookHarness closed = webhook("verify", "token", "secret", SECRET)) {
            assertThat(open.call("POST", "").status()).isEqualTo(200);
            assertThat(((Trigger.Http) open.hook().triggers().getFirst()).verification())
                    .isEmpty();
            assertThat(((Trigger.Http) closed.hook().triggers().getFirst()).verification())
                    .contains("token in Authorization");
        }
    }

    @Test
    void aTokenIsNotStoredWhateverItsHeaderIsCalled() throws Exception {
        try (HookHarness hook = webhook("verify", "token", "secret", SECRET, "verify.header", "X-Bell")) {
            assertThat(hook.call("POST", "", Map.of("X-Bell", SECRET), "").status())
                    .isEqualTo(200);
            assertThat(hook.call("POST", "", Map.of("X-Bell", OLD), "").status())
                    .isEqualTo(401);
            assertThat(hook.executions())
                    .singleElement()
                    .satisfies(execution -> assertThat(
                                    execution.payload().attributes().get("x-bell"))
                            .containsExactly("**********"));
        }
        String password = Base64.getEncoder().encodeToString(("ci:" + SECRET).getBytes(UTF_8));
        try (HookHarness hook = webhook("verify", "basic", "secret", "ci:" + SECRET)) {
            assertThat(hook.call("POST", "", Map.of("Authorization", "Basic " + password), "")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void slacksChallengeIsAnsweredIfItIsSignedAndIsNoEvent() throws Exception {
        String body = "{\"token\":\"x\",\"challenge\":\"3eZbrw\",\"type\":\"url_verification\"}";
        try (HookHarness hook = webhook("verify", "slack", "secret", SECRET)) {
            HttpReply reply = hook.call("POST", "", slack(body), body);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.contentType()).startsWith("text/plain");
            assertThat(reply.body()).isEqualTo("3eZbrw");
            assertThat(hook.call("POST", "", Map.of(), body).status()).isEqualTo(401);
            assertThat(hook.executions()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "{sig},hex,{body},",
        "sha256={sig},hex,{body},",
        "'v1,{sig} ...',base64,{ts}.{body},X-Time",
        "'t={ts},v1={sig}',hex,'{ts}:{body}',"
    })
    void anotherSignatureCanBeSaid(String format, String encoding, String content, String timeHeader) throws Exception {
        byte[] signature = hmac(SECRET, content.replace("{ts}", "1700000000").replace("{body}", "x"));
        String header = format.replace(" ...", "")
                .replace("{ts}", "1700000000")
                .replace(
                        "{sig}",
                        encoding.equals("hex")
                                ? HexFormat.of().formatHex(signature)
                                : Base64.getEncoder().encodeToString(signature));
        Map<String, String> options = new HashMap<>(Map.of(
                "verify", "custom",
                "secret", SECRET,
                "verify.header", "X-Sig",
                "verify.format", format,
                "verify.encoding", encoding,
                "verify.content", content));
        if (timeHeader != null) {
            options.put("verify.timeHeader", timeHeader);
        }
        try (HookHarness hook = HookHarness.of(new WebhookType()).startAt(NOW).create(options)) {
            Map<String, String> headers = Map.of("X-Sig", header, "X-Time", "1700000000");
            assertThat(hook.call("POST", "", headers, "x").status()).isEqualTo(200);
            assertThat(hook.call("POST", "", headers, "y").status()).isEqualTo(401);
        }
    }

    // ------------------------------------------------------------------------------------------------ deliveries

    @Test
    void aDeliveryThatComesAgainIsTheFirstOne() throws Exception {
        try (HookHarness hook = webhook("verify", "github", "secret", SECRET)) {
            Map<String, String> headers = new HashMap<>(github(SECRET, "{}"));
            headers.put("X-GitHub-Delivery", "72d3162e");
            HttpReply first = hook.call("POST", "", headers, "{}");
            HttpReply again = hook.call("POST", "", headers, "{}");
            assertThat(again.receipt().orElseThrow().duplicate()).isTrue();
            assertThat(again.receipt().orElseThrow().id())
                    .isEqualTo(first.receipt().orElseThrow().id());
            assertThat(hook.executions()).hasSize(1);
        }
    }

    @Test
    void whoIsNotVerifiedCanNotMakeTheRequestsOfOthersDisappear() throws Exception {
        try (HookHarness hook = webhook("verify", "github", "secret", SECRET)) {
            Map<String, String> headers = new HashMap<>(github(OLD, "{}"));
            headers.put("X-GitHub-Delivery", "72d3162e");
            assertThat(hook.call("POST", "", headers, "{}").status()).isEqualTo(401);
            headers.putAll(github(SECRET, "{}"));
            assertThat(hook.call("POST", "", headers, "{}")
                            .receipt()
                            .orElseThrow()
                            .duplicate())
                    .isFalse();
        }
        try (HookHarness hook = webhook()) {
            Map<String, String> headers = Map.of("X-GitHub-Delivery", "1", "webhook-id", "1", "Idempotency-Key", "1");
            hook.call("POST", "", headers, "{}");
            hook.call("POST", "", headers, "{}");
            assertThat(hook.executions()).hasSize(2);
        }
    }

    @Test
    void slackNamesItsDeliveryInTheBody() throws Exception {
        String body =
                "{\"event\":{\"event_id\":\"inner\",\"a\":[{}]},\"event_id\":\"Ev1\",\"type\":\"event_callback\"}";
        String other = "{\"event\":{\"event_id\":\"inner\"},\"event_id\":\"Ev2\"}";
        try (HookHarness hook = webhook("verify", "slack", "secret", SECRET)) {
            hook.call("POST", "", slack(body), body);
            hook.call("POST", "", slack(body), body);
            hook.call("POST", "", slack(other), other);
            hook.call("POST", "", slack("{broken"), "{broken");
            hook.call("POST", "", slack("{broken"), "{broken");
            assertThat(hook.executions()).hasSize(4);
        }
    }

    @Test
    void gitlabsOtherIdsNameNoDelivery() throws Exception {
        try (HookHarness hook = webhook("verify", "gitlab", "secret", SECRET)) {
            Map<String, String> headers =
                    Map.of("X-Gitlab-Token", SECRET, "X-Gitlab-Webhook-UUID", "1", "X-Gitlab-Event-UUID", "1");
            hook.call("POST", "", headers, "{}");
            hook.call("POST", "", headers, "{}");
            assertThat(hook.executions()).hasSize(2);
        }
    }

    // ------------------------------------------------------------------------------------------------ config

    private static List<ConfigProblem> problems(String... options) {
        try {
            webhook(options).close();
            return List.of();
        } catch (InvalidConfigException e) {
            return e.problems();
        }
    }

    @Test
    void aMisspeltSenderIsGuessed() {
        assertThat(problems("verify", "githab", "secret", SECRET))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("did you mean 'github'?"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"github", "gitlab", "stripe", "standard-webhooks", "token", "basic"})
    void aVerifierWithoutSecretIsNone(String verify) {
        assertThat(problems("verify", verify)).singleElement().satisfies(problem -> {
            assertThat(problem.option()).isEqualTo("secret");
            assertThat(problem.message()).contains("is required with verify: " + verify);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "github,'','is empty'",
        "github,short,'has 5 bytes; give at least 24'",
        "github,' 0123456789abcdef0123456789abcdef',must not have spaces",
        "standard-webhooks,whsec_*****not base64*****,is not whsec_ and Base64",
        "standard-webhooks,whsec_QUFBQUFBQUFBQUFBQUFBQQ==,is whsec_ and the Base64 of 16 bytes",
        "basic,0123456789abcdef0123456789abcdef,'must be user:password'"
    })
    void aSecretThatIsNoneIsToldInWordsWithoutIt(String verify, String secret, String words) {
        assertThat(problems("verify", verify, "secret", secret)).singleElement().satisfies(problem -> {
            assertThat(problem.option()).isEqualTo("secret");
            assertThat(problem.message()).startsWith(words);
            assertThat(secret.isEmpty() || !problem.message().contains(secret.strip()))
                    .isTrue();
        });
    }

    @Test
    void aSecretThatNothingIsCheckedWithIsAMistake() {
        assertThat(problems("secret", SECRET)).singleElement().satisfies(problem -> {
            assertThat(problem.option()).isEqualTo("secret");
            assertThat(problem.message()).contains("verify is none");
        });
    }

    @Test
    void optionsThatDoNotFitAreTold() {
        assertThat(problems("verify", "github", "secret", SECRET, "verify.tolerance", "1m"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("github signs no time"));
        assertThat(problems("verify", "github", "secret", SECRET, "verify.header", "X-Sig"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("custom or token"));
        assertThat(problems("verify", "custom", "secret", SECRET))
                .extracting(ConfigProblem::option)
                .contains("verify.header");
        assertThat(problems("verify", "custom", "secret", SECRET, "verify.header", "X-Sig", "verify.content", "{ts}"))
                .extracting(ConfigProblem::option)
                .containsExactly("verify.content");
        assertThat(problems(
                        "verify", "custom", "secret", SECRET, "verify.header", "X-Sig", "verify.timeHeader", "X-Time"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("put {ts} into the content"));
        assertThat(problems("verify", "github", "secret", SECRET, "secret.old", OLD))
                .extracting(ConfigProblem::option)
                .containsExactly("secret.old.until");
        assertThat(problems("verify", "github", "secret", SECRET, "secret.old.until", "2026-01-31T12:00:00Z"))
                .extracting(ConfigProblem::option)
                .containsExactly("secret.old");
        assertThatThrownBy(() -> webhook("verify.format", "{sig}x")).isInstanceOf(InvalidConfigException.class);
    }
}
