package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An API whose certificate nobody knows and that is for another host. */
final class CdsApiTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path dir;

    private ServerSocket server() throws Exception {
        Path file = dir.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "api",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=elsewhere",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory().createServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int b = in.read();
                    if (b < 0) {
                        throw new IOException("the client has left");
                    }
                    head.append((char) b);
                }
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".getBytes(ISO_8859_1));
            } catch (IOException e) {
                // a client that does not trust it
            }
        }
    }

    private static byte[] hooks(int port, boolean insecure) throws Exception {
        CdsSettings known = CdsFixture.settings("https://127.0.0.1:" + port);
        CdsSettings settings = new CdsSettings(
                known.api(),
                known.token(),
                insecure,
                known.requestTimeout(),
                known.name(),
                known.callback(),
                known.heartbeat(),
                known.maxHeartbeatFailures(),
                known.syncEvery(),
                known.maxDelete(),
                known.version(),
                known.config());
        try (CdsApi api = new CdsApi(settings)) {
            api.authenticateBy(FakeCdsApi.TOKEN);
            return api.call("GET", "/workflow/hook", null, new String[0], (in, headers) -> in.readAllBytes());
        }
    }

    @Test
    void aCertificateIsCheckedUnlessThatIsSwitchedOff() throws Exception {
        try (ServerSocket server = server()) {
            Thread.ofPlatform().daemon().start(() -> serve(server));

            assertThatThrownBy(() -> hooks(server.getLocalPort(), false))
                    .isInstanceOf(ApiException.Away.class)
                    .hasMessageContaining("certif");
            assertThat(hooks(server.getLocalPort(), true)).asString().isEqualTo("[]");
        }
    }
}
