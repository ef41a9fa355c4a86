package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;

/**
 * One connection to a Redis on loopback that speaks just enough RESP2 for commands and their answers.
 *
 * <p>For one thread at a time. Every failure of the connection is an {@link UncheckedIOException}; after one the
 * connection is of no more use.
 */
public final class RespClient implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final String peer;
    private final Socket socket;
    private final InputStream in;

    private RespClient(String peer, Socket socket) throws IOException {
        this.peer = peer;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Connects to a port of loopback, without TLS.
     *
     * @param patience how long connecting, and later each answer, may take
     */
    public static RespClient connect(int port, Duration patience) {
        return connect(SocketFactory.getDefault(), port, patience);
    }

    /** As {@link #connect(int, Duration)}, over the sockets of a factory, for TLS. */
    public static RespClient connect(SocketFactory sockets, int port, Duration patience) {
        String peer = "127.0.0.1:" + port;
        Socket socket = null;
        try {
            socket = sockets.createSocket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
            socket.connect(new InetSocketAddress(LOOPBACK, port), Math.toIntExact(patience.toMillis()));
            return new RespClient(peer, socket);
        } catch (IOException e) {
            if (socket != null) {
                closeQuietly(socket);
            }
            throw new UncheckedIOException(peer + ": " + e.getMessage(), e);
        }
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @throws RedisError if the answer is an error
     */
    public Reply command(String... words) {
        return commands(List.<String[]>of(words)).getFirst();
    }

    /**
     * Sends commands in one go and waits for all answers.
     *
     * @throws RedisError if one of the answers is an error: the first of them, after all have been read
     */
    public List<Reply> commands(List<String[]> commands) {
        List<Reply> replies = new ArrayList<>();
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (String[] words : commands) {
                write(all, words);
            }
            all.writeTo(socket.getOutputStream());
            for (int i = 0; i < commands.size(); i++) {
                replies.add(read());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(peer + ": " + e.getMessage(), e);
        }
        for (Reply reply : replies) {
            if (reply instanceof Reply.Failure(String message)) {
                throw new RedisError(message);
            }
        }
        return List.copyOf(replies);
    }

    private static void write(ByteArrayOutputStream to, String[] words) {
        to.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(UTF_8);
            to.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
            to.writeBytes(bytes);
            to.writeBytes("\r\n".getBytes(UTF_8));
        }
    }

    private Reply read() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new Reply.Text(rest);
            case '-' -> new Reply.Failure(rest);
            case ':' -> new Reply.Whole(Long.parseLong(rest));
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> many(Integer.parseInt(rest));
            default -> throw new IOException("not RESP: " + line);
        };
    }

    private Reply bulk(int length) throws IOException {
        if (length < 0) {
            return new Reply.Nil();
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length < length + 2) {
            throw new EOFException("connection closed within a value");
        }
        return new Reply.Text(new String(bytes, 0, length, UTF_8));
    }

    private Reply many(int count) throws IOException {
        if (count < 0) {
            return new Reply.Nil();
        }
        List<Reply> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(read());
        }
        return new Reply.Many(List.copyOf(values));
    }

    /** Reads a line of at least one character. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection closed");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        if (line.size() == 0) {
            throw new IOException("not RESP: an empty line");
        }
        return line.toString(UTF_8);
    }

    @Override
    public void close() {
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing was left to be sent: it is gone either way.
        }
    }
}
