package org.cdshooks.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * Says one command after the other to Redis on many connections, as {@code redis-benchmark -c} does: how fast Redis and this
 * machine are without the service between them.
 */
final class RespLoad {
    private final int port;
    private final IntFunction<byte[]> commands;
    private final int lines;

    /** One connection, with what is still to be sent. */
    private static final class Connection {
        private ByteBuffer out = ByteBuffer.allocate(0);
        private int missing;
        private long began;
    }

    /**
     * Makes a load.
     *
     * @param lines how many lines an answer has
     */
    RespLoad(int port, IntFunction<byte[]> commands, int lines) {
        this.port = port;
        this.commands = commands;
        this.lines = lines;
    }

    Load.Outcome run(int connections, Duration time) throws IOException {
        Histogram latency = new Histogram(60_000_000L, 3);
        ByteBuffer in = ByteBuffer.allocate(1 << 16);
        long ok = 0;
        long wrong = 0;
        int number = 0;
        long start = System.nanoTime();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.configureBlocking(false);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ, new Connection());
                send(key, commands.apply(number++));
            }
            long end = start + time.toNanos();
            while (System.nanoTime() < end) {
                selector.select(100);
                for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    Connection connection = (Connection) key.attachment();
                    if (key.isWritable()) {
                        write(key, connection);
                    }
                    if (key.isReadable()) {
                        in.clear();
                        if (((SocketChannel) key.channel()).read(in) < 0) {
                            throw new IOException("Redis has closed a connection");
                        }
                        boolean error = in.position() > 0 && in.get(0) == '-' && connection.missing == lines;
                        for (int i = 0; i < in.position(); i++) {
                            connection.missing -= in.get(i) == '\n' ? 1 : 0;
                        }
                        if (error || connection.missing <= 0) {
                            latency.recordValue(Math.min(60_000_000L, (System.nanoTime() - connection.began) / 1000));
                            ok += error ? 0 : 1;
                            wrong += error ? 1 : 0;
                            send(key, commands.apply(number++));
                        }
                    }
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        }
        return new Load.Outcome(ok, wrong, Duration.ofNanos(System.nanoTime() - start), latency);
    }

    private void send(SelectionKey key, byte[] command) throws IOException {
        Connection connection = (Connection) key.attachment();
        connection.out = ByteBuffer.wrap(command);
        connection.missing = lines;
        connection.began = System.nanoTime();
        write(key, connection);
    }

    private static void write(SelectionKey key, Connection connection) throws IOException {
        ((SocketChannel) key.channel()).write(connection.out);
        key.interestOps(
                connection.out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }
}
