package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.cdshooks.runtime.http.GuardedConnection.Phase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The answers of a server that stops. */
class StoppingTest extends RunningServerTest {
    private static final String TASK = "{\"type\":\"Webhook\",\"config\":{}}";

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    private RawClient.Answer webhook() {
        return anonymous("POST", "/webhook/w", "hi");
    }

    private void assertNotReady() {
        RawClient.Answer ready = anonymous("GET", "/health/ready", "");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(json(ready).path("reason").asText()).isEqualTo("the service is stopping");
        assertThat(anonymous("GET", "/health/live", "").status()).isEqualTo(200);
    }

    private static void assertRefused(RawClient.Answer answer) {
        assertThat(error(answer, 503).path("message").asText()).contains("the service is stopping");
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(answer.header("connection")).isEqualTo("close");
    }

    @Test
    void anAnnouncedStopChangesNothingButTheProbe() {
        server.announceStop();

        assertNotReady();
        assertThat(webhook().status()).isEqualTo(200);
        assertThat(webhook().header("connection")).isEmpty();
        assertThat(admin("POST", "/task/w/stop", "").status()).isLessThan(300);
        assertThat(get("/task").status()).isEqualTo(200);
    }

    @Test
    void newWorkIsRefusedWhileProbesAndReadsAreAnsweredAndRunningWorkEnds() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        hook.answer = (call, trigger) -> {
            assertThat(go.await(60, SECONDS)).isTrue();
            return hook.accept(call, trigger);
        };
        try (RawClient running = connect().send(request("POST", "/webhook/w", "", "hi".getBytes(UTF_8)));
                RawClient slow =
                        connect().send("POST /webhook/w HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nh")) {
            assertThat(hook.entered.await(60, SECONDS)).isTrue();
            until(Phase.BODY, 1);
            Thread stopper = Thread.ofVirtual().start(() -> server.refuseWork(Duration.ofSeconds(60)));
            until("the stop has begun", () -> webhook().status() == 503);

            assertNotReady();
            assertRefused(webhook());
            assertRefused(admin("POST", "/task", TASK));
            assertRefused(admin("DELETE", "/task/w", ""));
            assertRefused(get("/task/w/stop")); // CDS gives orders by GET
            assertThat(get("/task").status()).isEqualTo(200);
            assertThat(get("/task/w").status()).isEqualTo(200);
            assertThat(anonymous("GET", "/mon/status", "").status()).isEqualTo(200);
            slow.send("i");
            error(slow.read(), 503);
            assertThat(stopper.isAlive()).as("waits for what runs").isTrue();

            go.countDown();
            assertThat(running.read().status()).isEqualTo(200);
            assertThat(stopper.join(Duration.ofSeconds(60))).isTrue();
            assertNotReady();
        }
        assertThat(hook.calls).hasSize(1);
        assertThat(json(get("/task/w")).path("stopped").asBoolean()).isFalse();
    }

    @Test
    void workThatDoesNotEndHoldsUpAStopForABoundedTime() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        hook.answer = (call, trigger) -> {
            assertThat(go.await(60, SECONDS)).isTrue();
            return hook.accept(call, trigger);
        };
        try (RawClient running = connect().send(request("POST", "/webhook/w", "", "hi".getBytes(UTF_8)))) {
            assertThat(hook.entered.await(60, SECONDS)).isTrue();
            server.refuseWork(Duration.ofMillis(1)); // would never return if it waited for the hook
            assertNotReady();
            go.countDown();
            assertThat(running.read().status()).isEqualTo(200);
        }
    }
}
