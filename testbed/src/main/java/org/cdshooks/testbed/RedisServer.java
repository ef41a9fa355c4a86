package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A real Redis of one's own on a free port of 127.0.0.1, that can be killed, frozen and started again.
 *
 * <p>It is empty at first, writes nothing to disk unless an option says so, and keeps its files in a directory of its
 * own. It ends with {@link #close()}, and at the latest with this JVM. Every method may be called from any thread; what
 * goes wrong is an unchecked exception that shows the end of Redis's log.
 *
 * <p>The testbed has a user of its own on each server, named {@value #USER}, so that {@link #command} works whatever
 * passwords a test sets.
 */
public final class RedisServer implements AutoCloseable {
    /**
     * The system property that names the {@code redis-server} to run; the environment variable {@code REDIS_SERVER} does
     * the same. Without them it is the one on the {@code PATH}, if that is 6.2 or newer, and without one there the 6.2
     * that the testbed brings along for Linux and macOS.
     */
    public static final String EXECUTABLE_PROPERTY = RedisBinary.PROPERTY;

    /** The name of the user with all rights that the testbed itself logs in with. */
    public static final String USER = "testbed";

    /** Also tells a server of this JVM from one of another that took the same port a moment earlier. */
    static final String SECRET = UUID.randomUUID().toString();

    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int PORT_TRIES = 5;

    private final Options options;
    private final Path directory;
    private final ServerProcess process;
    private final int port;
    private final int tlsPort;

    /** What a server is started with; each method returns the options themselves. */
    public static final class Options {
        private final List<String> lines = new ArrayList<>();
        private final Map<String, String> passwords = new TreeMap<>();
        private String password = "";
        private boolean tls;
        private boolean sentinel;

        private Options() {}

        /** Adds a line of {@code redis.conf}, such as {@code maxmemory 10mb}. A later line replaces an earlier one. */
        public Options config(String line) {
            lines.add(line);
            return this;
        }

        /** Loses nothing that was acknowledged when Redis is killed: {@code appendonly yes}, {@code appendfsync always}. */
        public Options durable() {
            return config("appendonly yes").config("appendfsync always");
        }

        /** Asks a password of clients that name no user: {@code requirepass}. */
        public Options password(String password) {
            this.password = password;
            return config("requirepass \"" + password + "\"");
        }

        /**
         * Adds a user.
         *
         * @param rules what it may do, as {@code ACL SETUSER} takes it: {@code ~hooks:*}, {@code +@all}
         */
        public Options user(String name, String password, String... rules) {
            passwords.put(name, password);
            return config("user " + name + " on >" + password + " " + String.join(" ", rules));
        }

        /** Listens on {@link RedisServer#tlsPort()} too, with a certificate of {@link RedisServer#certificates()}. */
        public Options tls() {
            tls = true;
            return this;
        }

        /** Makes it a replica of another server. Its start does not wait for the first synchronization. */
        public Options replicaOf(RedisServer master) {
            return config("replicaof 127.0.0.1 " + master.port());
        }

        /** Runs a Sentinel instead of a server for data. */
        Options sentinel() {
            sentinel = true;
            return this;
        }
    }

    private RedisServer(Options options, int port, int tlsPort) {
        this.options = options;
        this.port = port;
        this.tlsPort = tlsPort;
        this.directory = Leftovers.directory("hooks-redis-");
        Path config = directory.resolve("redis.conf");
        write(config, String.join("\n", lines()) + "\n");
        List<String> command = new ArrayList<>(List.of(RedisBinary.path().toString(), config.toString()));
        if (options.sentinel) {
            command.add("--sentinel");
        }
        this.process = new ServerProcess(command, directory.resolve("log"));
    }

    /** Starts a server with nothing but the defaults. */
    public static RedisServer start() {
        return start(options -> {});
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @throws IllegalStateException if it does not come up; the message ends with its log
     */
    public static RedisServer start(Consumer<Options> configurer) {
        Options options = new Options();
        configurer.accept(options);
        for (int tries = 1; ; tries++) {
            RedisServer server = new RedisServer(options, Ports.free(), options.tls ? Ports.free() : 0);
            try {
                server.process.start();
                server.awaitReady();
                return server;
            } catch (RuntimeException e) {
                boolean portTaken = server.log().contains("Address already in use");
                server.close();
                if (!portTaken || tries == PORT_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "dir " + directory,
                "user " + USER + " on >" + SECRET + " ~* &* +@all"));
        if (!options.sentinel) {
            lines.addAll(List.of(
                    "save \"\"",
                    "masteruser " + USER,
                    "masterauth " + SECRET,
                    "repl-diskless-sync yes",
                    "repl-diskless-sync-delay 0"));
        }
        if (options.tls) {
            lines.addAll(List.of(
                    "tls-port " + tlsPort,
                    "tls-cert-file " + certificates().certificate(),
                    "tls-key-file " + certificates().key(),
                    "tls-ca-cert-file " + certificates().authority(),
                    "tls-auth-clients no"));
        }
        lines.addAll(options.lines);
        return lines;
    }

    private void awaitReady() {
        Await.until("Redis on port " + port + " answers", START, this::isReady, this::log);
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    RedisBinary.path() + " ended instead of starting. If this machine cannot run it: "
                            + RedisBinary.WAY_OUT + "\n" + log());
        }
        try (RespClient client = connect(PROBE)) {
            return client.command("PING").text().equals("PONG"); // while it loads its data, the answer is an error
        }
    }

    /** The port without TLS. */
    public int port() {
        return port;
    }

    /** The port with TLS, if {@link Options#tls()} was asked for. */
    public int tlsPort() {
        if (!options.tls) {
            throw new IllegalStateException("started without tls()");
        }
        return tlsPort;
    }

    /** What a client of {@link #tlsPort()} has to trust. */
    public Certificates certificates() {
        return Certificates.get();
    }

    /** The address for clients that name no user: {@code redis://127.0.0.1:16001/0}, with the password if there is one. */
    public String uri() {
        return uri("redis", credentials(), port);
    }

    /** As {@link #uri()}, as a user of {@link Options#user}. */
    public String uri(String user) {
        String its = Optional.ofNullable(options.passwords.get(user))
                .orElseThrow(() -> new IllegalArgumentException("no user " + user));
        return uri("redis", encode(user) + ":" + encode(its) + "@", port);
    }

    /** As {@link #uri()}, over TLS: {@code rediss://…}. */
    public String tlsUri() {
        return uri("rediss", credentials(), tlsPort());
    }

    private static String uri(String scheme, String credentials, int port) {
        return scheme + "://" + credentials + "127.0.0.1:" + port + "/0";
    }

    /** The part of an address before the host; empty without a password. */
    String credentials() {
        return options.password.isEmpty() ? "" : ":" + encode(options.password) + "@";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /** Where its files are: {@code redis.conf} and what it stores. */
    public Path directory() {
        return directory;
    }

    /** The id of its process, also after that has ended. */
    public long pid() {
        return process.pid();
    }

    /** Whether its process is there; a frozen one is. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills it with SIGKILL and comes back when it is gone. Allowed when it is gone already. */
    public void kill() {
        process.kill();
    }

    /** Ends it in good order with SIGTERM and comes back when it is gone. Allowed when it is gone already. */
    public void stop() {
        process.stop();
    }

    /**
     * Starts it again with the same port, directory and configuration, and waits until it has loaded its data and answers.
     * A server that still runs is ended first, as by {@link #stop()}.
     */
    public void restart() {
        stop();
        process.start();
        awaitReady();
    }

    /** Freezes it with SIGSTOP: connections stay, and new ones are even accepted by the kernel, but nothing answers. */
    public void pause() {
        process.pause();
    }

    /** Lets a frozen server go on, with SIGCONT. */
    public void resume() {
        process.resume();
    }

    /**
     * Runs a command as {@link #USER} on a connection of its own.
     *
     * @throws RedisError if Redis answers an error
     * @throws UncheckedIOException if there is no answer within 10 s
     */
    public Reply command(String... words) {
        try (RespClient client = connect()) {
            return client.command(words);
        }
    }

    /** Opens a connection as {@link #USER}, without TLS. */
    public RespClient connect() {
        return connect(ANSWER);
    }

    private RespClient connect(Duration patience) {
        RespClient client = RespClient.connect(port, patience);
        try {
            client.command("AUTH", USER, SECRET);
            return client;
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /** Returns a field of {@code INFO}, or an empty text if it has none of that name. */
    public String info(String field) {
        return command("INFO", "all")
                .text()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** Waits until a field of {@code INFO} has a value, such as {@code master_link_status} {@code up}. */
    public void awaitInfo(String field, String value, Duration limit) {
        Await.until(
                "INFO of Redis on port " + port + " says " + field + ":" + value,
                limit,
                () -> info(field).equals(value),
                this::log);
    }

    /** Its version, such as {@code 6.2.11}. */
    public String version() {
        return info("redis_version");
    }

    /** The end of its log, about 4,000 characters. */
    public String log() {
        return process.log();
    }

    /** Kills it and deletes its files. Allowed twice. */
    @Override
    public void close() {
        process.kill();
        Leftovers.delete(directory);
    }

    @Override
    public String toString() {
        return "Redis on port " + port;
    }
}
