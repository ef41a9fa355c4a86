package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultProxyTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration SOON = Duration.ofSeconds(20);

    private final RedisServer redis = RedisServer.start();
    private final FaultProxy proxy = FaultProxy.to(redis.port());

    @AfterEach
    void close() {
        proxy.close();
        redis.close();
    }

    private RespClient client() {
        return RespClient.connect(proxy.port(), SOON);
    }

    private static void assertClosed(RespClient client) {
        assertThatThrownBy(() -> client.command("PING"))
                .isInstanceOf(UncheckedIOException.class)
                .cause()
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    private static void assertSilent(RespClient client, String... words) {
        assertThatThrownBy(() -> client.command(words))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(SocketTimeoutException.class);
    }

    private void awaitOpen(int count) {
        Await.until(count + " connections are open", SOON, () -> proxy.open() == count, () -> "open: " + proxy.open());
    }

    private void awaitValue(String key, String value) {
        Await.until(
                key + " is " + value,
                SOON,
                () -> redis.command("GET", key).equals(new Reply.Text(value)),
                () -> "it is " + redis.command("GET", key));
    }

    @Test
    void passesEverythingAndCountsConnections() {
        try (RespClient one = client();
                RespClient other = client()) {
            String large = "x".repeat(1024 * 1024);
            one.command("SET", "key", large);
            assertThat(other.command("GET", "key").text()).isEqualTo(large);
            assertThat(proxy.accepted()).isEqualTo(2);
            assertThat(proxy.open()).isEqualTo(2);
        }
        awaitOpen(0);
        assertThat(proxy.accepted()).isEqualTo(2);
    }

    @Test
    void aServerThatClosesOrIsNotThereClosesTheClient() {
        try (RespClient client = client()) {
            client.command("QUIT");
            assertClosed(client);
        }
        redis.kill();
        try (RespClient client = client()) {
            assertClosed(client);
        }
        redis.restart();
        try (RespClient client = client()) {
            assertThat(client.command("PING").text()).isEqualTo("PONG");
        }
    }

    @Test
    void cutsAndMendsOnTheSamePort() {
        for (int round = 0; round < 20; round++) {
            try (RespClient client = client()) {
                client.command("PING");
                proxy.cut();
                assertClosed(client);
            }
            assertThatThrownBy(this::client).hasMessageContaining("refused");
            assertThat(proxy.open()).isZero();
            proxy.mend();
        }
        assertThat(proxy.accepted()).isEqualTo(20);
    }

    @Test
    void delaysBothWays() {
        try (RespClient client = client()) {
            client.command("PING");
            proxy.delay(SHORT);
            long start = System.nanoTime();
            client.command("PING");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT.multipliedBy(2));
        }
    }

    @Test
    void droppedRepliesCloseTheConnectionsThatLostSomethingAndNoOther() {
        try (RespClient unlucky = RespClient.connect(proxy.port(), SHORT);
                RespClient idle = client()) {
            unlucky.command("PING");
            idle.command("PING");
            proxy.dropReplies(true);
            assertSilent(unlucky, "SET", "key", "arrived");
            awaitValue("key", "arrived");
            proxy.dropReplies(false);
            assertClosed(unlucky);
            assertThat(idle.command("GET", "key").text()).isEqualTo("arrived");
        }
    }

    @Test
    void droppedRepliesHideThatTheServerDied() {
        try (RespClient client = RespClient.connect(proxy.port(), SHORT)) {
            client.command("PING");
            proxy.dropReplies(true);
            redis.kill();
            for (int i = 0; i < 3; i++) { // the first that is sent tells the proxy that nobody is there
                assertSilent(client, "PING");
            }
            proxy.mend();
            assertClosed(client);
        }
    }

    @Test
    void aHalfOpenNetworkAcceptsAndSwallowsEverything() {
        try (RespClient before = RespClient.connect(proxy.port(), SHORT);
                RespClient idle = client()) {
            before.command("PING");
            idle.command("PING");
            proxy.halfOpen();
            try (RespClient within = RespClient.connect(proxy.port(), SHORT)) {
                assertSilent(before, "SET", "key", "lost");
                assertSilent(within, "SET", "key", "lost");
                assertThat(redis.command("EXISTS", "key").number()).isZero();
                proxy.mend();
                assertClosed(before);
                assertClosed(within);
                assertThat(idle.command("EXISTS", "key").number()).isZero();
            }
        }
    }

    @Test
    void aHalfOpenNetworkHidesThatAClientLeft() {
        try (RespClient client = client()) {
            client.command("CLIENT", "SETNAME", "leaving");
            proxy.halfOpen();
        }
        assertThat(redis.command("CLIENT", "LIST").text()).contains("name=leaving");
        proxy.mend();
        Await.until(
                "the server knows that the client left",
                SOON,
                () -> !redis.command("CLIENT", "LIST").text().contains("name=leaving"),
                () -> "");
    }

    @Test
    void cutsWithinARequest() {
        try (RespClient client = client()) {
            client.command("PING");
            int whole = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n".length();
            proxy.cutAfter(whole + 5, FaultProxy.Direction.TO_SERVER);
            assertThatThrownBy(() ->
                            client.commands(List.of(new String[] {"SET", "a", "1"}, new String[] {"SET", "b", "1"})))
                    .isInstanceOf(UncheckedIOException.class);
            awaitValue("a", "1");
            assertThat(redis.command("EXISTS", "b").number()).isZero();
            assertThatThrownBy(this::client).hasMessageContaining("refused");
            proxy.mend();
        }
        try (RespClient client = client()) {
            assertThat(client.command("SET", "b", "2").text()).isEqualTo("OK");
        }
    }

    @Test
    void cutsWithinAnAnswer() {
        redis.command("SET", "key", "0123456789");
        try (RespClient client = client()) {
            client.command("PING");
            proxy.cutAfter("$10\r\n0123".length(), FaultProxy.Direction.TO_CLIENT);
            assertThatThrownBy(() -> client.command("GET", "key")).hasMessageContaining("closed within a value");
        }
    }

    @Test
    void cutsAfterBytesOfBothWays() {
        try (RespClient client = client()) {
            client.command("PING");
            int pingAndPong = "*1\r\n$4\r\nPING\r\n+PONG\r\n".length();
            proxy.cutAfter(2L * pingAndPong);
            assertThat(client.command("PING").text()).isEqualTo("PONG");
            assertThat(client.command("PING").text()).isEqualTo("PONG");
            assertClosed(client);
            proxy.mend();
            proxy.cutAfter(0);
            assertThatThrownBy(this::client).hasMessageContaining("refused");
        }
    }
}
