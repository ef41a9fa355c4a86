package org.cdshooks.plugin.kafka;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.api.service.ServiceException;

/**
 * How to connect.
 *
 * @param brokers host:port, several separated by commas
 * @param login user and password, if there are any
 * @param mechanism how they are checked
 * @param tls whether connections are encrypted
 * @param authorities certificates to trust, as PEM; without them those of Java
 * @param identity the certificate and key to show, if there are any
 */
record Connection(
        String brokers,
        Optional<Login> login,
        String mechanism,
        boolean tls,
        Optional<String> authorities,
        Optional<Identity> identity) {

    /** User and password. */
    record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /** A certificate and its key, as PEM. */
    record Identity(String certificate, String key) {
        @Override
        public String toString() {
            return "certificate";
        }
    }

    /** What CDS calls the settings of a platform for Kafka. */
    private static final String BROKER_URL = "broker url";

    private static final String USERNAME = "username";
    private static final String PASSWORD = "password";

    /**
     * Reads the options of a task, and asks the host if they name a platform. CDS connects to those with TLS.
     *
     * @throws IOException if the platform can't be had, in words that name the option
     */
    static Connection of(HookConfig config, NodeContext host) throws IOException, InterruptedException {
        Connection written = of(config);
        Optional<String> platform = KafkaOptions.written(config, KafkaOptions.PLATFORM);
        if (platform.isEmpty()) {
            return written;
        }
        Integrations integrations = host.service(Integrations.class)
                .orElseThrow(
                        () -> new IOException("option platform: this service has no CDS API to ask for the platform '"
                                + platform.get() + "'; give brokers, user and password"));
        Map<String, Secret> settings;
        try {
            settings = integrations.settings(config.extras().getOrDefault(KafkaOptions.PROJECT, ""), platform.get());
        } catch (ServiceException e) {
            throw new IOException("option platform: " + e.getMessage(), e);
        }
        String brokers = setting(settings, BROKER_URL);
        if (brokers.isEmpty()) {
            throw new IOException("option platform: '" + platform.get() + "' has no setting '" + BROKER_URL + "'");
        }
        String user = setting(settings, USERNAME);
        return new Connection(
                brokers,
                user.isEmpty() ? Optional.empty() : Optional.of(new Login(user, setting(settings, PASSWORD))),
                written.mechanism(),
                config.find(KafkaOptions.TLS).orElse(true),
                written.authorities(),
                written.identity());
    }

    private static String setting(Map<String, Secret> settings, String name) {
        return Optional.ofNullable(settings.get(name))
                .map(Secret::reveal)
                .orElse("")
                .strip();
    }

    /** Reads the options of a task. */
    static Connection of(HookConfig config) {
        return new Connection(
                KafkaOptions.written(config, KafkaOptions.BROKERS_OPTION).orElse(""),
                KafkaOptions.written(config, KafkaOptions.USER)
                        .map(user -> new Login(
                                user,
                                KafkaOptions.written(config.find(KafkaOptions.PASSWORD))
                                        .orElse(""))),
                config.get(KafkaOptions.MECHANISM),
                config.find(KafkaOptions.TLS).orElse(false),
                KafkaOptions.written(config, KafkaOptions.TLS_CA),
                KafkaOptions.written(config, KafkaOptions.TLS_CERT)
                        .map(certificate -> new Identity(
                                certificate,
                                KafkaOptions.written(config.find(KafkaOptions.TLS_KEY))
                                        .orElse(""))));
    }

    /** Returns the properties of the client that say so. */
    Map<String, Object> properties() {
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", brokers.replaceAll("\\s", ""));
        all.put("security.protocol", (login.isPresent() ? "SASL_" : "") + (tls ? "SSL" : "PLAINTEXT"));
        login.ifPresent(who -> {
            all.put("sasl.mechanism", mechanism);
            all.put("sasl.jaas.config", jaas(who));
        });
        if (tls) {
            authorities.ifPresent(pem -> {
                all.put("ssl.truststore.type", "PEM");
                all.put("ssl.truststore.certificates", pem);
            });
            identity.ifPresent(shown -> {
                all.put("ssl.keystore.type", "PEM");
                all.put("ssl.keystore.certificate.chain", shown.certificate());
                all.put("ssl.keystore.key", shown.key());
            });
        }
        return all;
    }

    private String jaas(Login who) {
        String module = mechanism.equals("PLAIN")
                ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                : "org.apache.kafka.common.security.scram.ScramLoginModule";
        return module + " required username=\"" + quoted(who.user()) + "\" password=\"" + quoted(who.password())
                + "\";";
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
