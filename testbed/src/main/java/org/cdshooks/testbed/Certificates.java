package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An authority that nobody trusts but those who are given it, and a certificate of it for {@code 127.0.0.1} and
 * {@code localhost}: made once in a JVM with the keytool of its JDK, gone when the JVM ends.
 */
public final class Certificates {
    /** The password of {@link #trustStore()}. */
    public static final String PASSWORD = "changeit";

    private final Path directory;
    private final KeyStore authorities;

    private static final class Holder {
        static final Certificates ONES = make();
    }

    private Certificates(Path directory, KeyStore authorities) {
        this.directory = directory;
        this.authorities = authorities;
    }

    /** Returns the ones of this JVM. */
    public static Certificates get() {
        return Holder.ONES;
    }

    private static Certificates make() {
        Path directory = Leftovers.directory("hooks-certificates-");
        Path all = directory.resolve("all.p12");
        keytool(all, "-alias", "ca", "-dname", "CN=testbed authority", "-ext", "bc:c");
        keytool(
                all,
                "-alias",
                "key",
                "-dname",
                "CN=testbed",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-signer",
                "ca");
        try {
            char[] password = PASSWORD.toCharArray();
            KeyStore made = KeyStore.getInstance(all.toFile(), password);
            pem(
                    directory.resolve("ca.pem"),
                    "CERTIFICATE",
                    made.getCertificate("ca").getEncoded());
            pem(
                    directory.resolve("server.pem"),
                    "CERTIFICATE",
                    made.getCertificate("key").getEncoded());
            pem(
                    directory.resolve("server.key"),
                    "PRIVATE KEY",
                    made.getKey("key", password).getEncoded());
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("ca", made.getCertificate("ca"));
            try (var out = Files.newOutputStream(directory.resolve("trust.p12"))) {
                authorities.store(out, password);
            }
            return new Certificates(directory, authorities);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("The certificates made by keytool cannot be read.", e);
        }
    }

    private static void keytool(Path store, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "10",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
        command.addAll(List.of(options));
        try {
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
            if (!keytool.waitFor(30, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IllegalStateException("keytool made no certificate: " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
    }

    private static void pem(Path file, String kind, byte[] encoded) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n", US_ASCII);
    }

    /** The certificate of the authority, as PEM. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    /** The same as a PKCS12 trust store with {@link #PASSWORD}. */
    public Path trustStore() {
        return directory.resolve("trust.p12");
    }

    /** The certificate of the server, as PEM. */
    public Path certificate() {
        return directory.resolve("server.pem");
    }

    /** Key and certificate as a PKCS12 key store with {@link #PASSWORD}, as {@code key}; that of the authority is in it too. */
    public Path keyStore() {
        return directory.resolve("all.p12");
    }

    /** The key of {@link #certificate()}, as PEM without a password. */
    public Path key() {
        return directory.resolve("server.key");
    }

    /** Returns what a client needs that trusts the authority and nobody else. */
    public SSLContext trusting() {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
