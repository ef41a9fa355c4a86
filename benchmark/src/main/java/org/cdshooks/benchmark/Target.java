package org.cdshooks.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The endpoint that deliveries go to: answers 204 at once, or never ({@code /slow}), on one thread. */
final class Target implements AutoCloseable {
    private static final byte[] ANSWER =
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Selector selector;
    private final ServerSocketChannel server;
    private final AtomicLong delivered = new AtomicLong();
    private volatile Consumer<String> bodies = body -> {};

    Target() throws IOException {
        selector = Selector.open();
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().daemon().name("target").start(this::serve);
    }

    String url() throws IOException {
        return "http://127.0.0.1:" + ((InetSocketAddress) server.getLocalAddress()).getPort() + "/in";
    }

    /** Takes requests and never answers: what is sent to it stays under way until the sender gives up. */
    String slowUrl() throws IOException {
        return url().replace("/in", "/slow");
    }

    long delivered() {
        return delivered.get();
    }

    /** Hands each body to somebody, on the target's thread, from now on. */
    void onDelivery(Consumer<String> newBodies) {
        bodies = newBodies;
    }

    private void serve() {
        try {
            while (server.isOpen()) {
                selector.select();
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    if (key.isAcceptable()) {
                        SocketChannel channel = server.accept();
                        if (channel != null) {
                            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                            channel.configureBlocking(false);
                            channel.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(64 * 1024));
                        }
                    } else {
                        read(key);
                    }
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            if (server.isOpen()) {
                throw new IllegalStateException(e);
            }
        }
    }

    @SuppressWarnings("ByteBufferBackingArray") // the attachment is a buffer that was allocated, from its start
    private void read(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer in = (ByteBuffer) key.attachment();
        try {
            if (channel.read(in) < 0) {
                channel.close();
                return;
            }
        } catch (IOException e) {
            channel.close(); // the other side was killed
            return;
        }
        String text = new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return;
        }
        int at = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length:");
        int length = at < 0 || at > head
                ? 0
                : Integer.parseInt(
                        text.substring(at + 15, text.indexOf('\r', at)).strip());
        if (in.position() < text.substring(0, head + 4).getBytes(StandardCharsets.UTF_8).length + length) {
            return;
        }
        in.clear();
        if (text.startsWith("POST /slow")) {
            return;
        }
        channel.write(ByteBuffer.wrap(ANSWER));
        delivered.incrementAndGet();
        bodies.accept(text.substring(head + 4));
    }

    /** Closed by its own thread, which alone may touch the selector's keys. */
    @Override
    public void close() throws IOException {
        server.close();
        selector.wakeup();
    }
}
