package org.cdshooks.plugin.webhook;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.TestCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";

    // ------------------------------------------------------------------------------------- options

    @Test
    void withoutOptionsItTakesPostsOfOneMebibyte() {
        try (HookHarness harness = webhook(Map.of())) {
            Trigger.Http http = (Trigger.Http) harness.hook().triggers().getFirst();

            assertThat(http.methods()).containsExactly("POST");
            assertThat(http.maxBody()).hasValue(1_048_576);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "method,post,'must be one of [GET, POST, PUT, DELETE, PATCH]'",
        "numbers,double,'must be one of [exact, go]'",
        "maxBody,26214401,must be a number of bytes from 1 to 26214400 (25 MiB)",
        "maxBody,0,must be a number of bytes from 1 to 26214400 (25 MiB)",
        "maxBody,1m,'''1m'' is no whole number'",
        "dedupHeader,X Delivery,'must be the name of a header, such as X-GitHub-Delivery: letters, digits and dashes'"
    })
    void aWrongOptionIsToldWithWhatIsRight(String option, String value, String message) {
        assertThatThrownBy(() -> webhook(Map.of(option, value)))
                .isInstanceOfSatisfying(
                        InvalidConfigException.class,
                        e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.option()).isEqualTo(option);
                            assertThat(problem.message()).startsWith(message).contains("'" + value + "'");
                        }));
    }

    @Test
    void theLargestBodyIsConfigured() throws Exception {
        try (HookHarness harness = webhook(Map.of("maxBody", "10"))) {
            assertThat(harness.call("POST", "", Map.of(), "x".repeat(11)).status())
                    .isEqualTo(413);
            assertThat(harness.call("POST", "", Map.of(), "x".repeat(10)).status())
                    .isEqualTo(200);
        }
        webhook(Map.of("maxBody", "26214400")).close();
    }

    @Test
    void itServesTheModelOfCds() {
        assertThat(new WebhookType().descriptor().name()).isEqualTo("Webhook");
        assertThat(new WebhookType().descriptor().models()).containsExactly("WebHook");
    }

    // ------------------------------------------------------------------------------------- capture

    @Test
    void aRequestIsStoredWholeAndAnsweredWithItsExecution() throws Exception {
        byte[] body = {'{', (byte) 0xFF, 0, (byte) 0xED, (byte) 0xA0, (byte) 0x80};
        try (HookHarness harness = webhook(Map.of())) {
            HttpReply reply = harness.call(TestCall.of("POST", "/below?a=%zz")
                    .header("Content-Type", "nonsense")
                    .header("X-Multi", "1")
                    .header("X-Multi", "2")
                    .body(body));

            Payload stored = harness.executions().getFirst().payload();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.receipt().orElseThrow().id())
                    .isEqualTo(harness.executions().getFirst().id());
            assertThat(stored.body()).isEqualTo(body);
            assertThat(stored.contentType()).isEqualTo("nonsense");
            assertThat(stored.attributes())
                    .contains(
                            entry("x-multi", List.of("1", "2")),
                            entry(":method", List.of("POST")),
                            entry(":path", List.of("/below")),
                            entry(":query", List.of("a=%zz")));
        }
    }

    @Test
    void aDeliveryThatComesAgainMakesNoSecondExecution() throws Exception {
        try (HookHarness harness = webhook(Map.of("dedupHeader", "X-Delivery"))) {
            HttpReply first = harness.call("POST", "", Map.of("x-delivery", "one"), "");
            HttpReply again = harness.call("POST", "", Map.of("X-DELIVERY", " one "), "");
            HttpReply other = harness.call("POST", "", Map.of("x-delivery", "two"), "");

            assertThat(again.receipt().orElseThrow().duplicate()).isTrue();
            assertThat(again.receipt().orElseThrow().id())
                    .isEqualTo(first.receipt().orElseThrow().id());
            assertThat(other.receipt().orElseThrow().duplicate()).isFalse();
            assertThat(harness.executions()).hasSize(2);
        }
    }

    @Test
    void withoutTheHeaderEachRequestMakesAnExecution() throws Exception {
        try (HookHarness harness = webhook(Map.of("dedupHeader", "X-Delivery"))) {
            harness.call("POST", "", Map.of(), "");
            harness.call("POST", "", Map.of("X-Delivery", " "), "");
            harness.call("POST", "", Map.of("X-Delivery", ""), "");

            assertThat(harness.executions()).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"idempotency-key", "webhook-id", "x-github-delivery"})
    void aHeaderThatTheTaskDoesNotNameIsNotTrusted(String header) throws Exception {
        for (Map<String, String> options : List.of(Map.<String, String>of(), Map.of("dedupHeader", ""))) {
            try (HookHarness harness = webhook(options)) {
                harness.call("POST", "", Map.of(header, "one"), "");
                harness.call("POST", "", Map.of(header, "one"), "");

                assertThat(harness.executions()).hasSize(2);
            }
        }
    }

    // ----------------------------------------------------------------------------------- interpret

    @Test
    void whereTheEventGoesIsNotInTheEvent() throws Exception {
        Map<String, String> options = Map.of(
                "project", "P",
                "workflow", "w",
                "sink", "http",
                "sink.url", "https://example.org",
                "hookIcon", "Linkify",
                "numbers", "go",
                "dedupHeader", "X-Delivery");

        assertThat(event(options, TestCall.of("POST", "")))
                .containsExactly(
                        entry("cds.triggered_by.fullname", "CDS Webhook"),
                        entry("cds.triggered_by.username", "cds.webhook"),
                        entry("hookIcon", "Linkify"));
    }

    /** Defect B15 of CDS. */
    @ParameterizedTest
    @ValueSource(strings = {"application/vnd.github+json", "Application/CloudEvents+JSON; charset=utf-8"})
    void jsonUnderAnotherNameIsFlattenedToo(String type) throws Exception {
        assertThat(event(Map.of(), post(type, "{\"a\":{\"b\":1}}"))).containsEntry("a.b", "1");
    }

    @ParameterizedTest
    @CsvSource({"GET,false", "DELETE,false", "POST,true", "PUT,true", "PATCH,true"})
    void aBodyCountsWithTheMethodsThatHaveOne(String method, boolean counts) throws Exception {
        Map<String, String> json = event(
                Map.of("method", method),
                TestCall.of(method, "?q=1").header("Content-Type", JSON).body("{\"a\":1}"));
        Map<String, String> form = event(
                Map.of("method", method),
                TestCall.of(method, "?q=1").header("Content-Type", FORM).body("a=1"));

        assertThat(json).containsEntry("q", "1");
        assertThat(json.containsKey("a")).isEqualTo(counts);
        assertThat(form).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"git.branch\":\"main\"}", " [{\"git.branch\":\"main\"}]\n"})
    void jsonThatIsSaidToBeAFormIsFlattenedSinceCurlSaysSoOfEverything(String body) throws Exception {
        assertThat(event(Map.of(), post(FORM, body))).containsValue("main").doesNotContainKey(body);
    }

    /** Defect A11 of CDS. */
    @Test
    void theQueryWinsOverTheFormAndTheFormOverTheTask() throws Exception {
        assertThat(event(
                        Map.of("x", "task", "y", "task", "z", "task"),
                        TestCall.of("POST", "?x=query")
                                .header("Content-Type", FORM)
                                .body("x=form&y=form&My+Key=%C3%A9&y=second")))
                .contains(entry("x", "query"), entry("y", "form"), entry("z", "task"), entry("My Key", "é"));
    }

    @Test
    void aQueryThatCannotBeDecodedIsRejectedWithoutItsSecrets() throws Exception {
        try (HookHarness harness = webhook(Map.of())) {
            harness.call("POST", "?token=s3cret&a=%zz");
            harness.call("POST", "?token=s3cret;b=1");
            harness.runPending();

            assertThat(harness.pending()).isZero();
            assertThat(harness.results())
                    .containsExactly(
                            ExecutionResult.rejected("The query of the request has the invalid escape '%zz';"
                                    + " write '%25' for a percent sign."),
                            ExecutionResult.rejected("The query of the request has a ';' in it;"
                                    + " part parameters with '&', and write '%3B' for a semicolon."));
        }
    }

    @Test
    void anExecutionThatAPersonAskedForNeedsNoRequest() {
        try (HookHarness harness = webhook(Map.of("hookIcon", ""))) {
            harness.fire(Payload.empty());
            harness.fire(Payload.of(JSON, "{\"a\":1}".getBytes(UTF_8)));
            harness.runPending();

            assertThat(harness.events().getFirst().values()).hasSize(3);
            assertThat(harness.events().getLast().values()).containsEntry("a", "1");
        }
    }

    // -------------------------------------------------------------------------------- hostile input

    @Test
    void jsonNestedTooDeeplyIsThereAsItsFirstCharacters() throws Exception {
        String body = "[".repeat(100_000) + "]".repeat(100_000);

        assertThat(event(Map.of(), post(JSON, body)))
                .contains(entry("payload", body.substring(0, 65_536)), entry("payload.truncated", "true"))
                .hasSize(4);
    }

    @Test
    void ofTooManyValuesTheFirstAreThereAndTheTextToo() throws Exception {
        String body =
                IntStream.range(0, 20_000).mapToObj(i -> "\"k" + i + "\":1").collect(Collectors.joining(",", "{", "}"));
        Map<String, String> event = event(Map.of(), post(JSON, body));

        assertThat(event).hasSize(10_000 + 4).contains(entry("k9999", "1"), entry("payload.truncated", "true"));
        assertThat(event.get("payload")).hasSize(65_536).startsWith("{\"k0\":1");
    }

    @Test
    void aShortTextIsThereWholeAndACharacterIsNotCutInTwo() throws Exception {
        String deep = "[".repeat(1_001) + "]".repeat(1_001);
        String pair = "[".repeat(1_001) + "\"" + "x".repeat(65_535 - 1_002) + "\uD83D\uDE00\"";

        assertThat(event(Map.of(), post(JSON, deep))).containsEntry("payload", deep);
        assertThat(event(Map.of(), post(JSON, pair)).get("payload"))
                .hasSize(65_535)
                .endsWith("x");
    }

    @Test
    void theRequestMayGiveAPayloadButNoFlag() throws Exception {
        String many =
                IntStream.range(0, 10_000).mapToObj(i -> ",\"k" + i + "\":1").collect(Collectors.joining());
        String body = "{\"payload\":{\"truncated\":\"no\"},\"Payload\":\"mine\"" + many + "}";

        assertThat(event(Map.of(), post(JSON, body)))
                .contains(entry("payload", "mine"), entry("payload.truncated", "true"));
    }

    @Test
    void ofTooManyParametersTheFirstThousandCount() throws Exception {
        String parameters =
                IntStream.range(0, 1_500).mapToObj(i -> "k" + i + "=1").collect(Collectors.joining("&"));
        Map<String, String> form = event(Map.of(), post(FORM, parameters));
        Map<String, String> query = event(Map.of(), TestCall.of("POST", "?" + parameters));

        assertThat(form).hasSize(1_000 + 4).contains(entry("payload", parameters), entry("payload.truncated", "true"));
        assertThat(query).hasSize(1_000 + 3).containsEntry("payload.truncated", "true");
    }

    @Test
    void whatIsNoJsonAddsNothing() throws Exception {
        List<byte[]> bodies = new ArrayList<>();
        for (String text : List.of("", "{\"a\":1", "{\"a\":1}x", "\uFEFF{\"a\":1}", "12", "null", "[1e999999999]")) {
            bodies.add(text.getBytes(UTF_8));
        }
        bodies.add("{\"a\":1}".getBytes(UTF_16));
        bodies.add(("[" + "9".repeat(1_000_000) + "]").getBytes(UTF_8));
        bodies.add(new byte[1_000]);
        for (byte[] body : bodies) {
            assertThat(event(
                            Map.of(),
                            TestCall.of("POST", "").header("Content-Type", JSON).body(body)))
                    .hasSize(2);
        }
    }

    @Test
    void xmlAndGadgetsStayText() throws Exception {
        assertThat(event(Map.of(), post("application/xml", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")))
                .hasSize(2);
        assertThat(event(Map.of(), post(JSON, "{\"@class\":\"java.lang.Runtime\"}")))
                .containsEntry("@class", "java.lang.Runtime");
    }

    @Test
    void randomBytesNeitherThrowNorNeedARetry() throws Exception {
        Random random = new Random(42);
        List<String> types = List.of(JSON, FORM, "application/x+json;", "", ";;", "a/b; c=\"");
        try (HookHarness harness = webhook(Map.of())) {
            for (int i = 0; i < 5_000; i++) {
                byte[] body = new byte[random.nextInt(64)];
                random.nextBytes(body);
                if (random.nextBoolean()) {
                    body = ("{\"a\":\"" + new String(body, UTF_8) + "\"}").getBytes(UTF_8);
                }
                String query = random.ints(random.nextInt(8), 0x20, 0x7F)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
                harness.call(TestCall.of("POST", "?" + query)
                        .header("Content-Type", types.get(random.nextInt(types.size())))
                        .body(body));
            }
            harness.runPending();

            assertThat(harness.pending()).isZero();
            assertThat(harness.results()).hasSize(5_000);
        }
    }

    private static HookHarness webhook(Map<String, String> options) {
        return HookHarness.of(new WebhookType()).create(options);
    }

    private static TestCall post(String contentType, String body) {
        return TestCall.of("POST", "").header("Content-Type", contentType).body(body);
    }

    private static Map<String, String> event(Map<String, String> options, TestCall call) throws Exception {
        try (HookHarness harness = webhook(options)) {
            assertThat(harness.call(call).status()).isEqualTo(200);
            harness.runPending();
            assertThat(harness.events()).hasSize(1);
            return new TreeMap<>(harness.events().getFirst().values());
        }
    }
}
