package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.cdshooks.testbed.cds.Fault;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class CdsApiTest {
    private static final String[] NONE = {};

    @AutoClose
    private final FakeCdsApi fake = new FakeCdsApi();

    @AutoClose
    private final CdsApi api = new CdsApi(CdsFixture.settings(fake.url()));

    /** What is sent, byte by byte, and any answer. */
    private static List<String> sent(String method, String path, byte[] body, String hash) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            CompletableFuture<String> bytes = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                try (Socket socket = server.accept()) {
                    StringBuilder all = new StringBuilder();
                    InputStream in = socket.getInputStream();
                    int length = body == null ? 0 : body.length;
                    int end = -1;
                    while (end < 0 || all.length() < end + 4 + length) {
                        all.append((char) in.read());
                        end = all.indexOf("\r\n\r\n");
                    }
                    bytes.complete(all.toString());
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(ISO_8859_1));
                } catch (IOException e) {
                    bytes.completeExceptionally(e);
                }
            });
            try (CdsApi api = new CdsApi(CdsFixture.settings("http://127.0.0.1:" + server.getLocalPort()))) {
                api.authenticateBy(hash);
                var _ = api.call(method, path, body, NONE, (in, headers) -> in.readAllBytes());
            }
            String host = "127.0.0.1:" + server.getLocalPort();
            return bytes.get(10, TimeUnit.SECONDS).replace(host, "HOST").lines().toList();
        }
    }

    @Test
    void aPostHasExactlyTheHeadersThatTheApiWants() throws Exception {
        assertThat(sent("POST", "/project/PRJ/workflows/w0/runs", "{\"a\":1}".getBytes(UTF_8), "hash"))
                .startsWith("POST /project/PRJ/workflows/w0/runs HTTP/1.1")
                .containsExactlyInAnyOrder(
                        "POST /project/PRJ/workflows/w0/runs HTTP/1.1",
                        "Host: HOST",
                        "User-Agent: CDS/service",
                        "Content-Length: 7",
                        "Connection: close",
                        "Content-Type: application/json",
                        "X-Requested-With: X-CDS-SDK",
                        "X_auth_header: aGFzaA==",
                        "Accept-Encoding: gzip",
                        "",
                        "{\"a\":1}");
    }

    @Test
    void aGetHasThemAsWellAndNoHashBeforeOneIsGiven() throws Exception {
        assertThat(sent("GET", "/workflow/hook", null, ""))
                .containsExactlyInAnyOrder(
                        "GET /workflow/hook HTTP/1.1",
                        "Host: HOST",
                        "User-Agent: CDS/service",
                        "Connection: close",
                        "Content-Type: application/json",
                        "X-Requested-With: X-CDS-SDK",
                        "Accept-Encoding: gzip",
                        "");
    }

    @Test
    void gzipIsDecoded() throws Exception {
        CdsFixture.register(api, CdsFixture.settings(fake.url()));

        assertThat(hooks()).isEqualTo("[]");
        assertThat(fake.objections()).isEmpty();
    }

    @Test
    void anErrorOfCdsIsToldFromOneOfAProxy() {
        assertThatThrownBy(this::hooks)
                .isInstanceOfSatisfying(ApiException.Refused.class, refused -> {
                    assertThat(refused.status()).isEqualTo(401);
                    assertThat(refused.isOfCds()).isTrue();
                })
                .hasMessage("the CDS API answered 401 to GET /workflow/hook: not authenticated");

        fake.fail("/workflow/hook", Fault.PROXY_503);
        assertThatThrownBy(this::hooks).isInstanceOfSatisfying(ApiException.Refused.class, refused -> {
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.isOfCds()).isFalse();
        });
    }

    @Test
    void nothingIsCalledTwiceByItself() {
        for (Fault fault : List.of(Fault.PROXY_503, Fault.ERROR_500, Fault.CUT_BEFORE, Fault.CUT_HALF)) {
            fake.fail("/workflow/hook", fault);
            assertThatThrownBy(this::hooks).isInstanceOf(ApiException.class);
        }

        assertThat(fake.requests("/workflow/hook")).hasSize(4);
    }

    @Test
    void aRefusedConnectionIsKnownToHaveSentNothing() {
        fake.stop();

        assertThatThrownBy(this::hooks)
                .isInstanceOf(ApiException.Away.class)
                .hasMessageContaining(fake.url())
                .hasMessageContaining("refused");
    }

    @Test
    void aConnectionThatBreaksMayHaveSentSomething() {
        fake.fail("/workflow/hook", Fault.CUT_BEFORE);

        assertThatThrownBy(this::hooks)
                .isInstanceOf(ApiException.Unanswered.class)
                .hasMessageStartingWith("GET /workflow/hook at " + fake.url() + " was not answered")
                .message()
                .doesNotContain("within");
    }

    @Test
    void aCallEndsInTime() {
        fake.fail("/workflow/hook", Fault.HANG);

        assertThatThrownBy(() -> api.call(
                        "GET",
                        "/workflow/hook",
                        null,
                        NONE,
                        Duration.ofMillis(200),
                        (in, headers) -> in.readAllBytes()))
                .isInstanceOf(ApiException.Unanswered.class)
                .hasMessageContaining("no answer within 200 ms");
    }

    @Test
    void partsOfAPathAreEscaped() {
        assertThat(CdsApi.part("a/b c?d%e+f")).isEqualTo("a%2Fb%20c%3Fd%25e%2Bf");
        assertThat(CdsApi.part("..")).isEqualTo("%2E%2E");
        assertThat(CdsApi.part("wörk-flow_1.0")).isEqualTo("w%C3%B6rk-flow_1.0");
    }

    private String hooks() throws Exception {
        return api.call("GET", "/workflow/hook", null, NONE, (in, headers) -> new String(in.readAllBytes(), UTF_8));
    }
}
