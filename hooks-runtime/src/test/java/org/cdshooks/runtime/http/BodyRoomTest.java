package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many large bodies at the same time: the memory that all of them share. */
class BodyRoomTest extends RunningServerTest {
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
        return pollFor(wanted, PATIENCE);
    }

    private int pollFor(int wanted, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        int status = statusOfALargeBody();
        while (status != wanted && System.nanoTime() < deadline) {
            status = statusOfALargeBody();
        }
        return status;
    }

    /** Takes the room; again if it is the holder that found none, since a body of the polling was on its way just then. */
    private RawClient holder(String framing) {
        for (int i = 0; i < 10; i++) {
            RawClient holder = connect().send("POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n" + framing);
            holder.trySend(new byte[1_000 << 10]);
            if (pollFor(503, PATIENCE.dividedBy(5)) == 503) {
                return holder;
            }
            holder.close();
        }
        throw new AssertionError("the room is never taken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 4000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfa001\r\n"})
    void largeBodiesThatFindNoRoomAre503AndSmallOnesAreTaken(String framing) {
        webhook("w", "POST", Map.of("maxBody", String.valueOf(4 << 20)));
        assertThat(statusOfALargeBody()).isEqualTo(200);
        try (RawClient _ = holder(framing)) {
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
        hook.answer = (_, _) -> {
            throw new IllegalStateException("fails after the body was read");
        };
        for (int i = 0; i < 30; i++) {
            assertThat(statusOfALargeBody()).isEqualTo(500);
        }
    }
}
