package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.cdshooks.api.HttpReply;
import org.cdshooks.runtime.http.GuardedConnection.Phase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that do not read their answers, and how little slow peers can take from others. The test turns the server's clock. */
class SlowPeersTest extends RunningServerTest {
    private static final int REQUESTS = 8;
    private static final String POST = "POST /webhook/w HTTP/1.1\r\nHost: localhost\r\n";

    private final List<AutoCloseable> peers = new ArrayList<>();
    private final List<DeafPeer> deaf = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();

    @Override
    HttpLimits limits() {
        return HttpLimits.defaults().maxBody(32 << 20).concurrency(1_500, REQUESTS, REQUESTS);
    }

    @Override
    LongSupplier nanoTime() {
        return now::get;
    }

    @BeforeEach
    void aWebhook() {
        webhook("w", "POST");
    }

    @AfterEach
    void closePeers() throws Exception {
        for (AutoCloseable peer : peers) {
            peer.close();
        }
    }

    private RawClient peer() {
        RawClient client = connect();
        peers.add(client);
        return client;
    }

    /** A peer that sends requests as long as the server takes them, and reads nothing. */
    private final class DeafPeer {
        final SocketChannel channel = SocketChannel.open();
        private final ByteBuffer requests;

        DeafPeer(String request) throws IOException {
            peers.add(channel);
            requests = ByteBuffer.wrap(request.repeat(200).getBytes(ISO_8859_1));
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            channel.configureBlocking(false);
        }

        void feed() {
            try {
                channel.write(requests);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (!requests.hasRemaining()) {
                requests.rewind();
            }
        }
    }

    /** Makes peers that feed the server until it is stuck with an answer to each of them. */
    private DeafPeer deafPeers(int count, String request) throws IOException {
        for (int i = 0; i < count; i++) {
            deaf.add(new DeafPeer(request));
        }
        int[] same = new int[1];
        long[] sent = new long[1];
        until("the server is stuck with answers that nobody reads", () -> {
            deaf.forEach(DeafPeer::feed);
            same[0] = server.connections().sent() == sent[0] ? same[0] + 1 : 0;
            sent[0] = server.connections().sent();
            return server.connections().count(Phase.ANSWER) == deaf.size() && same[0] > 20;
        });
        return deaf.getLast();
    }

    private void assertEverybodyIsServed() {
        for (int i = 0; i < 2 * REQUESTS; i++) {
            assertThat(anonymous("POST", "/webhook/w", "hi").status()).isEqualTo(200);
            assertThat(get("/task").status()).isEqualTo(200);
            assertThat(anonymous("GET", "/health/ready", "").status()).isEqualTo(200);
        }
    }

    @Test
    void peersThatPipelineAndNeverReadKeepNobodyOut() throws Exception {
        deafPeers(REQUESTS, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEverybodyIsServed();
        for (int i = 0; i < REQUESTS; i++) {
            deafPeers(1, POST + "Content-Length: 2\r\n\r\nhi");
        }
        assertEverybodyIsServed();
    }

    @Test
    void aPeerThatDoesNotReadIsCutOff() throws Exception {
        deafPeers(3, "GET /task HTTP/1.1\r\nHost: localhost\r\n" + AUTH + "\r\n");
        now.addAndGet(limits().answerTimeout().minusMillis(1).toNanos());
        server.connections().check();
        assertThat(server.connections().count(Phase.ANSWER)).isEqualTo(3);
        now.addAndGet(Duration.ofMillis(2).toNanos());
        server.connections().check();
        until("the connections are gone", () -> server.connections().size() == 0);
    }

    @Test
    void aLargeAnswerMayTakeItsTimeAsLongAsThePeerReads() throws Exception {
        String large = "a".repeat(24 << 20);
        hook.answer = (_, _) -> HttpReply.of(200, "text/plain", large);
        SocketChannel reader = deafPeers(1, POST + "Content-Length: 2\r\n\r\nhi").channel;
        reader.configureBlocking(true);
        ByteBuffer read = ByteBuffer.allocate(4 << 20);
        for (int i = 0; i < 5; i++) {
            long before = server.connections().sent();
            while (read.hasRemaining()) {
                assertThat(reader.read(read)).isPositive();
            }
            read.clear();
            until("the server has gone on", () -> server.connections().sent() > before);
            now.addAndGet(limits().answerTimeout().minusMillis(1).toNanos());
            server.connections().check();
            assertThat(server.connections().count(Phase.ANSWER)).isEqualTo(1);
        }
    }

    @Test
    void slowPeersHoldNoSlot() throws Exception {
        for (int i = 0; i < 400; i++) {
            peer();
            peer().send("GET /task HTTP/1.1\r\nX-A: ");
        }
        until(Phase.IDLE, 400);
        until(Phase.HEAD, 400);
        for (int i = 0; i < 400; i++) {
            peer().send(POST + "Content-Length: 20000\r\n\r\nhi");
            until(Phase.BODY, i + 1);
        }
        deafPeers(2 * REQUESTS, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEverybodyIsServed();
    }

    @Test
    void aBodyThatHasComeSlowlyIsStillTaken() {
        RawClient slow = peer().send(POST + "Content-Length: 4\r\n\r\nhi");
        until(Phase.BODY, 1);
        slow.send("ho");
        assertThat(slow.read().status()).isEqualTo(200);
        assertThat(hook.calls.getFirst().body()).asString().isEqualTo("hiho");
    }
}
