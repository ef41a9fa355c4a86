package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpTest {
    @Test
    void aBodyThatDoesNotEndIsGivenUpAndItsConnectionClosed() throws Exception {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Http http = new Http(Duration.ofMillis(500));
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerWithoutEnd(server, closed));
            URI at = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");

            assertThatThrownBy(() -> http.send(HttpRequest.newBuilder(at).build()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the whole answer did not come within");
            assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            http.stop();
        }
    }

    private static void answerWithoutEnd(ServerSocket server, CompletableFuture<Boolean> closed) {
        try (Socket client = server.accept()) {
            client.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[".getBytes(UTF_8));
            client.getOutputStream().flush();
            while (client.getInputStream().read() >= 0) {
                // the request
            }
            closed.complete(true);
        } catch (IOException e) {
            closed.complete(true); // reset, which is closed as well
        }
    }
}
