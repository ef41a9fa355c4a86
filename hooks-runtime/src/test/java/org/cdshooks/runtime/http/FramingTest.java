package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not look like a proper request, or is too much of one: RELIABILITY 8, rows 3 to 15. */
class FramingTest extends RunningServerTest {
    private static final String POST = "POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n";

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    private void assertStillServing() {
        assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "Content-Length: +5\r\n\r\nhello",
                "Content-Length: -1\r\n\r\n",
                "Content-Length: 5,5\r\n\r\nhello",
                "Content-Length: 18446744073709551616\r\n\r\n",
                "Content-Length: 5x\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "X-A : b\r\n\r\n",
                "X-A: b\n\r\n",
                "X-A: a\r\n b\r\n\r\n",
                "X-A: a\0b\r\n\r\n",
                "X-A: a\001b\r\n\r\n",
                "X A: b\r\n\r\n",
                "no colon\r\n\r\n",
                "Host: other\r\n\r\n"
            })
    void framingThatCanBeReadInTwoWaysIsRefusedAndTheConnectionClosed(String rest) {
        try (RawClient client = connect().send(POST + rest)) {
            RawClient.Answer answer = client.read();
            error(answer, 400);
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
        assertStillServing();
    }

    @Test
    void codingsBelowChunkedAreNotSpoken() {
        try (RawClient client = connect().send(POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")) {
            assertThat(client.read().status()).isIn(400, 501);
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(400);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xyz\r\nhello\r\n0\r\n\r\n",
                "-5\r\nhello\r\n",
                "ffffffffff\r\nhello",
                "5\r\nhello\r\n0\r\nX\r\n\r\n"
            })
    void aBrokenChunkIsABadRequestAndNeverAFault(String body) {
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n" + body)) {
            assertThat(client.read().status()).isIn(400, 413);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
        assertStillServing();
    }

    @Test
    void chunksArePutTogether() {
        try (RawClient client =
                connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(hook.calls.getFirst().body()).asString().isEqualTo("hello world");
    }

    @Test
    void headersThatAreTooLargeAre431() {
        String long1 = "X-Long: " + "a".repeat(17_000) + "\r\n";
        RawClient.Answer tooLong = exchange("GET", "/mon/version", long1, new byte[0]);
        error(tooLong, 431);
        assertThat(tooLong.reason()).isEqualTo("Request Header Fields Too Large");
        String many = "X-Many: a\r\n".replace("Many", "M%d").repeat(1);
        StringBuilder headers = new StringBuilder();
        for (int i = 0; i < 101; i++) {
            headers.append(many.formatted(i));
        }
        RawClient.Answer tooMany = exchange("GET", "/mon/version", headers.toString(), new byte[0]);
        error(tooMany, 431);
        assertThat(tooMany.reason()).isEqualTo("Request Header Fields Too Large");
        error(exchange("GET", "/mon/version", "X-Same: a\r\n".repeat(101), new byte[0]), 431);
        assertStillServing();
    }

    @Test
    void aRequestLineThatIsTooLongIs414() {
        error(anonymous("GET", "/mon/version?" + "a".repeat(9_000), ""), 414);
        assertThat(anonymous("GET", "/mon/version?" + "a".repeat(7_000), "").status())
                .isEqualTo(200);
    }

    @Test
    void aBodyOverTheLimitIsRefusedBeforeItIsSent() {
        try (RawClient client = connect().send(POST + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")) {
            RawClient.Answer answer = client.read();
            error(answer, 413);
            assertThat(answer.text()).contains("1048576");
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void aBodyWithinTheLimitIsAskedFor() {
        try (RawClient client = connect().send(POST + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(100);
            client.send("hello");
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(hook.calls.getFirst().body()).asString().isEqualTo("hello");
    }

    @Test
    void bodiesThatAreOnlyAnnouncedTakeNoRoom() {
        webhook("w", "POST", Map.of("maxBody", String.valueOf(4 << 20)));
        List<RawClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < 400; i++) { // 1.6 GB, more than the tests' heap
                open.add(connect().send(POST + "Content-Length: 4194304\r\n\r\nx"));
            }
            assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
            assertStillServing();
        } finally {
            open.forEach(RawClient::close);
        }
    }

    @Test
    void aBodyOverTheLimitOfTheServerIsRefusedToo() {
        webhook("w", "POST", Map.of("maxBody", String.valueOf(Integer.MAX_VALUE)));
        error(exchange("POST", "/webhook/w", "Content-Length: 5000000\r\n", new byte[0]), 413);
        error(exchange("POST", "/task", AUTH + "Content-Length: 5000000\r\n", new byte[0]), 413);
    }

    @Test
    void chunksThatGrowOverTheLimitAreRefusedInMidstream() {
        byte[] chunk = Http10.concat("4000\r\n".getBytes(UTF_8), new byte[0x4000]);
        chunk = Http10.concat(chunk, "\r\n".getBytes(UTF_8));
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n")) {
            int sent = 0;
            while (sent < 70 && client.trySend(chunk)) {
                sent++;
            }
            error(client.read(), 413);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
        assertStillServing();
    }

    @Test
    void oneHugeChunkIsNotHeldBeyondTheLimit() {
        // Within what the server takes, but not within what this endpoint takes: the library would wait for all of it.
        webhook("w", "POST", Map.of("maxBody", "1024"));
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n200000\r\n")) {
            client.trySend(new byte[1_024 + (200 << 10)]);
            error(client.read(), 413);
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void anEndlessChunkSizeIsNotHeld() {
        webhook("w", "POST", Map.of("maxBody", "1024"));
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n")) {
            client.trySend("0".repeat(300 << 10).getBytes(UTF_8));
            assertThat(client.read().status()).isIn(400, 413);
        }
        assertStillServing();
    }

    @Test
    void compressedBodiesAreNotTaken() {
        RawClient.Answer answer =
                exchange("POST", "/webhook/w", "Content-Encoding: gzip\r\n", new byte[] {31, -117, 8, 0});
        error(answer, 415);
        assertThat(answer.header("accept-encoding")).isEqualTo("identity");
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void methodsThatAreNotConfiguredAre405AndUnknownOnes501() {
        for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "TRACE")) {
            RawClient.Answer answer = anonymous(method, "/webhook/w", "");
            error(answer, 405);
            assertThat(answer.header("allow")).isEqualTo("POST");
        }
        assertThat(anonymous("HEAD", "/webhook/w", "").status()).isEqualTo(405);
        try (RawClient client = connect().send("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            RawClient.Answer noProxy = client.read();
            error(noProxy, 405);
            assertThat(noProxy.header("allow")).isEqualTo("GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
        }
        error(anonymous("BREW", "/webhook/w", ""), 501);
        error(admin("BREW", "/task", ""), 501);
        RawClient.Answer answer = admin("PATCH", "/task", "");
        assertThat(error(answer, 405).path("id").asInt()).isEqualTo(105);
        assertThat(answer.header("allow")).contains("GET").contains("POST");
    }

    @Test
    void aBodyThatIsCutOffStoresNothing() {
        try (RawClient client = connect().send(POST + "Content-Length: 100\r\n\r\nhalf")) {
            client.closeOutput();
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")) {
            client.closeOutput();
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n50\r\nhello\r\n")) {
            client.closeOutput();
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).isEmpty();
        assertStillServing();
    }

    @Test
    void goodRequestsInAPipelineAreAnsweredBeforeGarbageIsRefused() {
        String good = POST + "Content-Length: 2\r\n\r\nhi";
        try (RawClient client = connect().send(good + good + "\u0000garbage\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.read().status()).isEqualTo(400);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/webhook/..%2fmon%2fstatus",
                "/webhook/%2e%2e/task",
                "/webhook/w%00",
                "/webhook/w%250a",
                "/webhook//w",
                "//webhook/w",
                "/webhook/w;x=y",
                "/webhook/w%3bx=y",
                "/mon/..%2ftask",
                "/mon/%2e%2e/task",
                "/mon/../task",
                "/mon/status/../../task",
                "/%74ask",
                "/task;x=y",
                "/task/",
                "/TASK",
                "/task/w;x=y/start",
                "/webhook/{w}",
                "/webhook/*",
                "/webhook/a:b",
                "/webhook/a%0d%0ab",
                "/webhook/%ff%fe",
                "/webhook/%zz"
            })
    void noSpellingOfAPathReachesAnotherRoute(String path) {
        RawClient.Answer answer = anonymous("POST", path, "{}");
        assertThat(answer.status()).as(answer.text()).isIn(400, 401, 404);
        assertThat(anonymous("GET", path, "").status()).isIn(400, 401, 404);
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void anIdIsDecodedOnce() {
        webhook("a/b+c=", "POST");
        assertThat(anonymous("POST", "/webhook/a%2Fb+c%3D", "x").status()).isEqualTo(200);
        assertThat(get("/task/a%2Fb+c=").status()).isEqualTo(200);
        error(anonymous("POST", "/webhook/a%252Fb+c=", "x"), 404);
    }

    @Test
    void claimsAboutTheClientsAddressAreOnlyHeaders() {
        webhook("w", "POST", Map.of("rate", "1"));
        String forged = "X-Forwarded-For: 10.0.0.%d\r\nX-Real-IP: 10.0.0.%d\r\n";
        assertThat(exchange("POST", "/webhook/w", forged.formatted(1, 1), new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(exchange("POST", "/webhook/w", forged.formatted(2, 2), new byte[0])
                        .status())
                .isEqualTo(429);
    }

    @Test
    void connectionCloseIsHonoured() {
        try (RawClient client = connect().send(POST + "Connection: close\r\nContent-Length: 2\r\n\r\nhi")) {
            RawClient.Answer answer = client.read();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client =
                connect().send("GET /mon/version HTTP/1.1\r\nHost: localhost\r\nConnection: foo, Close\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void connectionsAreKept() {
        try (RawClient client = connect()) {
            for (int i = 0; i < 3; i++) {
                client.send(POST + "Content-Length: 2\r\n\r\nhi");
                RawClient.Answer answer = client.read();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.headers()).doesNotContainKey("connection");
                client.send(POST.replace("/w ", "/none ") + "Content-Length: 2\r\n\r\nhi");
                assertThat(client.read().status()).isEqualTo(404);
            }
        }
        assertThat(hook.calls).hasSize(3);
    }

    @Test
    void http10IsAnsweredAndTheConnectionClosed() {
        try (RawClient client = connect().send("GET /mon/version HTTP/1.0\r\n\r\n")) {
            RawClient.Answer answer = client.read();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("snapshot");
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send("POST /webhook/w HTTP/1.0\r\n")) {
            client.send("Host: x\r\nConnection: keep-alive\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhel");
            client.send("lo");
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(hook.calls.getFirst().body()).asString().isEqualTo("hello");
        assertThat(hook.calls.getFirst().header("x-a")).contains("b");
        try (RawClient client =
                connect().send("POST /webhook/w HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
            assertThat(client.read().status()).isEqualTo(505);
        }
    }

    @Test
    void queriesMayHaveWhatSendersPutThere() {
        byte[] request = request("POST", "/webhook/w?a[]={\"b\":1}|x&c=%zz", "", new byte[0]);
        try (RawClient client = connect().send(request)) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(hook.calls.getFirst().query()).isEqualTo("a[]={\"b\":1}|x&c=%zz");
        try (RawClient client =
                connect().send("POST /webhook/w?a=\u00e9 HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1))) {
            assertThat(client.read().status()).isEqualTo(400);
        }
    }
}
