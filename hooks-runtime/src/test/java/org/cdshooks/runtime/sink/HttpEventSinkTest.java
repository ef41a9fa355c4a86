package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpEventSinkTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private SinkFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new SinkFixture(SinkFixture.LOOPBACK);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void sendsTheEventWithTheDocumentedBodyAndHeaders() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK\r\nContent-Type: text/plain", "thanks")) {
            DeliveryResult result = fixture.deliver(target.url("/in/box?x=%20y"));

            assertThat(result).isEqualTo(DeliveryResult.delivered("thanks"));
            RawTarget.Request request = target.requests.getFirst();
            String key = "hooks:tasks:executions:Webhook:0a1b2c:1700000000000000001";
            assertThat(request.line()).isEqualTo("POST /in/box?x=%20y HTTP/1.1");
            assertThat(request.body())
                    .isEqualTo("{\"uuid\":\"0a1b2c\",\"type\":\"Webhook\",\"execution\":\"" + key
                            + "\",\"timestamp\":1700000000000000001,\"attempt\":2,"
                            + "\"payload\":{\"a\":\"\\\"x\\\"\\n\",\"git.branch\":\"main\"}}");
            assertThat(request.headers())
                    .containsEntry("content-type", "application/json")
                    .containsEntry("idempotency-key", key + "/2")
                    .containsEntry("user-agent", "cds-hooks/1.2.3")
                    .containsEntry("host", "127.0.0.1:" + target.port())
                    .containsOnlyKeys(
                            "content-type", "content-length", "idempotency-key", "user-agent", "host", "connection");
        }
    }

    @Test
    void signsWhatItSendsByStandardWebhooks() throws Exception {
        try (RawTarget target = RawTarget.answering("204 No Content", "")) {
            assertThat(fixture.deliver(target.url("/"), "sink.secret", SECRET)).isEqualTo(DeliveryResult.delivered(""));

            RawTarget.Request request = target.requests.getFirst();
            String id = request.headers().getOrDefault("webhook-id", "none");
            assertThat(id).isEqualTo(request.headers().get("idempotency-key"));
            assertThat(request.headers())
                    .containsEntry(
                            "webhook-timestamp",
                            Long.toString(fixture.clock.instant().getEpochSecond()))
                    .containsEntry(
                            "webhook-signature",
                            StandardWebhooksSigner.of(Secret.of(SECRET))
                                    .sign(
                                            id,
                                            fixture.clock.instant().getEpochSecond(),
                                            request.body().getBytes(UTF_8)));
        }
    }

    @Test
    void sendsAnyTextAsWellFormedJson() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "")) {
            Map<String, String> values = Map.of("half", "\ud800", "nul", "\u0000", "emoji", "😀", "", "empty name");
            DeliveryResult result = fixture.deliver(SinkFixture.delivery(
                    fixture.config(target.url("/")),
                    HookEvent.of(values),
                    fixture.clock.instant().plusSeconds(60)));

            assertThat(result).isInstanceOf(DeliveryResult.Delivered.class);
            var payload =
                    new JsonMapper().readTree(target.requests.getFirst().body()).get("payload");
            assertThat(payload.get("half").textValue()).isEqualTo("?");
            assertThat(payload.get("nul").textValue()).isEqualTo("\u0000");
            assertThat(payload.get("emoji").textValue()).isEqualTo("😀");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200, delivered",
        "201, delivered",
        "202, delivered",
        "299, delivered",
        "300, rejected",
        "301, rejected",
        "302, rejected",
        "304, rejected",
        "307, rejected",
        "308, rejected",
        "400, rejected",
        "401, rejected",
        "403, rejected",
        "404, rejected",
        "407, rejected",
        "409, rejected",
        "413, rejected",
        "422, rejected",
        "410, gone",
        "408, retry",
        "425, retry",
        "429, retry",
        "500, retry",
        "501, retry",
        "502, retry",
        "503, retry",
        "504, retry",
        "599, retry"
    })
    void judgesTheStatus(int status, String expected) throws Exception {
        try (RawTarget target = RawTarget.answering(status + " Something", "")) {
            DeliveryResult result = fixture.deliver(target.url("/very/secret/path"));

            String actual = switch (result) {
                case DeliveryResult.Delivered d -> "delivered";
                case DeliveryResult.Retry r -> "retry";
                case DeliveryResult.Deferred d -> "deferred";
                case DeliveryResult.Rejected r -> r.gone() ? "gone" : "rejected";
            };
            assertThat(actual).isEqualTo(expected);
            assertThat(target.requests).hasSize(1);
            if (!expected.equals("delivered")) {
                assertThat(result.toString())
                        .contains("http://127.0.0.1:" + target.port() + " answered " + status)
                        .doesNotContain("very/secret");
            }
        }
    }

    @Test
    void followsNoRedirect() throws Exception {
        try (RawTarget other = RawTarget.answering("200 OK", "");
                RawTarget target = RawTarget.answering("307 Elsewhere\r\nLocation: " + other.url("/"), "")) {
            assertThat(fixture.deliver(target.url("/")).toString()).contains("redirects are not followed");
            assertThat(other.connections).hasValue(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | PT7S",
                "0 | PT1S",
                "1000000000000 | PT24H",
                "99999999999999999999999999 | PT24H",
                "Sun, 01 Mar 2026 12:02:00 GMT | PT2M",
                "Sun, 01 Mar 2020 12:02:00 GMT | PT1S",
                "Fri, 01 Mar 2030 12:02:00 GMT | PT24H",
                "-1 | none",
                "soon | none",
                "1.5 | none"
            })
    void waitsAsLongAsTheTargetAsks(String header, String expected) throws Exception {
        for (String status : List.of("503 Busy", "429 Slow down")) {
            try (RawTarget target = RawTarget.answering(status + "\r\nRetry-After: " + header, "")) {
                DeliveryResult.Retry retry = (DeliveryResult.Retry) fixture.deliver(target.url("/"));
                assertThat(retry.after())
                        .isEqualTo(expected.equals("none") ? Optional.empty() : Optional.of(Duration.parse(expected)));
            }
        }
    }

    @Test
    void keepsConnectionsAndNoCookies() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK\r\nSet-Cookie: session=1; Path=/", "ok")) {
            for (int i = 0; i < 20; i++) {
                fixture.deliver(target.url("/" + i));
            }
            assertThat(target.connections).hasValue(1);
            assertThat(target.requests)
                    .hasSize(20)
                    .noneMatch(request -> request.headers().containsKey("cookie"));
        }
    }

    @Test
    void keepsAShortCleanAnswer() throws Exception {
        String said = "{\"token\":\"s3cr3t-value\",\"id\":7}\r\n\u001b[31mred " + "é".repeat(10_000);
        try (RawTarget target = RawTarget.answering("200 OK\r\nContent-Type: text/plain; charset=utf-8", said)) {
            String answer = ((DeliveryResult.Delivered) fixture.deliver(target.url("/"))).answer();
            assertThat(answer)
                    .contains("\"id\":7")
                    .doesNotContain("s3cr3t")
                    .doesNotContain("\u001b")
                    .endsWith("é…");
            assertThat(answer.getBytes(UTF_8).length).isBetween(4090, 4096);
        }
    }

    @Test
    void readsTheAnswerInItsCharset() throws Exception {
        try (RawTarget target = new RawTarget((request, socket, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Length: 1\r\n\r\n"
                    .getBytes(UTF_8));
            out.write(0xE9);
            return true;
        })) {
            assertThat(fixture.deliver(target.url("/"))).isEqualTo(DeliveryResult.delivered("é"));
        }
    }

    @Test
    void neverRepeatsItsOwnSecretOrPath() throws Exception {
        try (RawTarget target = new RawTarget((request, socket, out) -> {
            RawTarget.write(out, "404 Not Found", "no " + request.line().split(" ")[1] + " " + SECRET);
            return true;
        })) {
            String reason = fixture.deliver(target.url("/services/T0001/B0002/XyZzY123"), "sink.secret", SECRET)
                    .toString();
            assertThat(reason)
                    .contains("answered 404: no ***")
                    .doesNotContain("XyZzY")
                    .doesNotContain("MfKQ9");
        }
    }

    @Test
    void asksForNoCompressionAndUnpacksNothing() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK\r\nContent-Encoding: gzip", "not gzip at all")) {
            assertThat(fixture.deliver(target.url("/"))).isEqualTo(DeliveryResult.delivered("not gzip at all"));
            assertThat(target.requests.getFirst().headers()).doesNotContainKey("accept-encoding");
        }
    }

    @Test
    void endsAnEndlessAnswerAtItsBound() throws Exception {
        CompletableFuture<Long> sent = new CompletableFuture<>();
        try (RawTarget target = new RawTarget((request, socket, out) -> {
            long bytes = 0;
            try {
                out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
                byte[] chunk = ("400\r\n" + "x".repeat(1024) + "\r\n").getBytes(UTF_8);
                while (bytes < 1L << 30) {
                    out.write(chunk);
                    bytes += 1024;
                }
            } finally {
                sent.complete(bytes);
            }
            return false;
        })) {
            DeliveryResult.Delivered result = (DeliveryResult.Delivered) fixture.deliver(target.url("/"));
            assertThat(result.answer()).startsWith("xxx").hasSizeLessThanOrEqualTo(4096);
            // What is beyond the bound lies in the sockets' buffers.
            assertThat(sent.get(10, TimeUnit.SECONDS)).isLessThan(32L << 20);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "drip in the head", "drip in the body", "no end of informational answers"})
    void givesUpATargetThatTakesItsTimeAndOthersKeepTheirSpeed(String how) throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (RawTarget quick = RawTarget.answering("200 OK", "");
                RawTarget slow = new RawTarget((request, socket, out) -> {
                    called.countDown();
                    drip(how, out, over);
                    return false;
                })) {
            long begin = System.nanoTime();
            CompletableFuture<DeliveryResult> result =
                    fixture.start(fixture.delivery(slow.url("/"), "sink.timeout", "1s"));
            assertThat(called.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(fixture.deliver(quick.url("/"))).isInstanceOf(DeliveryResult.Delivered.class);
            assertThat(result).isNotDone();
            assertThat(result.get(10, TimeUnit.SECONDS))
                    .isEqualTo(DeliveryResult.retry(
                            "no complete answer from http://127.0.0.1:" + slow.port() + " within 1 s"));
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(950), Duration.ofSeconds(4));
        } finally {
            over.countDown();
        }
    }

    private static void drip(String how, java.io.OutputStream out, CountDownLatch over) throws Exception {
        if (how.equals("drip in the body")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n".getBytes(UTF_8));
        } else if (how.equals("drip in the head")) {
            out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(UTF_8));
        }
        while (!over.await(50, TimeUnit.MILLISECONDS)) {
            switch (how) {
                case "silent" -> {}
                case "no end of informational answers" -> out.write("HTTP/1.1 102 Wait\r\n\r\n".getBytes(UTF_8));
                default -> out.write('x');
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: y",
                "HTTP/1.1 2",
                "SSH-2.0-x\r\n"
            })
    void retriesWhatBreaksOff(String beginning) throws Exception {
        for (boolean reset : List.of(true, false)) {
            try (RawTarget target = new RawTarget((request, socket, out) -> {
                out.write(beginning.getBytes(UTF_8));
                out.flush();
                socket.setSoLinger(reset, 0);
                return false;
            })) {
                DeliveryResult result = fixture.deliver(target.url("/"));
                assertThat(result).isInstanceOf(DeliveryResult.Retry.class);
                assertThat(result.toString()).contains("127.0.0.1:" + target.port());
                assertThat(target.requests).hasSize(1);
            }
        }
    }

    @Test
    void retriesAnAnswerWithTooManyOrTooLongHeaders() throws Exception {
        for (String headers : List.of("\r\nX: y".repeat(5000), "\r\nX: " + "y".repeat(100_000))) {
            try (RawTarget target = RawTarget.answering("200 OK" + headers, "")) {
                assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Retry.class);
            }
        }
    }

    @Test
    void retriesWhenNobodyListens() throws Exception {
        int port;
        try (RawTarget target = RawTarget.answering("200 OK", "")) {
            port = target.port();
        }
        assertThat(fixture.deliver("http://127.0.0.1:" + port + "/"))
                .isEqualTo(DeliveryResult.retry(
                        "no connection to http://127.0.0.1:" + port + ": nobody listens there or a firewall refuses"));
    }

    @Test
    void anInterruptEndsACallAtOnce() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (RawTarget target = new RawTarget((request, socket, out) -> {
            called.countDown();
            return over.await(20, TimeUnit.SECONDS);
        })) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread caller = Thread.startVirtualThread(() -> {
                try {
                    fixture.sink.deliver(fixture.delivery(target.url("/")));
                    thrown.completeExceptionally(new AssertionError("no exception"));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            assertThat(called.await(5, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        } finally {
            over.countDown();
        }
    }

    @Test
    void itsTimeIsBoundedByTheAttempts() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawTarget target = new RawTarget((request, socket, out) -> over.await(20, TimeUnit.SECONDS))) {
            DeliveryResult result = fixture.deliver(SinkFixture.delivery(
                    fixture.config(target.url("/")),
                    HookEvent.of(Map.of()),
                    fixture.clock.instant().plusMillis(300)));
            assertThat(result.toString()).contains("within 300 ms");
            assertThat(fixture.deliver(SinkFixture.delivery(
                            fixture.config(target.url("/")), HookEvent.of(Map.of()), fixture.clock.instant())))
                    .isInstanceOf(DeliveryResult.Retry.class);
        } finally {
            over.countDown();
        }
    }

    @Test
    void defersWhatIsMoreThanATargetsShareAndServesOthers() throws Exception {
        CountDownLatch called = new CountDownLatch(Bulkhead.PER_TARGET);
        CountDownLatch over = new CountDownLatch(1);
        try (RawTarget quick = RawTarget.answering("200 OK", "");
                RawTarget slow = new RawTarget((request, socket, out) -> {
                    called.countDown();
                    over.await(20, TimeUnit.SECONDS);
                    RawTarget.write(out, "200 OK", "");
                    return true;
                })) {
            List<CompletableFuture<DeliveryResult>> calls = new ArrayList<>();
            for (int i = 0; i < Bulkhead.PER_TARGET; i++) {
                calls.add(fixture.start(fixture.delivery(slow.url("/"))));
            }
            assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

            DeliveryResult.Deferred deferred = (DeliveryResult.Deferred) fixture.deliver(slow.url("/"));
            assertThat(deferred.reason()).contains("20 calls to http://127.0.0.1:" + slow.port());
            assertThat(deferred.after()).isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
            assertThat(fixture.deliver(quick.url("/"))).isInstanceOf(DeliveryResult.Delivered.class);

            over.countDown();
            for (CompletableFuture<DeliveryResult> call : calls) {
                assertThat(call.get(10, TimeUnit.SECONDS)).isInstanceOf(DeliveryResult.Delivered.class);
            }
            assertThat(fixture.deliver(slow.url("/"))).isInstanceOf(DeliveryResult.Delivered.class);
        } finally {
            over.countDown();
        }
    }

    @Test
    void sparesATargetThatFailsAndProbesItAfterHalfAMinute() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        try (RawTarget target = new RawTarget((request, socket, out) -> {
            RawTarget.write(out, status.get() + " x", "");
            return true;
        })) {
            for (int i = 0; i < Breaker.MIN_CALLS; i++) {
                assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Retry.class);
            }
            fixture.turn(Duration.ofSeconds(10));
            DeliveryResult.Deferred deferred = (DeliveryResult.Deferred) fixture.deliver(target.url("/"));
            assertThat(deferred.after()).isEqualTo(Duration.ofSeconds(20));
            assertThat(deferred.reason()).contains("circuit open");
            assertThat(target.requests).hasSize(10);

            fixture.turn(Duration.ofSeconds(20));
            assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Retry.class);
            assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Deferred.class);

            status.set(200);
            fixture.turn(Duration.ofSeconds(30));
            for (int i = 0; i < 3; i++) {
                assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Delivered.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "gopher://127.0.0.1/",
                "jar:http://example.com/x!/",
                "ftp://example.com/",
                "javascript:alert(1)",
                "example.com/x",
                "//example.com/x",
                "http:///x",
                "http:x",
                "http://",
                "https://user:pass@example.com/",
                "https://user@example.com/",
                "https://@example.com/",
                "https://example.com/a\r\nX: y",
                "https://example.com/\u0000",
                "https://example.com/ x",
                "https://example.com:0/",
                "https://example.com:65536/",
                "https://example.com:99999999999/",
                "https://exa mple.com/",
                "https://example..com/",
                "https://-/",
                "https://[::1/",
                "https://[v1.x]/",
                "https://[fe80::1%25eth0]/",
                "https://[127.0.0.1]/",
                "https://example.com//x",
                "https://example.com/#x",
                "https://①②⑦.0.0.1/",
                "https://bücher.example/",
                "http://1.2.3.4.5/",
                "http://256.0.0.1/",
                "http://0x100000000/",
                "http://09.1.1.1/",
                ""
            })
    void refusesWhatIsNoAddressToCall(String url) throws Exception {
        List<ConfigProblem> problems = fixture.sink.validate(fixture.config(url));
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.option()).isEqualTo("sink.url");
            assertThat(problem.message()).isNotBlank().doesNotContain("pass@");
        });
        assertThat(fixture.deliver(url)).isInstanceOf(DeliveryResult.Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com",
                "HTTPS://Example.COM:8443/x?y=z",
                "http://my_service/",
                "http://example.com./",
                "http://8.8.8.8/",
                "http://[2606:4700:4700::1111]:80/x",
                "https://example.com/ü?q=é",
                "https://xn--bcher-kva.example/"
            })
    void takesOrdinaryAddresses(String url) {
        assertThat(fixture.sink.validate(fixture.config(url))).isEmpty();
    }

    @Test
    void refusesBadSecretsAndTimesWithoutRepeatingTheSecret() {
        for (String secret : List.of(
                "short", "whsec_###", "whsec_c2hvcnQ=", "whpk_" + "A".repeat(43), " ".repeat(30), "x".repeat(300))) {
            assertThat(fixture.sink.validate(fixture.config("https://example.com", "sink.secret", secret)))
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.option()).isEqualTo("sink.secret");
                        assertThat(problem.message()).doesNotContain(secret);
                    });
        }
        assertThat(fixture.sink.validate(fixture.config("https://example.com", "sink.secret", "x".repeat(24))))
                .isEmpty();
        for (String timeout : List.of("0s", "61s", "-1", "soon")) {
            assertThatThrownBy(() -> fixture.config("https://example.com", "sink.timeout", timeout))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining("sink.timeout");
        }
    }

    /** Not a benchmark: a bound that only a gross mistake passes. The figure is in the module's notes. */
    @Test
    void aDeliveryIsCheap() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "ok")) {
            var delivery = fixture.delivery(target.url("/"), "sink.secret", SECRET);
            CompletableFuture<Long> spent = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    var threads = java.lang.management.ManagementFactory.getThreadMXBean();
                    for (int i = 0; i < 10_000; i++) {
                        fixture.sink.deliver(delivery);
                    }
                    long before = threads.getCurrentThreadCpuTime();
                    for (int i = 0; i < 10_000; i++) {
                        fixture.sink.deliver(delivery);
                    }
                    spent.complete((threads.getCurrentThreadCpuTime() - before) / 10_000);
                } catch (Throwable e) {
                    spent.completeExceptionally(e);
                }
            });
            long nanos = spent.get(50, TimeUnit.SECONDS);
            thread.join();
            System.out.println("CPU of one delivery: " + nanos / 1000 + " µs");
            assertThat(nanos).isLessThan(1_000_000);
            assertThat(target.connections).hasValue(1);
        }
    }
}
