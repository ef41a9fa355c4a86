package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.config.ConfigProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server-side request forgery: what a task's author may not reach through the service. */
@Timeout(60)
class HttpEventSinkAddressesTest {
    private static final VettingResolver.Lookup NOBODY = name -> {
        throw new UnknownHostException(name);
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1",
                "0x7f.1",
                "0x7F000001",
                "2130706433",
                "017700000001",
                "0177.0.0.1",
                "0.0.0.0",
                "0",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "127.0.0.1."
            })
    void noLiteralOfLoopbackIsTakenOrCalled(String host) throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "");
                SinkFixture fixture = new SinkFixture(List.of("10.0.0.0/8"))) {
            String url = "http://" + host + ":" + target.port() + "/";

            assertThat(fixture.sink.validate(fixture.config(url)))
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.option()).isEqualTo("sink.url");
                        assertThat(problem.message())
                                .contains("blocked address")
                                .contains("sink.http.allow");
                    });
            assertThat(fixture.deliver(url))
                    .isInstanceOfSatisfying(
                            DeliveryResult.Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .contains("blocked address")
                                    .contains("sink.http.allow"));
            assertThat(target.connections).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "100.64.1.1",
                "169.254.169.254",
                "192.168.1.1",
                "[fd00::1]",
                "[fe80::1]",
                "[64:ff9b::808:808]",
                "[2002:808:808::]"
            })
    void noOtherPrivateLiteralIsTaken(String host) throws Exception {
        try (SinkFixture fixture = new SinkFixture(SinkFixture.LOOPBACK)) {
            List<ConfigProblem> problems = fixture.sink.validate(fixture.config("https://" + host + "/"));
            assertThat(problems).extracting(ConfigProblem::option).containsExactly("sink.url");
        }
    }

    @Test
    void aNameIsTakenAndJudgedWhenItIsCalled() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "");
                SinkFixture fixture = new SinkFixture(
                        List.of(), name -> SinkFixture.addresses("127.0.0.1", "10.0.0.1", "::1"), Optional.empty())) {
            String url = "http://internal.example:" + target.port() + "/";
            assertThat(fixture.sink.validate(fixture.config(url))).isEmpty();
            assertThat(fixture.deliver(url))
                    .isEqualTo(DeliveryResult.rejected(
                            "blocked address of internal.example: 127.0.0.1 is loopback, not in sink.http.allow"));
            assertThat(target.connections).hasValue(0);
        }
    }

    @Test
    void aNameWithAllowedAndOtherAddressesIsCalledAtTheAllowedOnes() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "");
                ServerSocket other = new ServerSocket(target.port(), 5, InetAddress.ofLiteral("127.0.0.2"));
                RawTarget forbidden = new RawTarget(other, (request, socket, out) -> true);
                SinkFixture fixture = new SinkFixture(
                        List.of("127.0.0.1/32"),
                        name -> SinkFixture.addresses("127.0.0.2", "127.0.0.1"),
                        Optional.empty())) {
            assertThat(fixture.deliver("http://mixed.example:" + target.port() + "/"))
                    .isInstanceOf(DeliveryResult.Delivered.class);
            assertThat(target.requests.getFirst().headers()).containsEntry("host", "mixed.example:" + target.port());
            assertThat(forbidden.connections).hasValue(0);
        }
    }

    @Test
    void aNameThatChangesItsMindWinsNothing() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        try (RawTarget target = new RawTarget((request, socket, out) -> {
                    RawTarget.write(out, "200 OK\r\nConnection: close", "");
                    return false;
                });
                ServerSocket other = new ServerSocket(target.port(), 5, InetAddress.ofLiteral("127.0.0.2"));
                RawTarget forbidden = new RawTarget(other, (request, socket, out) -> true);
                SinkFixture fixture = new SinkFixture(
                        List.of("127.0.0.1/32"),
                        name -> SinkFixture.addresses(lookups.incrementAndGet() == 1 ? "127.0.0.1" : "127.0.0.2"),
                        Optional.empty())) {
            String url = "http://rebind.example:" + target.port() + "/";
            assertThat(fixture.deliver(url)).isInstanceOf(DeliveryResult.Delivered.class);
            assertThat(lookups).as("one look-up for one connection").hasValue(1);
            assertThat(fixture.deliver(url)).isInstanceOf(DeliveryResult.Rejected.class);
            assertThat(forbidden.connections).hasValue(0);
        }
    }

    @Test
    void triesTheNextAddressWhenOneDoesNotAnswer() throws Exception {
        try (RawTarget target = RawTarget.answering("200 OK", "");
                SinkFixture fixture = new SinkFixture(
                        SinkFixture.LOOPBACK,
                        name -> SinkFixture.addresses("127.0.0.9", "127.0.0.1"),
                        Optional.empty())) {
            assertThat(fixture.deliver("http://two.example:" + target.port() + "/"))
                    .isInstanceOf(DeliveryResult.Delivered.class);
        }
    }

    @Test
    void callsIpv6() throws Exception {
        AtomicReference<ServerSocket> server = new AtomicReference<>();
        assumeThatCode(() -> server.set(new ServerSocket(0, 5, InetAddress.ofLiteral("::1"))))
                .doesNotThrowAnyException();
        try (RawTarget target = new RawTarget(Objects.requireNonNull(server.get()), (request, socket, out) -> {
                    RawTarget.write(out, "200 OK", "six");
                    return true;
                });
                SinkFixture fixture = new SinkFixture(SinkFixture.LOOPBACK, NOBODY, Optional.empty())) {
            assertThat(fixture.deliver("http://[::1]:" + target.port() + "/"))
                    .isEqualTo(DeliveryResult.delivered("six"));
        }
    }

    @Test
    void anUnknownNameIsRetriedAndWithoutAddressToo() throws Exception {
        try (SinkFixture fixture = new SinkFixture(SinkFixture.LOOPBACK, NOBODY, Optional.empty());
                SinkFixture empty =
                        new SinkFixture(SinkFixture.LOOPBACK, name -> new InetAddress[0], Optional.empty())) {
            assertThat(fixture.deliver("https://nobody.example/"))
                    .isEqualTo(DeliveryResult.retry("host nobody.example is unknown"));
            assertThat(empty.deliver("https://nobody.example/"))
                    .isEqualTo(DeliveryResult.retry("host nobody.example has no address"));
        }
    }

    @Test
    void aNameServerThatHangsHoldsNobodyElse() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawTarget target = RawTarget.answering("200 OK", "");
                SinkFixture fixture = new SinkFixture(
                        SinkFixture.LOOPBACK,
                        name -> {
                            try {
                                over.await(20, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return SinkFixture.addresses("127.0.0.1");
                        },
                        Optional.empty())) {
            long begin = System.nanoTime();
            var hung = fixture.start(fixture.delivery("http://slow.example/", "sink.timeout", "1s"));
            assertThat(fixture.deliver(target.url("/"))).isInstanceOf(DeliveryResult.Delivered.class);
            assertThat(hung.get(10, TimeUnit.SECONDS)).isInstanceOf(DeliveryResult.Retry.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
        } finally {
            over.countDown();
        }
    }

    @Test
    void withoutSettingsNothingPrivateIsAllowed() throws Exception {
        HttpEventSink sink = new HttpEventSink();
        try (SinkFixture fixture = new SinkFixture(List.of())) {
            assertThat(sink.validate(fixture.config("http://127.0.0.1/"))).isNotEmpty();
        }
    }

    @Test
    void bothSinksAreFoundAsServices() {
        assertThat(java.util.ServiceLoader.load(org.cdshooks.api.EventSink.class))
                .extracting(sink -> sink.descriptor().name())
                .contains("http", "log");
    }
}
