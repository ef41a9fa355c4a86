package org.cdshooks.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A real RabbitMQ of one node on loopback, which keeps what it has over {@link #kill} and {@link #restart}: on one port in
 * clear, on another with the certificate of {@link Certificates}. One thread uses it.
 */
public final class RabbitMqServer implements AutoCloseable {
    /** A user with all rights. */
    public static final String USER = "alice";

    /** The password of {@link #USER}. */
    public static final String PASSWORD = "alice-secret";

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final Path data;
    private final int port = Ports.free();
    private final int tlsPort = Ports.free();
    private final Path log;
    private final ServerProcess names;
    private final ServerProcess server;

    private RabbitMqServer(Path root) {
        data = Leftovers.directory("hooks-rabbitmq-");
        log = data.resolve("server.log");
        int namesPort = Ports.free();
        Path erlang = root.resolve("usr/lib/erlang");
        names = new ServerProcess(
                List.of(
                        beneath(erlang, "erts-").resolve("bin/epmd").toString(),
                        "-port",
                        String.valueOf(namesPort),
                        "-address",
                        "127.0.0.1"),
                data.resolve("names.log"));
        server = new ServerProcess(command(root, erlang, namesPort), log);
    }

    /**
     * Starts one.
     *
     * @return empty if there is none for this machine
     */
    public static Optional<RabbitMqServer> start() {
        return RabbitMqPackages.find().map(root -> {
            RabbitMqServer made = new RabbitMqServer(root);
            try {
                made.names.start();
                made.restart();
                return made;
            } catch (RuntimeException e) {
                made.close();
                throw e;
            }
        });
    }

    private List<String> command(Path root, Path erlang, int namesPort) {
        Path home = beneath(root.resolve("usr/lib/rabbitmq/lib"), "rabbitmq_server-");
        Path config = data.resolve("rabbitmq.conf");
        Certificates certificates = Certificates.get();
        try {
            Files.writeString(config, """
                    listeners.tcp.1 = 127.0.0.1:%d
                    listeners.ssl.1 = 127.0.0.1:%d
                    ssl_options.cacertfile = %s
                    ssl_options.certfile = %s
                    ssl_options.keyfile = %s
                    ssl_options.verify = verify_none
                    distribution.listener.interface = 127.0.0.1
                    default_user = %s
                    default_pass = %s
                    """.formatted(
                            port,
                            tlsPort,
                            certificates.authority(),
                            certificates.certificate(),
                            certificates.key(),
                            USER,
                            PASSWORD));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(
                "env",
                "HOME=" + data,
                "PATH=" + erlang.resolve("bin") + ":/usr/bin:/bin",
                "ERL_EPMD_PORT=" + namesPort,
                "ERL_CRASH_DUMP=/dev/null"));
        command.addAll(List.of(
                "RABBITMQ_HOME=" + home,
                "RABBITMQ_NODENAME=hooks" + port + "@localhost",
                "RABBITMQ_DIST_PORT=" + Ports.free(),
                "RABBITMQ_MNESIA_BASE=" + data.resolve("mnesia"),
                "RABBITMQ_LOG_BASE=" + data.resolve("log"),
                "RABBITMQ_LOGS=-",
                "RABBITMQ_CONFIG_FILE=" + config,
                "RABBITMQ_CONF_ENV_FILE=" + data.resolve("none"),
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + data.resolve("plugins"),
                "RABBITMQ_PLUGINS_DIR=" + home.resolve("plugins"),
                "RABBITMQ_PID_FILE=" + data.resolve("pid"),
                // so that the script becomes the server, instead of a shell beside it
                "RABBITMQ_ALLOW_INPUT=true"));
        command.addAll(List.of("sh", home.resolve("sbin/rabbitmq-server").toString()));
        return command;
    }

    private static Path beneath(Path directory, String prefix) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + prefix + "… in " + directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again on its ports, with what it had stored; comes back when it takes connections. */
    public void restart() {
        server.start();
        long end = System.nanoTime() + PATIENCE;
        while (!isListening(port) || !isListening(tlsPort)) {
            if (!server.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("RabbitMQ does not come up: " + tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static boolean isListening(int port) {
        try (Socket _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String tail() {
        try {
            String said = Files.readString(log);
            return said.substring(Math.max(0, said.length() - 2_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** SIGKILL; comes back when it is gone. */
    public void kill() {
        server.kill();
    }

    /** Its port in clear. */
    public int port() {
        return port;
    }

    /** Its port with TLS. */
    public int tlsPort() {
        return tlsPort;
    }

    @Override
    public void close() {
        server.kill();
        names.kill();
        Leftovers.delete(data);
    }
}
