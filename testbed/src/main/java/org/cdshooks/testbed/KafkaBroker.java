package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker in this JVM, alone and its own controller, on free ports of 127.0.0.1; it can be stopped and started
 * again on the same ports with what it had. Every method may be called from any thread.
 *
 * <p>Whoever uses it needs {@code kafka_2.13} on the class path: it is an optional dependency of the testbed.
 *
 * <p>It has a listener for each way to connect. The user {@value #USER} may do everything, as may those who need no name;
 * {@value #OUTSIDER} can log in and may do nothing.
 */
public final class KafkaBroker implements AutoCloseable {
    /** Who may do everything, by PLAIN and SCRAM-SHA-256. */
    public static final String USER = "alice";

    /** Who may do nothing, by PLAIN. */
    public static final String OUTSIDER = "mallory";

    /** The password of both. */
    public static final String PASSWORD = "alice-\"secret\\1";

    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;";

    private final Path directory;
    private final int port = Ports.free();
    private final int saslPort = Ports.free();
    private final int tlsPort = Ports.free();
    private final int saslTlsPort = Ports.free();
    private final int controllerPort = Ports.free();
    private KafkaRaftServer server;

    private KafkaBroker(Path directory) {
        this.directory = directory;
        format();
        this.server = startServer();
        awaitGroups();
    }

    /** The first who asks for a group makes the topic of offsets, and would wait for it. */
    private void awaitGroups() {
        try (Admin admin = admin()) {
            var _ = admin.listConsumerGroupOffsets("nobody")
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The broker has no groups.", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Starts an empty broker. */
    public static KafkaBroker start() {
        return new KafkaBroker(Leftovers.directory("hooks-kafka-"));
    }

    private void format() {
        try (PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), false, UTF_8)) {
            new Formatter()
                    .setNodeId(1)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName("CONTROLLER")
                    .setScramArguments(List.of("SCRAM-SHA-256=[name=" + USER + ",password=" + PASSWORD + "]"))
                    .setPrintStream(nowhere)
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("The directory of the broker could not be formatted.", e);
        }
    }

    private KafkaRaftServer startServer() {
        KafkaRaftServer made = new KafkaRaftServer(KafkaConfig.fromProps(properties()), Time.SYSTEM);
        made.startup();
        return made;
    }

    private Properties properties() {
        Certificates certificates = Certificates.get();
        Properties all = new Properties();
        all.put("process.roles", "broker,controller");
        all.put("node.id", "1");
        all.put("log.dirs", directory.toString());
        all.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        all.put("controller.listener.names", "CONTROLLER");
        all.put("inter.broker.listener.name", "PLAINTEXT");
        String listeners = "PLAINTEXT://127.0.0.1:" + port + ",SASL_PLAINTEXT://127.0.0.1:" + saslPort
                + ",SSL://127.0.0.1:" + tlsPort + ",SASL_SSL://127.0.0.1:" + saslTlsPort;
        all.put("listeners", listeners + ",CONTROLLER://127.0.0.1:" + controllerPort);
        all.put("advertised.listeners", listeners);
        all.put(
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL");
        for (String listener : List.of("sasl_plaintext", "sasl_ssl")) {
            String prefix = "listener.name." + listener + ".";
            all.put(prefix + "sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256");
            all.put(prefix + "plain.sasl.jaas.config", PLAIN + known(USER) + known(OUTSIDER) + ";");
            all.put(prefix + "scram-sha-256.sasl.jaas.config", SCRAM);
        }
        all.put("ssl.keystore.type", "PEM");
        all.put("ssl.keystore.certificate.chain", text(certificates.certificate()));
        all.put("ssl.keystore.key", text(certificates.key()));
        all.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        all.put("super.users", "User:ANONYMOUS;User:" + USER);
        all.put("auto.create.topics.enable", "false");
        all.put("offsets.topic.replication.factor", "1");
        all.put("offsets.topic.num.partitions", "1");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("group.min.session.timeout.ms", "1000");
        return all;
    }

    private static String known(String user) {
        return " user_" + user + "=\"" + quoted(PASSWORD) + "\"";
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns host and port without password and encryption. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Returns host and port with a password and without encryption. */
    public String saslAddress() {
        return "127.0.0.1:" + saslPort;
    }

    /** Returns host and port without a password and with encryption. */
    public String tlsAddress() {
        return "127.0.0.1:" + tlsPort;
    }

    /** Returns host and port with a password and with encryption. */
    public String saslTlsAddress() {
        return "127.0.0.1:" + saslTlsPort;
    }

    /** Returns the certificate of the authority that clients have to trust, as PEM. */
    public String authority() {
        return text(Certificates.get().authority());
    }

    /** Makes a topic. */
    public void createTopic(String name, int partitions) {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Topic " + name + " could not be made.", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Connects as one who may do everything. */
    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    /** Connects as one who may do everything. */
    public KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", address(), "acks", "all", "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Sends messages without keys and waits until the broker has them. */
    public void send(String topic, int count, IntFunction<String> message) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new ProducerRecord<>(topic, message.apply(i).getBytes(UTF_8)));
        }
        send(records);
    }

    /** Sends messages and waits until the broker has them. */
    public void send(List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (ProducerRecord<byte[], byte[]> each : records) {
                sent.add(producer.send(each));
            }
            for (Future<RecordMetadata> each : sent) {
                var _ = each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("A message could not be sent.", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }

    /** Stops the broker and keeps what it has. */
    public void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    /** Starts the broker again on the same ports. */
    public void restart() {
        server = startServer();
    }

    @Override
    public void close() {
        stop();
        Leftovers.delete(directory);
    }
}
