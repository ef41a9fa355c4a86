package org.cdshooks.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Connections that take their time: some send nothing, some send a head or a body byte by byte, some send requests and read no
 * answer. A slow one that the server ends begins anew.
 */
final class Crowd implements AutoCloseable {
    private static final long PACE_MILLIS = 500;

    private enum Kind {
        IDLE,
        HEAD,
        BODY,
        DEAF
    }

    private static final class Peer {
        final Kind kind;
        SocketChannel channel;

        Peer(Kind kind, SocketChannel channel) {
            this.kind = kind;
            this.channel = channel;
        }
    }

    private final InetSocketAddress address;
    private final byte[] body;
    private final List<Peer> peers = new ArrayList<>();
    private final Thread dripper;
    private volatile boolean ended;

    /** Opens the connections; {@code slow} are divided among the three slow kinds. */
    Crowd(int port, String uuid, int idle, int slow) throws IOException {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.body = ("POST /webhook/" + uuid + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < slow; i++) {
            Kind kind = Kind.values()[1 + i % 3];
            peers.add(new Peer(kind, open(kind)));
        }
        for (int i = 0; i < idle; i++) {
            peers.add(new Peer(Kind.IDLE, open(Kind.IDLE)));
        }
        dripper = Thread.ofPlatform().daemon().name("crowd").start(this::drip);
    }

    private SocketChannel open(Kind kind) throws IOException {
        SocketChannel channel = SocketChannel.open();
        if (kind == Kind.DEAF) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
        }
        channel.connect(address);
        channel.configureBlocking(false);
        channel.write(ByteBuffer.wrap(
                switch (kind) {
                    case IDLE -> new byte[0];
                    case HEAD -> "GET /task HTTP/1.1\r\nX-A: ".getBytes(StandardCharsets.US_ASCII);
                    case BODY -> body;
                    case DEAF ->
                        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .repeat(500)
                                .getBytes(StandardCharsets.US_ASCII);
                }));
        return channel;
    }

    private void drip() {
        ByteBuffer in = ByteBuffer.allocate(1024);
        while (!ended) {
            for (Peer peer : peers) {
                if (peer.kind == Kind.HEAD || peer.kind == Kind.BODY) {
                    dripTo(peer, in);
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PACE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void dripTo(Peer peer, ByteBuffer in) {
        try {
            in.clear();
            if (peer.channel.read(in) == 0) {
                peer.channel.write(ByteBuffer.wrap(new byte[] {'a'}));
                return;
            }
        } catch (IOException e) {
            // ended by the server: the next one comes
        }
        try {
            peer.channel.close();
            if (!ended) {
                peer.channel = open(peer.kind);
            }
        } catch (IOException e) {
            ended = true;
        }
    }

    /** How many of the idle connections the server still holds. */
    int idleLeft() {
        int left = 0;
        ByteBuffer in = ByteBuffer.allocate(16);
        for (Peer peer : peers) {
            if (peer.kind == Kind.IDLE) {
                try {
                    in.clear();
                    left += peer.channel.read(in) == 0 ? 1 : 0;
                } catch (IOException e) {
                    // ended by the server
                }
            }
        }
        return left;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        dripper.interrupt();
        try {
            dripper.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Peer peer : peers) {
            peer.channel.close();
        }
    }
}
