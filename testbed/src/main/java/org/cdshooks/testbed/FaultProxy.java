package org.cdshooks.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A network between a client and a server on loopback that can be broken in the ways in which networks break.
 *
 * <p>It passes everything at first. A client connects to {@link #port()} instead of the server's port. What is set holds
 * for connections that are open as well as for new ones, from the next bytes on. Every method may be called from any
 * thread.
 */
public final class FaultProxy implements AutoCloseable {
    /** Where bytes go. */
    public enum Direction {
        /** From the client to the server. */
        TO_SERVER,
        /** From the server to the client. */
        TO_CLIENT
    }

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int CONNECT_MILLIS = 2_000;
    private static final int CHUNK = 16 * 1024;
    private static final Duration LET_GO = Duration.ofSeconds(5);

    private final int target;
    private final int port;

    // All below belong to the lock of this object, which is never held while bytes are read or written: what a thread
    // decides about a chunk must not mix with a change of the fault, or a hole in a stream would go unnoticed.
    private ServerSocket listening;
    private Thread acceptor;
    private final Set<Link> links = new HashSet<>();
    private Duration delay = Duration.ZERO;
    private boolean repliesDropped;
    private boolean halfOpen;
    private Set<Direction> counted = Set.of(); // by cutAfter, down from budget
    private long budget;
    private long accepted;
    private boolean closed;

    /** One connection of a client. */
    private static final class Link {
        final Socket client;
        /** Not connected for a client that came while the network was half open. */
        final Socket server = new Socket();

        /** Whether something of it was swallowed: it can never be of use again. */
        boolean holed;

        /** How many of its two sides have said that they send no more. */
        int ends;

        Link(Socket client) {
            this.client = client;
        }

        void close() {
            for (Socket socket : List.of(client, server)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It was to be gone.
                }
            }
        }
    }

    private FaultProxy(int target) {
        this.target = target;
        this.port = Ports.free();
        this.listening = listen();
        this.acceptor = acceptor(listening);
    }

    /** Starts a proxy before a port of 127.0.0.1; nobody need listen there yet. */
    public static FaultProxy to(int port) {
        return new FaultProxy(port);
    }

    /** The port that clients connect to, on 127.0.0.1. It stays the same. */
    public int port() {
        return port;
    }

    /** How many connections of clients were accepted so far. */
    public synchronized long accepted() {
        return accepted;
    }

    /** How many of them are open. */
    public synchronized int open() {
        return links.size();
    }

    /** Closes all connections and refuses new ones, until {@link #mend()}. */
    public synchronized void cut() {
        counted = Set.of();
        closeListening();
        links.forEach(Link::close);
        links.clear();
    }

    /** Passes everything again. Connections of which something was swallowed are closed. */
    public synchronized void mend() {
        delay = Duration.ZERO;
        repliesDropped = false;
        halfOpen = false;
        counted = Set.of();
        closeHoled();
        if (listening.isClosed() && !closed) {
            listening = listen();
            acceptor = acceptor(listening);
        }
    }

    /** Holds back every chunk, in both directions, for a while before it is passed. Bytes of one read are one chunk. */
    public synchronized void delay(Duration each) {
        delay = each;
    }

    /**
     * Swallows what the server sends, even that it closes, while what clients send arrives. When it is turned off the
     * connections that lost something are closed, as their streams would be misread.
     */
    public synchronized void dropReplies(boolean on) {
        repliesDropped = on;
        if (!on && !halfOpen) {
            closeHoled();
        }
    }

    /** Accepts, and swallows everything both ways, even that a side closes, until {@link #mend()}: a peer that vanished. */
    public synchronized void halfOpen() {
        halfOpen = true;
    }

    /** Lets so many more bytes pass, both ways and over all connections, and then does as {@link #cut()}. */
    public void cutAfter(long bytes) {
        cutAfter(bytes, Set.of(Direction.values()));
    }

    /** As {@link #cutAfter(long)}, counting one direction only: cuts within a request, or within its answer. */
    public void cutAfter(long bytes, Direction direction) {
        cutAfter(bytes, Set.of(direction));
    }

    private synchronized void cutAfter(long bytes, Set<Direction> directions) {
        budget = bytes;
        counted = directions;
        if (bytes == 0) {
            cut();
        }
    }

    private ServerSocket listen() {
        try {
            return new ServerSocket(port, 50, LOOPBACK);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " cannot be listened on: " + e.getMessage(), e);
        }
    }

    private Thread acceptor(ServerSocket socket) {
        return Thread.ofVirtual().name("fault-proxy-" + port).start(() -> accept(socket));
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Link link = new Link(socket.accept());
                Thread.startVirtualThread(() -> serve(link, socket));
            }
        } catch (IOException e) {
            // Closed, by cut or for good.
        }
    }

    private void serve(Link link, ServerSocket from) {
        if (!register(link, from)) {
            link.close();
            return;
        }
        try {
            if (!isHoled(link)) {
                link.client.setTcpNoDelay(true);
                link.server.setTcpNoDelay(true);
                link.server.connect(new InetSocketAddress(LOOPBACK, target), CONNECT_MILLIS);
                Thread.startVirtualThread(() -> pump(link, link.server, link.client, Direction.TO_CLIENT));
            }
            pump(link, link.client, link.server, Direction.TO_SERVER);
        } catch (IOException e) {
            drop(link); // the server refuses, and so does the proxy, as far as it still can
        }
    }

    private synchronized boolean register(Link link, ServerSocket from) {
        if (from.isClosed()) {
            return false;
        }
        accepted++;
        link.holed = halfOpen;
        return links.add(link);
    }

    private synchronized boolean isHoled(Link link) {
        return link.holed;
    }

    private void pump(Link link, Socket from, Socket to, Direction direction) {
        byte[] bytes = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                LockSupport.parkNanos(delay().toNanos());
                pass(link, direction, bytes, length, to);
            }
            end(link, direction, to);
        } catch (IOException e) {
            // One side is gone, and so is the other then; but while something is swallowed nobody is to know.
            if (!swallows(link, Direction.TO_SERVER) && !swallows(link, Direction.TO_CLIENT)) {
                drop(link);
            }
        }
    }

    private synchronized Duration delay() {
        return delay;
    }

    private void pass(Link link, Direction direction, byte[] bytes, int length, Socket to) throws IOException {
        Share share = share(link, direction, length);
        try {
            if (share.bytes() > 0) {
                to.getOutputStream().write(bytes, 0, share.bytes());
            }
        } finally {
            if (share.last()) {
                cut();
            }
        }
    }

    /** What of a chunk may go on, and whether {@link #cutAfter} cuts after that. */
    private record Share(int bytes, boolean last) {}

    private synchronized Share share(Link link, Direction direction, int length) {
        if (swallows(link, direction)) {
            return new Share(0, false);
        }
        if (!counted.contains(direction)) {
            return new Share(length, false);
        }
        int passing = (int) Math.min(length, budget);
        budget -= passing;
        return new Share(passing, passing > 0 && budget == 0);
    }

    /** Whether nothing goes this way now; if so, there is a hole in the link from now on. */
    private synchronized boolean swallows(Link link, Direction direction) {
        boolean swallows = halfOpen || repliesDropped && direction == Direction.TO_CLIENT;
        link.holed |= swallows;
        return swallows;
    }

    /** One side sends no more, and the other is told. */
    private synchronized void end(Link link, Direction direction, Socket to) throws IOException {
        if (swallows(link, direction)) {
            return;
        }
        to.shutdownOutput();
        link.ends++;
        if (link.ends == Direction.values().length) {
            drop(link);
        }
    }

    private synchronized void drop(Link link) {
        link.close();
        links.remove(link);
    }

    private synchronized void closeHoled() {
        links.stream().filter(link -> link.holed).toList().forEach(this::drop);
    }

    private synchronized void closeListening() {
        try {
            listening.close();
            // The kernel goes on listening until the thread in accept has noticed.
            acceptor.join();
            // And until the last child that this JVM is just making has let go of what it has inherited.
            Await.until("port " + port + " refuses connections", LET_GO, this::isRefused, () -> "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isRefused() {
        try (Socket _ = new Socket(LOOPBACK, port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Closes all connections for good. Allowed twice. */
    @Override
    public synchronized void close() {
        closed = true;
        cut();
    }
}
