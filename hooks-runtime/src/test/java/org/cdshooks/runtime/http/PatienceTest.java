package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that take their time, and too many of them: RELIABILITY 8, rows 1, 2, 13. */
class PatienceTest extends ServerTest {
    private static final String POST = "POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n";

    @Override
    HttpLimits limits() {
        return HttpLimits.defaults()
                .timeouts(
                        Duration.ofMillis(600),
                        Duration.ofMillis(1_200),
                        Duration.ofMillis(300),
                        Duration.ofMillis(900))
                .concurrency(60, 2);
    }

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void aHeadThatDripsIs408AndTheConnectionClosed() {
        try (RawClient client = connect()) {
            long start = System.nanoTime();
            byte[] drop = {'a'};
            client.send("GET /mon/version HTTP/1.1\r\nX-A: ");
            int drops = 0;
            while (since(start).toMillis() < 500) { // more bytes do not buy more time
                if (drops < since(start).toMillis() / 20) {
                    client.send(drop);
                    drops++;
                }
                Thread.onSpinWait();
            }
            error(client.read(), 408);
            assertThat(client.isClosedByServer()).isTrue();
            assertThat(since(start)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
        }
    }

    @Test
    void fiveDozenDrippingConnectionsDoNotHinderAHealthCheck() {
        List<RawClient> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                slow.add(connect().send("GET /mon/version HT"));
            }
            long start = System.nanoTime();
            assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(1));
            for (RawClient client : slow) {
                assertThat(client.read().status()).isEqualTo(408);
                assertThat(client.isClosedByServer()).isTrue();
            }
        } finally {
            slow.forEach(RawClient::close);
        }
    }

    @Test
    void aBodyThatStopsIs408AndStoresNothing() {
        try (RawClient client = connect().send(POST + "Content-Length: 100\r\n\r\nhalf")) {
            error(client.read(), 408);
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf")) {
            error(client.read(), 408);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(engine.calls).isEmpty();
    }

    @Test
    void aBodyThatIsTooSlowIs408LongBeforeItsTimeIsOver() {
        long start = System.nanoTime();
        try (RawClient client = connect().send(POST + "Content-Length: 100000\r\n\r\n")) {
            client.send(new byte[100]);
            error(client.read(), 408);
            assertThat(since(start)).isLessThan(Duration.ofMillis(1_100));
        }
    }

    @Test
    void aBodyThatIsFastEnoughMayStillNotTakeForEver() {
        try (RawClient client = connect().send(POST + "Content-Length: 1000000\r\n\r\n")) {
            long start = System.nanoTime();
            byte[] piece = new byte[1_000];
            int sent = 0;
            while (since(start).toMillis() < 3_000 && sent < 900_000) {
                if (sent < 3_000 * (since(start).toMillis() / 1e3) && client.trySend(piece)) {
                    sent += piece.length;
                }
                if (since(start).toMillis() > 1_100) {
                    break;
                }
                Thread.onSpinWait();
            }
            error(client.read(), 408);
            assertThat(since(start)).isBetween(Duration.ofMillis(1_000), Duration.ofSeconds(5));
        }
        assertThat(engine.calls).isEmpty();
    }

    @Test
    void aBodyThatNobodyWantsDoesNotKeepTheConnection() {
        byte[] drop = {'a'};
        for (String path : List.of("/webhook/none", "/task", "/nothing")) {
            try (RawClient client =
                    connect().send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")) {
                assertThat(client.read().status()).isIn(401, 404);
                long start = System.nanoTime();
                int drops = 0;
                boolean open = true;
                while (open && since(start).toMillis() < 5_000) { // the drops do not buy time
                    if (drops < since(start).toMillis() / 20) {
                        open = client.trySend(drop);
                        drops++;
                    }
                    Thread.onSpinWait();
                }
                assertThat(open).as("closed while drops still came: %s", path).isFalse();
            }
        }
        assertThat(engine.calls).isEmpty();
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() {
        try (RawClient client = connect()) {
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(request("GET", "/mon/version", "", new byte[0]))) {
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aHookThatTakesItsTimeIsNotCutOff() {
        CountDownLatch go = new CountDownLatch(1);
        engine.answer = (task, call) -> {
            assertThat(go.await(10, SECONDS)).isTrue();
            return engine.accept(task, call);
        };
        try (RawClient client = connect().send(POST + "Content-Length: 2\r\n\r\nhi")) {
            long start = System.nanoTime();
            while (since(start).toMillis() < 1_500) { // longer than any other limit
                assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
            }
            go.countDown();
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void tooManyRequestsAtTheSameTimeAre503AndMonitoringIsNot() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(2);
        engine.answer = (task, call) -> {
            both.countDown();
            assertThat(go.await(10, SECONDS)).isTrue();
            return engine.accept(task, call);
        };
        byte[] request = request("POST", "/webhook/w", "", "hi".getBytes(UTF_8));
        try (RawClient first = connect().send(request);
                RawClient second = connect().send(request)) {
            assertThat(both.await(10, SECONDS)).isTrue();
            RawClient.Answer answer = anonymous("POST", "/webhook/w", "hi");
            error(answer, 503);
            assertThat(answer.header("retry-after")).isEqualTo("1");
            assertThat(anonymous("GET", "/mon/status", "").status()).isEqualTo(200);
            assertThat(anonymous("GET", "/health/ready", "").status()).isEqualTo(200);
            go.countDown();
            assertThat(first.read().status()).isEqualTo(200);
            assertThat(second.read().status()).isEqualTo(200);
        }
        assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
    }

    @Test
    void tooManyConnectionsAreToldSoAndTheOldOnesServed() {
        List<RawClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                open.add(connect());
            }
            open.getFirst().send(request("GET", "/mon/version", "", new byte[0]));
            assertThat(open.getFirst().read().status()).isEqualTo(200);
            try (RawClient tooMany = connect()) {
                RawClient.Answer answer = tooMany.read();
                error(answer, 503);
                assertThat(answer.header("retry-after")).isEqualTo("1");
                assertThat(tooMany.isClosedByServer()).isTrue();
            }
        } finally {
            open.forEach(RawClient::close);
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        int status = 0;
        while (status != 200 && System.nanoTime() < deadline) {
            status = tryHealth();
        }
        assertThat(status).as("served again once the others are gone").isEqualTo(200);
    }

    private int tryHealth() {
        try {
            return anonymous("GET", "/health/live", "").status();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    /** Defect A15 of CDS. */
    @Test
    void stoppingAnswersWhatRunsAndEndsWhatDoesNot() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        engine.answer = (task, call) -> {
            assertThat(go.await(10, SECONDS)).isTrue();
            return engine.accept(task, call);
        };
        try (RawClient running = connect().send(POST + "Content-Length: 2\r\n\r\nhi");
                RawClient idle = connect()) {
            assertThat(engine.entered.await(10, SECONDS)).isTrue();
            Thread stopper = Thread.ofVirtual().start(() -> server.stop(Duration.ofSeconds(10)));
            assertThat(idle.isClosedByServer()).isTrue();
            go.countDown();
            RawClient.Answer answer = running.read();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(running.isClosedByServer()).isTrue();
            assertThat(stopper.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void stoppingDoesNotWaitLongerThanItMay() throws Exception {
        engine.answer = (task, call) -> {
            new CountDownLatch(1).await();
            throw new AssertionError("never");
        };
        try (RawClient running = connect().send(POST + "Content-Length: 2\r\n\r\nhi")) {
            assertThat(engine.entered.await(10, SECONDS)).isTrue();
            long start = System.nanoTime();
            server.stop(Duration.ofMillis(300));
            assertThat(since(start)).isLessThan(Duration.ofSeconds(5));
            error(running.read(), 503);
            assertThat(running.isClosedByServer()).isTrue();
        }
    }
}
