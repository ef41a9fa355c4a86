package org.cdshooks.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * A load generator: so many keep-alive connections, each sending its next request when the answer to the last one is there.
 * One thread and plain buffers, so that it takes little of the machine from what it measures.
 */
final class Load {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress address;
    private final IntFunction<byte[]> requests;
    private int sent;

    /**
     * Prepares a load.
     *
     * @param port the port on 127.0.0.1
     * @param requests makes the n-th request, head and body; called on the generator's thread
     */
    Load(int port, IntFunction<byte[]> requests) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.requests = requests;
    }

    /**
     * What came of it.
     *
     * @param ok how many were answered with 2xx
     * @param others how many were answered otherwise
     * @param elapsed how long it took
     * @param latency of each answer, in microseconds
     */
    record Outcome(long ok, long others, Duration elapsed, Histogram latency) {
        double perSecond() {
            return ok / (elapsed.toNanos() / 1e9);
        }

        String percentile(double p) {
            return String.format("%.2f", latency.getValueAtPercentile(p) / 1000.0);
        }
    }

    private static final class Connection {
        final ByteBuffer in = ByteBuffer.allocate(16 * 1024);
        ByteBuffer out = ByteBuffer.allocate(0);
        long began;
        boolean busy;
    }

    /** Sends for so long. */
    Outcome run(int connections, Duration time) throws IOException {
        return run(connections, Integer.MAX_VALUE, time);
    }

    /** Sends so many, or for so long at most. */
    Outcome run(int connections, int count, Duration time) throws IOException {
        Histogram latency = new Histogram(60_000_000L, 3);
        long ok = 0;
        long others = 0;
        int begun = 0;
        int open = 0;
        long start = System.nanoTime();
        long end = start + time.toNanos();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = SocketChannel.open();
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.connect(address);
                channel.configureBlocking(false);
                Connection connection = new Connection();
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ, connection);
                if (begun < count) {
                    begun++;
                    open++;
                    send(key, connection);
                }
            }
            while (open > 0) {
                selector.select(1000);
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    Connection connection = (Connection) key.attachment();
                    if (key.isWritable()) {
                        write(key, connection);
                    }
                    if (!key.isReadable()) {
                        continue;
                    }
                    int status = read(key, connection);
                    if (status == 0) {
                        continue;
                    }
                    long now = System.nanoTime();
                    latency.recordValue(Math.min(60_000_000L, (now - connection.began) / 1000));
                    if (status / 100 == 2) {
                        ok++;
                    } else {
                        others++;
                    }
                    connection.busy = false;
                    open--;
                    if (begun < count && now < end) {
                        begun++;
                        open++;
                        send(key, connection);
                    }
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        }
        return new Outcome(ok, others, Duration.ofNanos(System.nanoTime() - start), latency);
    }

    private void send(SelectionKey key, Connection connection) throws IOException {
        connection.out = ByteBuffer.wrap(requests.apply(sent++));
        connection.in.clear();
        connection.busy = true;
        connection.began = System.nanoTime();
        write(key, connection);
    }

    private static void write(SelectionKey key, Connection connection) throws IOException {
        ((SocketChannel) key.channel()).write(connection.out);
        key.interestOps(
                connection.out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }

    /** Reads on; returns the status once the answer is whole, 0 before. */
    @SuppressWarnings("ByteBufferBackingArray") // the connection's own buffer, used from its start
    private static int read(SelectionKey key, Connection connection) throws IOException {
        ByteBuffer in = connection.in;
        if (((SocketChannel) key.channel()).read(in) < 0) {
            throw new IOException("the server closed a connection in mid-run, after: "
                    + new String(in.array(), 0, in.position(), StandardCharsets.UTF_8));
        }
        if (!connection.busy) {
            in.clear();
            return 0;
        }
        byte[] bytes = in.array();
        int length = in.position();
        int head = endOfHead(bytes, length);
        if (head < 0 || length < head + contentLength(bytes, head)) {
            return 0;
        }
        return (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
    }

    private static int endOfHead(byte[] bytes, int length) {
        for (int i = 3; i < length; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int contentLength(byte[] bytes, int head) {
        for (int i = 0; i < head - LENGTH.length; i++) {
            int j = 0;
            while (j < LENGTH.length && Character.toLowerCase(bytes[i + j]) == LENGTH[j]) {
                j++;
            }
            if (j == LENGTH.length) {
                int value = 0;
                for (int k = i + j; k < head && bytes[k] != '\r'; k++) {
                    if (bytes[k] != ' ') {
                        value = value * 10 + bytes[k] - '0';
                    }
                }
                return value;
            }
        }
        return 0;
    }
}
