package org.cdshooks.plugin.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.api.service.ServiceException;

/**
 * Where the broker is, and how to log in.
 *
 * @param uri with its scheme, without user and password
 * @param user the user; empty for the one that a broker knows at first
 * @param password its password
 * @param option the option that it comes from, for words
 * @param authorities certificates to trust, as PEM
 */
record Address(String uri, String user, Secret password, String option, Optional<String> authorities) {

    /**
     * Reads the options of a task, and asks the host if they name a platform.
     *
     * @throws IOException if the platform can't be had, in words that name the option
     */
    static Address of(HookConfig config, NodeContext host) throws IOException, InterruptedException {
        Optional<String> authorities = RabbitMqOptions.written(config, RabbitMqOptions.TLS_CA);
        Optional<String> platform = RabbitMqOptions.written(config, RabbitMqOptions.PLATFORM);
        if (platform.isEmpty()) {
            String uri = withScheme(
                    RabbitMqOptions.written(config, RabbitMqOptions.URI).orElse(""));
            return new Address(
                    uri,
                    RabbitMqOptions.written(config, RabbitMqOptions.USER).orElse(""),
                    config.find(RabbitMqOptions.PASSWORD).orElse(Secret.of("")),
                    "option uri (" + uri + ")",
                    authorities);
        }
        Integrations integrations = host.service(Integrations.class)
                .orElseThrow(
                        () -> new IOException("option platform: this service has no CDS API to ask for the platform '"
                                + platform.get() + "'; give uri, user and password"));
        try {
            Map<String, Secret> settings =
                    integrations.settings(config.extras().getOrDefault(RabbitMqOptions.PROJECT, ""), platform.get());
            String uri = setting(settings, "uri");
            if (uri.isEmpty()) {
                throw new IOException("option platform: '" + platform.get() + "' has no setting 'uri'");
            }
            return new Address(
                    withScheme(uri),
                    setting(settings, "username"),
                    Secret.of(setting(settings, "password")),
                    "option platform (" + platform.get() + ": " + withScheme(uri) + ")",
                    authorities);
        } catch (ServiceException e) {
            throw new IOException("option platform: " + e.getMessage(), e);
        }
    }

    private static String setting(Map<String, Secret> settings, String name) {
        return Optional.ofNullable(settings.get(name))
                .map(Secret::reveal)
                .orElse("")
                .strip();
    }

    private static String withScheme(String uri) {
        return uri.contains("://") ? uri : "amqp://" + uri;
    }

    /**
     * Says to a factory what this says.
     *
     * @throws IOException if it can't be meant, in words that name the option
     */
    void apply(ConnectionFactory factory) throws IOException {
        try {
            factory.setUri(uri);
            if (uri.startsWith("amqps")) {
                factory.useSslProtocol(trusting());
                factory.enableHostnameVerification();
            }
        } catch (URISyntaxException e) {
            throw new IOException(option + ": is no address: " + e.getReason(), e);
        } catch (GeneralSecurityException e) {
            throw new IOException("option tlsCa: holds no certificates in PEM: " + e.getMessage(), e);
        }
        if (!user.isEmpty()) {
            factory.setUsername(user);
            factory.setPassword(password.reveal());
        }
    }

    private SSLContext trusting() throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return SSLContext.getDefault();
        }
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        int number = 0;
        for (Certificate each : CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(authorities.get().getBytes(StandardCharsets.US_ASCII)))) {
            trusted.setCertificateEntry("authority-" + number++, each);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
