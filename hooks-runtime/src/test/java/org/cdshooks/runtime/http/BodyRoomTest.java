package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many large bodies at the same time: the memory that all of them share. */
class BodyRoomTest extends ServerTest {
    private static final byte[] LARGE = new byte[100 << 10];
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Override
    HttpLimits limits() {
        return HttpLimits.defaults().maxBody(4 << 20).maxBodies(1 << 20);
    }

    private int statusOfALargeBody() {
        try (RawClient client = connect()) {
            client.trySend(request("POST", "/webhook/w", "", LARGE));
            return client.read().status();
        }
    }

    private int pollFor(int wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int status = statusOfALargeBody();
        while (status != wanted && System.nanoTime() < deadline) {
            status = statusOfALargeBody();
        }
        return status;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 4000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfa001\r\n"})
    void largeBodiesThatFindNoRoomAre503AndSmallOnesAreTaken(String framing) {
        webhook("w", "POST");
        engine.maxBody = 4 << 20;
        assertThat(statusOfALargeBody()).isEqualTo(200);
        try (RawClient holder = connect().send("POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n" + framing)) {
            holder.send(new byte[1_000 << 10]);
            assertThat(pollFor(503)).isEqualTo(503);
            RawClient.Answer answer = exchange("POST", "/webhook/w", "", LARGE);
            error(answer, 503);
            assertThat(answer.header("retry-after")).isEqualTo("1");
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
        }
        assertThat(pollFor(200)).as("room again once the holder is gone").isEqualTo(200);
    }

    @Test
    void roomIsGivenBackAfterEachRequest() {
        webhook("w", "POST");
        for (int i = 0; i < 30; i++) { // three times the room
            assertThat(statusOfALargeBody()).isEqualTo(200);
        }
        engine.answer = (_, _) -> {
            throw new IllegalStateException("fails after the body was read");
        };
        for (int i = 0; i < 30; i++) {
            assertThat(statusOfALargeBody()).isEqualTo(500);
        }
    }
}
