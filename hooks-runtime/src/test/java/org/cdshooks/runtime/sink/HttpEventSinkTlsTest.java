package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.cdshooks.api.DeliveryResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpEventSinkTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path directory;

    private static KeyStore good;
    private static KeyStore expired;
    private static KeyStore unknown;

    @BeforeAll
    static void makeCertificates() throws Exception {
        good = keys("good", "-validity", "2");
        expired = keys("expired", "-startdate", "-10d", "-validity", "2");
        unknown = keys("unknown", "-validity", "2");
    }

    /** Makes an authority and a certificate signed by it: Java asks no date of what it trusts itself. */
    private static KeyStore keys(String name, String... validity) throws Exception {
        String file = directory.resolve(name + ".p12").toString();
        keytool(file, "-alias", "ca", "-dname", "CN=ca of " + name, "-ext", "bc:c", "-validity", "10");
        List<String> leaf = new ArrayList<>(
                List.of("-alias", "key", "-dname", "CN=" + name, "-ext", "san=dns:hooks.example", "-signer", "ca"));
        leaf.addAll(List.of(validity));
        keytool(file, leaf.toArray(String[]::new));
        return KeyStore.getInstance(Path.of(file).toFile(), PASSWORD);
    }

    private static void keytool(String file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(said).isZero();
    }

    private static SSLContext context(KeyStore keys, List<KeyStore> trusted) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore leaf = KeyStore.getInstance("PKCS12");
        leaf.load(null, null);
        leaf.setKeyEntry("key", keys.getKey("key", PASSWORD), PASSWORD, keys.getCertificateChain("key"));
        own.init(leaf, PASSWORD);
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        for (KeyStore store : trusted) {
            authorities.setCertificateEntry("a" + authorities.size(), store.getCertificate("ca"));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.isEmpty() ? null : trust.getTrustManagers(), null);
        return context;
    }

    private static ServerSocket server(KeyStore keys, String... protocols) throws Exception {
        SSLServerSocket server = (SSLServerSocket) context(keys, List.of())
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        if (protocols.length > 0) {
            server.setEnabledProtocols(protocols);
        }
        return server;
    }

    private static SinkFixture fixture() throws Exception {
        return new SinkFixture(
                SinkFixture.LOOPBACK,
                name -> SinkFixture.addresses("127.0.0.1"),
                Optional.of(context(unknown, List.of(good, expired))));
    }

    private static String failure(ServerSocket server, String host, String... options) throws Exception {
        try (RawTarget target = new RawTarget(server, (request, socket, out) -> true);
                SinkFixture fixture = fixture()) {
            DeliveryResult result = fixture.deliver("https://" + host + ":" + target.port() + "/", options);
            assertThat(result).isInstanceOf(DeliveryResult.Retry.class);
            assertThat(target.requests).isEmpty();
            return ((DeliveryResult.Retry) result).reason();
        }
    }

    @Test
    void deliversOverTlsAndAsksForTheHostByName() throws Exception {
        AtomicReference<String> name = new AtomicReference<>();
        try (RawTarget target = new RawTarget(server(good), (request, socket, out) -> {
                    ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getSession();
                    name.set(((SNIHostName) session.getRequestedServerNames().getFirst()).getAsciiName());
                    RawTarget.write(out, "200 OK", "safe");
                    return true;
                });
                SinkFixture fixture = fixture()) {
            String url = "https://hooks.example:" + target.port() + "/";
            assertThat(fixture.deliver(url)).isEqualTo(DeliveryResult.delivered("safe"));
            assertThat(fixture.deliver(url)).isEqualTo(DeliveryResult.delivered("safe"));
            assertThat(name).hasValue("hooks.example");
            assertThat(target.connections).hasValue(1);
        }
    }

    @Test
    void anExpiredCertificateIsToldAndRetried() throws Exception {
        assertThat(failure(server(expired), "hooks.example")).contains("its certificate has expired");
    }

    @Test
    void anUnknownAuthorityIsToldAndRetried() throws Exception {
        assertThat(failure(server(unknown), "hooks.example")).contains("self-signed");
    }

    @Test
    void aCertificateForAnotherHostIsToldAndRetried() throws Exception {
        assertThat(failure(server(good), "other.example")).contains("for another host");
        assertThat(failure(server(good), "127.0.0.1")).contains("for another host");
    }

    @Test
    void plainTextBehindHttpsIsAFailure() throws Exception {
        assertThat(failure(
                        new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1")),
                        "hooks.example",
                        "sink.timeout",
                        "1s"))
                .isNotBlank();
    }

    @Test
    void aHandshakeThatHangsEndsInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
                SinkFixture fixture = fixture()) {
            assertThat(fixture.deliver("https://hooks.example:" + silent.getLocalPort() + "/", "sink.timeout", "1s"))
                    .isInstanceOfSatisfying(
                            DeliveryResult.Retry.class,
                            retry -> assertThat(retry.reason()).contains("within 1 s"));
        }
    }
}
