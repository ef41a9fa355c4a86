package org.cdshooks.plugin.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.qpid.server.SystemLauncher;
import org.cdshooks.testbed.Certificates;

/**
 * The one broker of all tests of this module: Qpid, in this JVM, which speaks AMQP 0-9-1 as RabbitMQ does. With {@code
 * -Drabbitmq.server=host:port} it is a RabbitMQ that runs there and has the user {@value #USER} with all rights and the
 * password {@value #PASSWORD}.
 */
final class Broker {
    static final String USER = "alice";
    static final String PASSWORD = "alice-secret";
    private static final String REAL = System.getProperty("rabbitmq.server", "");
    private static final String RUN = UUID.randomUUID().toString();
    private static final AtomicInteger QUEUES = new AtomicInteger();
    private static final Broker ONE = new Broker();

    private final int port;
    private int tlsPort;
    private SystemLauncher launcher;

    private Broker() {
        if (isRealOne()) {
            port = Integer.parseInt(REAL.substring(REAL.indexOf(':') + 1));
            return;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket tls = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
            tlsPort = tls.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        launcher = start();
    }

    static boolean isRealOne() {
        return !REAL.isEmpty();
    }

    static Broker get() {
        return ONE;
    }

    /** Returns the name of a queue that no other test uses. */
    static String queue() {
        return "queue-" + RUN + "-" + QUEUES.incrementAndGet();
    }

    private SystemLauncher start() {
        try {
            Path config = Files.createTempFile("hooks-qpid-", ".json");
            Files.writeString(config, """
                    {"name":"test","modelVersion":"9.1",
                     "authenticationproviders":[{"name":"plain","type":"Plain","secureOnlyMechanisms":[],
                       "users":[{"name":"%s","password":"%s","type":"managed"}]}],
                     "keystores":[{"name":"key","type":"FileKeyStore","keyStoreType":"PKCS12","storeUrl":"%s",
                       "password":"%s","certificateAlias":"key"}],
                     "ports":[{"name":"AMQP","type":"AMQP","port":%d,"bindingAddress":"127.0.0.1",
                       "authenticationProvider":"plain","protocols":["AMQP_0_9_1"],
                       "virtualhostaliases":[{"name":"defaultAlias","type":"defaultAlias"},
                         {"name":"nameAlias","type":"nameAlias"},{"name":"hostnameAlias","type":"hostnameAlias"}]},
                       {"name":"AMQPS","type":"AMQP","port":%d,"bindingAddress":"127.0.0.1",
                       "authenticationProvider":"plain","protocols":["AMQP_0_9_1"],"transports":["SSL"],"keyStore":"key",
                       "virtualhostaliases":[{"name":"defaultAlias","type":"defaultAlias"},
                         {"name":"nameAlias","type":"nameAlias"}]}],
                     "virtualhostnodes":[{"name":"default","type":"Memory","defaultVirtualHostNode":"true",
                       "virtualHostInitialConfiguration":"{\\"type\\":\\"Memory\\"}"}]}
                    """.formatted(
                            USER, PASSWORD, Certificates.get().keyStore(), Certificates.PASSWORD, port, tlsPort));
            Map<String, Object> attributes = new HashMap<>();
            attributes.put("type", "Memory");
            attributes.put("initialConfigurationLocation", config.toUri().toString());
            attributes.put("startupLoggedToSystemOut", "false");
            SystemLauncher made = new SystemLauncher();
            made.startup(attributes);
            return made;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    void stop() {
        launcher.shutdown();
    }

    /** Starts it again on the same port; what it had is gone. */
    void restart() {
        launcher = start();
    }

    String uri() {
        return "127.0.0.1:" + port;
    }

    /** Where it speaks TLS, with the certificate of {@link Certificates}. */
    String tlsUri() {
        return "amqps://127.0.0.1:" + tlsPort;
    }

    Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port);
        factory.setUsername(USER);
        factory.setPassword(PASSWORD);
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    void declare(String queue) {
        onChannel(channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
    }

    void send(String queue, String body) {
        send("", queue, new AMQP.BasicProperties(), body);
    }

    void send(String exchange, String key, AMQP.BasicProperties properties, String body) {
        onChannel(channel -> channel.basicPublish(exchange, key, properties, body.getBytes(UTF_8)));
    }

    /** How many messages are in a queue that nobody listens to. */
    int depth(String queue) {
        int[] count = new int[1];
        onChannel(channel -> count[0] = channel.queueDeclarePassive(queue).getMessageCount());
        return count[0];
    }

    /** Waits until somebody listens to a queue, which may not be there yet. */
    void awaitConsumer(String queue) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!hasConsumer(queue)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("nobody listens to " + queue);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private boolean hasConsumer(String queue) {
        try (Connection connection = connect()) {
            return connection.createChannel().queueDeclarePassive(queue).getConsumerCount() > 0;
        } catch (Exception e) {
            return false; // there is no such queue yet
        }
    }

    /** Something that may fail. */
    interface Action {
        void on(Channel channel) throws Exception;
    }

    void onChannel(Action action) {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            action.on(channel);
            channel.waitForConfirms(10_000);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
