package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limits that a service has of which nobody sets any, as docs/api.md tells them, on a server that has just those. */
class DefaultLimitsTest extends RunningServerTest {
    private static final int MAX_BODY = 25 * 1024 * 1024;
    private static final int MAX_HEAD = 16 * 1024;
    private static final int MAX_LINE = 8 * 1024;

    @Override
    HttpLimits limits() {
        return HttpLimits.defaults();
    }

    @BeforeEach
    void aWebhook() {
        // so that only the server's own limit holds
        webhook("w", "POST", Map.of("maxBody", String.valueOf(Integer.MAX_VALUE)));
    }

    @Test
    void theyAreWhatTheDocumentSays() {
        assertThat(HttpLimits.defaults())
                .isEqualTo(new HttpLimits(
                        MAX_BODY,
                        MAX_HEAD,
                        100,
                        MAX_LINE,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        1024,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(75),
                        4096,
                        1024,
                        256,
                        Math.max(MAX_BODY, Runtime.getRuntime().maxMemory() / 8)));
    }

    @Test
    void aBodyOf25MebibytesIsTakenAndOneByteMoreIsNot() {
        assertThat(exchange("POST", "/webhook/w", "", new byte[MAX_BODY]).status())
                .isEqualTo(200);
        assertThat(hook.calls.getFirst().body()).hasSize(MAX_BODY);

        for (String path : new String[] {"/webhook/w", "/task", "/task/bulk"}) {
            try (RawClient client = connect()) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + AUTH + "Content-Length: "
                        + (MAX_BODY + 1) + "\r\n\r\n");
                error(client.read(), 413);
                assertThat(client.isClosedByServer()).isTrue();
            }
        }
        assertThat(hook.calls).hasSize(1);
    }

    @Test
    void aChunkedBodyOfMoreThan25MebibytesIsNotTaken() {
        try (RawClient client = connect()) {
            client.send("POST /webhook/w HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = Http10.concat(
                    "100000\r\n".getBytes(ISO_8859_1), Http10.concat(new byte[1 << 20], "\r\n".getBytes(ISO_8859_1)));
            for (int i = 0; i < 25; i++) {
                client.send(chunk);
            }
            client.trySend("1\r\na\r\n0\r\n\r\n".getBytes(ISO_8859_1));
            error(client.read(), 413);
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void aHundredLinesOfHeadersAreReadAndOneMoreIsNot() {
        // the line of the host is the first one
        assertThat(exchange("GET", "/mon/version", "X-A: b\r\n".repeat(99), new byte[0])
                        .status())
                .isEqualTo(200);
        error(exchange("GET", "/mon/version", "X-A: b\r\n".repeat(100), new byte[0]), 431);
    }

    @Test
    void sixteenKibibytesOfHeadersAreReadAndMoreIsNot() {
        int around = "Host: localhost\r\nX-A: \r\n\r\n".length();
        int most = mostThatIsRead(
                431,
                size -> exchange("GET", "/mon/version", "X-A: " + "a".repeat(size - around) + "\r\n", new byte[0]));
        assertThat(most).isCloseTo(MAX_HEAD, within(16));
    }

    @Test
    void aRequestLineOf8KibibytesIsReadAndALongerOneIsNot() {
        int around = "GET /mon/version? HTTP/1.1".length();
        int most = mostThatIsRead(414, size -> anonymous("GET", "/mon/version?" + "a".repeat(size - around), ""));
        assertThat(most).isCloseTo(MAX_LINE, within(16));
    }

    /** Finds out how many bytes are read at most. */
    private static int mostThatIsRead(int refusal, IntFunction<RawClient.Answer> send) {
        int read = 1024;
        int refused = 64 * 1024;
        while (refused - read > 1) {
            int middle = (read + refused) / 2;
            RawClient.Answer answer = send.apply(middle);
            assertThat(answer.status()).isIn(200, refusal);
            if (answer.status() == 200) {
                read = middle;
            } else {
                refused = middle;
            }
        }
        return read;
    }
}
