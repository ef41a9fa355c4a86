package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.sink.Cidr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many requests a peer may send, and who the peer is behind a proxy. The test turns the server's clock. */
class PeersTest extends RunningServerTest {
    private final AtomicLong now = new AtomicLong();
    private List<Cidr> proxies = List.of(Cidr.parse("127.0.0.0/8"));

    @Override
    HttpConfig config() {
        return super.config().peers(3, proxies);
    }

    @Override
    LongSupplier nanoTime() {
        return now::get;
    }

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    private RawClient.Answer from(String headers) {
        return exchange("POST", "/webhook/w", headers, "hi".getBytes(UTF_8));
    }

    private RawClient.Answer fromAddress(String address) {
        return from("X-Forwarded-For: " + address + "\r\n");
    }

    @Test
    void aPeerMaySendSoManyRequestsASecond() {
        for (int i = 0; i < 3; i++) {
            assertThat(fromAddress("192.0.2.7").status()).isEqualTo(200);
        }
        RawClient.Answer refused = fromAddress("192.0.2.7");
        error(refused, 429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(fromAddress("192.0.2.8").status()).as("another peer").isEqualTo(200);
        assertThat(from("Forwarded: for=\"[2001:db8::1]:9\"\r\n").status()).isEqualTo(200);

        now.addAndGet(1_000_000_000L);
        assertThat(fromAddress("192.0.2.7").status()).isEqualTo(200);
    }

    @Test
    void allRequestsCountButProbes() {
        assertThat(exchange("GET", "/task", AUTH, new byte[0]).status()).isEqualTo(200);
        assertThat(exchange("GET", "/nothing", "", new byte[0]).status()).isEqualTo(404);
        assertThat(exchange("GET", "/task", "", new byte[0]).status()).isEqualTo(401);
        error(exchange("GET", "/task", AUTH, new byte[0]), 429);
        error(exchange("GET", "/nothing", "", new byte[0]), 429);
        assertThat(exchange("GET", "/health/live", "", new byte[0]).status()).isEqualTo(200);
        assertThat(exchange("GET", "/mon/status", "", new byte[0]).status()).isEqualTo(200);
    }

    @Test
    void anIpv6NetworkIsOnePeer() {
        for (int i = 0; i < 3; i++) {
            assertThat(fromAddress("2001:db8:1:2:" + i + "::1").status()).isEqualTo(200);
        }
        error(fromAddress("2001:db8:1:2:ffff::1"), 429);
        assertThat(fromAddress("2001:db8:1:3::1").status()).isEqualTo(200);
    }

    @Test
    void aPeerThatIsNoTrustedProxyGainsNothingByAHeader() {
        restart(List.of(Cidr.parse("10.0.0.0/8")));
        for (int i = 0; i < 3; i++) {
            assertThat(fromAddress("192.0.2." + i).status()).isEqualTo(200);
        }
        error(fromAddress("192.0.2.99"), 429);
        error(from("Forwarded: for=192.0.2.98\r\n"), 429);
    }

    private void restart(List<Cidr> trusted) {
        stop();
        proxies = trusted;
        start();
    }

    @Test
    void forwardedHostAndProtocolChangeNothing() {
        String plain = get("/task/w").text();
        String claimed = exchange(
                        "GET",
                        "/task/w",
                        AUTH + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n",
                        new byte[0])
                .text();
        assertThat(claimed).isEqualTo(plain).contains("webHookURL");
    }

    @Test
    void hostileValuesBreakNothing() {
        String hops = "1.2.3.4, ".repeat(100);
        for (String header : List.of(
                "X-Forwarded-For: " + hops + "\r\n",
                "X-Forwarded-For: " + ",".repeat(8_000) + "\r\n",
                "Forwarded: " + "for=\"\\".repeat(1_500) + "\r\n",
                "Forwarded: for=" + "[".repeat(5_000) + "\r\n",
                "X-Forwarded-For: " + "1:".repeat(5_000) + "\r\n",
                "X-Forwarded-For: \u00e9\u00ff%s{}${jndi:x}\r\n")) {
            now.addAndGet(1_000_000_000L);
            assertThat(from(header).status()).as(header).isIn(200, 400);
        }
    }

    @Test
    void theMemoryForPeersIsBounded() {
        RateLimiter<PeerNetwork> rates = new RateLimiter<>(now::get, 1_000);
        for (int i = 0; i < 50_000; i++) {
            rates.admits(PeerNetwork.of(InetAddress.ofLiteral("2001:db8:" + Integer.toHexString(i) + "::1")), 1);
        }
        assertThat(rates.size()).isLessThanOrEqualTo(1_000);
    }
}
