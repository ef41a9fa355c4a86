package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A Redis that answers chosen commands with an error, as a Redis in trouble does: a real Redis behind a door that reads every
 * command. A refused command never reaches the real Redis, and every other command is answered by the real Redis.
 *
 * <p>Every method may be called from any thread. What is set holds from the next command on.
 */
public final class RefusingRedis implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final Rule NONE = new Rule(words -> false, "", false);

    private final int target;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong refused = new AtomicLong();
    private volatile Rule rule = NONE;

    /** Which commands are refused, and how. */
    private record Rule(Predicate<List<String>> which, String error, boolean hangsUp) {}

    private RefusingRedis(int target) {
        this.target = target;
        try {
            this.listening = new ServerSocket(0, 50, LOOPBACK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("refusing-redis").start(this::accept);
    }

    /** Starts a door before a Redis. */
    public static RefusingRedis before(RedisServer redis) {
        return new RefusingRedis(redis.port());
    }

    /** The port that clients connect to, on 127.0.0.1. */
    public int port() {
        return listening.getLocalPort();
    }

    /** The address for clients that name no user. */
    public String uri() {
        return "redis://127.0.0.1:" + port() + "/0";
    }

    /**
     * Refuses commands until {@link #mend()}.
     *
     * @param error the answer, such as {@code LOADING Redis is loading the dataset in memory}
     * @param commands their names; without any, all are refused
     */
    public void refuse(String error, String... commands) {
        refuse(error, named(commands), false);
    }

    /** As {@link #refuse(String, String...)}, and closes the connection right after the answer. */
    public void refuseAndHangUp(String error, String... commands) {
        refuse(error, named(commands), true);
    }

    private void refuse(String error, Predicate<List<String>> which, boolean hangsUp) {
        rule = new Rule(which, error, hangsUp);
    }

    private static Predicate<List<String>> named(String... commands) {
        Set<String> names = Set.of(commands);
        return words -> names.isEmpty() || names.contains(words.getFirst().toUpperCase(Locale.ROOT));
    }

    /** Passes everything again. */
    public void mend() {
        rule = NONE;
    }

    /** How many commands were refused so far. */
    public long refused() {
        return refused.get();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().name("refusing-redis-client").start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(LOOPBACK, target)) {
            open.add(client);
            open.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            talk(client, server);
        } catch (IOException e) {
            // One of the two has gone, and with it this connection.
        } finally {
            open.remove(client);
            open.removeIf(Socket::isClosed);
        }
    }

    private void talk(Socket client, Socket server) throws IOException {
        InputStream fromClient = new BufferedInputStream(client.getInputStream());
        OutputStream toClient = new BufferedOutputStream(client.getOutputStream());
        InputStream fromServer = new BufferedInputStream(server.getInputStream());
        OutputStream toServer = server.getOutputStream();
        boolean subscribed = false;
        while (true) {
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            List<String> words = command(fromClient, raw);
            Rule now = rule;
            if (now.which().test(words)) {
                refused.incrementAndGet();
                toClient.write(("-" + now.error() + "\r\n").getBytes(UTF_8));
                toClient.flush();
                if (now.hangsUp()) {
                    client.shutdownOutput();
                    var _ = fromClient.transferTo(
                            OutputStream.nullOutputStream()); // unread, it would take the answer along
                    return;
                }
                continue;
            }
            raw.writeTo(toServer);
            if (words.getFirst().equalsIgnoreCase("SUBSCRIBE") && !subscribed) {
                subscribed = true; // from now on the server speaks unasked
                Thread.ofVirtual().name("refusing-redis-events").start(() -> pass(fromServer, client));
            }
            if (!subscribed) {
                reply(fromServer, toClient);
                toClient.flush();
            }
        }
    }

    private static void pass(InputStream from, Socket to) {
        try {
            byte[] some = new byte[8192];
            for (int count = from.read(some); count >= 0; count = from.read(some)) {
                to.getOutputStream().write(some, 0, count);
            }
            to.close();
        } catch (IOException e) {
            // The connection has ended.
        }
    }

    // ------------------------------------------------------------------------------------------------ the protocol

    private static List<String> command(InputStream in, OutputStream raw) throws IOException {
        String head = line(in, raw);
        if (head.isEmpty() || head.charAt(0) != '*') {
            throw new IOException("no command: " + head);
        }
        int count = Integer.parseInt(head.substring(1));
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = Integer.parseInt(line(in, raw).substring(1));
            byte[] bytes = bytes(in, length + 2);
            raw.write(bytes);
            words.add(new String(bytes, 0, length, UTF_8));
        }
        return words;
    }

    /** Copies one answer, in RESP2 or RESP3. */
    private static void reply(InputStream in, OutputStream out) throws IOException {
        String head = line(in, out);
        String rest = head.substring(1);
        switch (head.charAt(0)) {
            case '$', '=', '!' -> {
                int length = Integer.parseInt(rest);
                if (length >= 0) {
                    out.write(bytes(in, length + 2));
                }
            }
            case '*', '~' -> replies(in, out, Integer.parseInt(rest));
            case '%' -> replies(in, out, 2 * Integer.parseInt(rest));
            case '>' -> { // not the answer, but something that was told before it
                replies(in, out, Integer.parseInt(rest));
                reply(in, out);
            }
            default -> {} // all of it was in the line
        }
    }

    private static void replies(InputStream in, OutputStream out, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            reply(in, out);
        }
    }

    private static byte[] bytes(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("closed within a value");
        }
        return bytes;
    }

    private static String line(InputStream in, OutputStream copy) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("closed");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        line.writeTo(copy);
        copy.write('\r');
        copy.write('\n');
        if (line.size() == 0) {
            throw new IOException("not RESP: an empty line");
        }
        return line.toString(UTF_8);
    }

    /** Closes all connections for good. Allowed twice. */
    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
