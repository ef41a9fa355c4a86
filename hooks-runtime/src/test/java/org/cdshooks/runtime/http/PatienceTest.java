package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.http.GuardedConnection.Phase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that take their time, and too many of them: RELIABILITY 8, rows 1, 2, 13. The test turns the server's clock. */
class PatienceTest extends RunningServerTest {
    private static final String POST = "POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n";
    private static final byte[] DROP = {'a'};

    private final HttpLimits defaults = HttpLimits.defaults();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1); // it may overflow

    @Override
    HttpLimits limits() {
        return defaults.concurrency(60, 2, 2);
    }

    @Override
    LongSupplier nanoTime() {
        return now::get;
    }

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    /** Lets time pass, and the server look at its clock. */
    private void turn(Duration by) {
        now.addAndGet(by.toNanos());
        server.connections().check();
    }

    private static Duration almost(Duration limit) {
        return limit.minusMillis(1);
    }

    /** Sends, and waits until the server has read that. The only connection. */
    private void sendAndArrive(RawClient client, byte[] bytes) {
        long before = server.connections().received();
        client.send(bytes);
        until("the bytes have been read", () -> server.connections().received() == before + bytes.length);
    }

    private void assertOpen(Phase phase) {
        assertThat(server.connections().count(phase)).isEqualTo(1);
    }

    @Test
    void aHeadThatDripsIs408AndTheConnectionClosed() {
        try (RawClient client = connect()) {
            client.send("GET /mon/version HTTP/1.1\r\nX-A: ");
            until(Phase.HEAD, 1);
            for (int i = 0; i < 9; i++) { // more bytes do not buy more time
                sendAndArrive(client, DROP);
                turn(defaults.headerTimeout().dividedBy(10));
                assertOpen(Phase.HEAD);
            }
            turn(defaults.headerTimeout().dividedBy(10).plusMillis(1));
            error(client.read(), 408);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void fiveDozenDrippingConnectionsDoNotHinderAHealthCheck() {
        List<RawClient> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                slow.add(connect().send("GET /mon/version HT"));
            }
            until(Phase.HEAD, 50);
            assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
            turn(defaults.headerTimeout().plusMillis(1));
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
        for (String begun :
                List.of("Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf")) {
            try (RawClient client = connect().send(POST + begun)) {
                until(Phase.BODY, 1);
                turn(defaults.bodyTimeout().plusMillis(1));
                error(client.read(), 408);
                assertThat(client.isClosedByServer()).isTrue();
            }
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void aBodyThatIsTooSlowIs408LongBeforeItsTimeIsOver() {
        try (RawClient client = connect().send(POST + "Content-Length: 100000\r\n\r\n")) {
            until(Phase.BODY, 1);
            sendAndArrive(client, new byte[100]);
            turn(almost(defaults.slowStart()));
            assertOpen(Phase.BODY);
            turn(Duration.ofMillis(2));
            error(client.read(), 408);
        }
    }

    @Test
    void aBodyThatIsFastEnoughMayStillNotTakeForEver() {
        try (RawClient client = connect().send(POST + "Content-Length: 1000000\r\n\r\n")) {
            until(Phase.BODY, 1);
            for (int i = 0; i < defaults.bodyTimeout().toSeconds(); i++) {
                sendAndArrive(client, new byte[2_000]);
                turn(Duration.ofSeconds(1));
                assertOpen(Phase.BODY);
            }
            turn(Duration.ofMillis(1));
            error(client.read(), 408);
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void aBodyThatNobodyWantsDoesNotKeepTheConnection() {
        for (String path : List.of("/webhook/none", "/task", "/nothing")) {
            try (RawClient client =
                    connect().send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")) {
                assertThat(client.read().status()).isIn(401, 404);
                sendAndArrive(client, DROP);
                for (int i = 0; i < 9; i++) { // the drops do not buy time
                    sendAndArrive(client, DROP);
                    turn(defaults.headerTimeout().dividedBy(10));
                }
                turn(defaults.headerTimeout().dividedBy(10).plusMillis(1));
                until("closed: " + path, () -> !client.trySend(DROP));
            }
        }
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() {
        try (RawClient client = connect()) {
            until(Phase.IDLE, 1);
            turn(almost(defaults.idleTimeout()));
            assertOpen(Phase.IDLE);
            turn(Duration.ofMillis(2));
            assertThat(client.isClosedByServer()).isTrue();
        }
        try (RawClient client = connect().send(request("GET", "/mon/version", "", new byte[0]))) {
            assertThat(client.read().status()).isEqualTo(200);
            until(Phase.IDLE, 1);
            turn(defaults.idleTimeout().plusMillis(1));
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aHookThatTakesItsTimeIsNotCutOff() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        hook.answer = (call, trigger) -> {
            assertThat(go.await(60, SECONDS)).isTrue();
            return hook.accept(call, trigger);
        };
        try (RawClient client = connect().send(POST + "Content-Length: 2\r\n\r\nhi")) {
            assertThat(hook.entered.await(60, SECONDS)).isTrue();
            turn(Duration.ofHours(1)); // longer than any limit
            assertOpen(Phase.WORK);
            go.countDown();
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void tooManyRequestsAtTheSameTimeAre503AndMonitoringIsNot() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(2);
        hook.answer = (call, trigger) -> {
            both.countDown();
            assertThat(go.await(60, SECONDS)).isTrue();
            return hook.accept(call, trigger);
        };
        byte[] request = request("POST", "/webhook/w", "", "hi".getBytes(UTF_8));
        try (RawClient first = connect().send(request);
                RawClient second = connect().send(request)) {
            assertThat(both.await(60, SECONDS)).isTrue();
            RawClient.Answer answer = anonymous("POST", "/webhook/w", "hi");
            error(answer, 503);
            assertThat(answer.header("retry-after")).isEqualTo("1");
            assertThat(anonymous("GET", "/mon/status", "").status()).isEqualTo(200);
            assertThat(anonymous("GET", "/health/ready", "").status()).isEqualTo(200);
            assertThat(get("/task").status()).as("the API has slots of its own").isEqualTo(200);
            go.countDown();
            assertThat(first.read().status()).isEqualTo(200);
            assertThat(second.read().status()).isEqualTo(200);
        }
        assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
    }

    @Test
    void tooManyRequestsToTheApiKeepNoWebhookOut() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(2);
        byte[] task = "{\"type\":\"Webhook\",\"config\":{\"sink\":\"nowhere\"}}".getBytes(UTF_8);
        assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200); // so that its hook is made
        hook.atCreate = () -> {
            both.countDown();
            awaitQuietly(go);
        };
        byte[] request = request("POST", "/task", AUTH, task);
        try (RawClient first = connect().send(request);
                RawClient second = connect().send(request)) {
            assertThat(both.await(60, SECONDS)).isTrue();
            error(exchange("POST", "/task", AUTH, task), 503);
            assertThat(get("/task").status()).as("reads count apart").isEqualTo(200);
            assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
            assertThat(anonymous("GET", "/health/ready", "").status()).isEqualTo(200);
            go.countDown();
            assertThat(first.read().status()).isLessThan(300);
            assertThat(second.read().status()).isLessThan(300);
        }
        assertThat(exchange("POST", "/task", AUTH, task).status()).isEqualTo(201);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void tooManyConnectionsAreToldSoAndTheOldOnesServed() {
        List<RawClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                open.add(connect().send(POST + "Content-Length: 2\r\n\r\nh"));
                until(Phase.BODY, i + 1); // one after the other, since there are two slots
            }
            try (RawClient tooMany = connect()) {
                RawClient.Answer answer = tooMany.read();
                error(answer, 503);
                assertThat(answer.header("retry-after")).isEqualTo("1");
                assertThat(tooMany.isClosedByServer()).isTrue();
            }
            open.getFirst().send("i");
            assertThat(open.getFirst().read().status()).isEqualTo(200);
        } finally {
            open.forEach(RawClient::close);
        }
        until("served again once the others are gone", () -> tryHealth() == 200);
    }

    @Test
    void aConnectionThatWaitsMakesRoomForANewOne() {
        List<RawClient> open = new ArrayList<>();
        try (RawClient used = connect()) {
            used.send(request("GET", "/mon/version", "", new byte[0]));
            assertThat(used.read().status()).isEqualTo(200);
            until(Phase.IDLE, 1);
            for (int i = 0; i < 59; i++) {
                turn(Duration.ofMillis(1));
                open.add(connect().send(i % 2 == 0 ? "" : "GET /"));
                until(Phase.HEAD, (i + 1) / 2);
                until(Phase.IDLE, 1 + (i + 2) / 2);
            }
            turn(Duration.ofMillis(1));
            for (int i = 0; i < 59; i++) {
                assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
                open.add(connect());
                assertThat(open.get(i).isClosedByServer())
                        .as("the longest waiting one goes first, number %s", i)
                        .isTrue();
            }
            used.send(request("GET", "/mon/version", "", new byte[0]));
            assertThat(used.read().status())
                    .as("those that had a request go last")
                    .isEqualTo(200);
        } finally {
            open.forEach(RawClient::close);
        }
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
        hook.answer = (call, trigger) -> {
            assertThat(go.await(60, SECONDS)).isTrue();
            return hook.accept(call, trigger);
        };
        try (RawClient running = connect().send(POST + "Content-Length: 2\r\n\r\nhi");
                RawClient idle = connect()) {
            assertThat(hook.entered.await(60, SECONDS)).isTrue();
            until(Phase.IDLE, 1);
            Thread stopper = Thread.ofVirtual().start(() -> server.stop(Duration.ofSeconds(60)));
            assertThat(idle.isClosedByServer()).isTrue();
            go.countDown();
            RawClient.Answer answer = running.read();
            assertThat(answer.status()).isEqualTo(200);
            until(Phase.LINGER, 1);
            turn(Duration.ofSeconds(1));
            assertThat(running.isClosedByServer()).isTrue();
            assertThat(stopper.join(Duration.ofSeconds(60))).isTrue();
        }
    }

    @Test
    void stoppingDoesNotWaitLongerThanItMay() throws Exception {
        hook.answer = (call, trigger) -> {
            new CountDownLatch(1).await();
            throw new AssertionError("never");
        };
        try (RawClient running = connect().send(POST + "Content-Length: 2\r\n\r\nhi")) {
            assertThat(hook.entered.await(60, SECONDS)).isTrue();
            server.stop(Duration.ofMillis(300)); // would never return if it waited for the hook
            error(running.read(), 503);
            assertThat(running.isClosedByServer()).isTrue();
        }
    }
}
