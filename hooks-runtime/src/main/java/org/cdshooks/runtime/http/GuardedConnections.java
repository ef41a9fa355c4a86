package org.cdshooks.runtime.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections of a server: makes guarded ones, refuses those that are too many, and looks after them with one watchdog
 * thread. Speaks HTTP/1.1 only.
 */
final class GuardedConnections implements ServerConnectionSelector, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedConnections.class);

    private final HttpLimits limits;
    private final BodyRoom room;
    private final LongSupplier nanoTime;
    private final ServerConnectionSelector protocol;
    private final Map<GuardedConnection, Place> open = new ConcurrentHashMap<>();
    private final Semaphore places;
    private final Lock roomLock = new ReentrantLock();
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-watchdog").factory());

    @SuppressWarnings("removal") // the switches of logging exist until they go
    GuardedConnections(HttpLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.places = new Semaphore(limits.maxConnections());
        this.room = new BodyRoom(limits.maxBodies());
        this.protocol = Http1ConnectionSelector.builder()
                .config(Http1Config.builder()
                        .maxHeadersSize(limits.maxHeaderBytes())
                        .maxPrologueLength(limits.maxRequestLine())
                        .sendKeepAliveHeader(false)
                        .continueImmediately(false)
                        .validatePath(true)
                        // Senders put brackets, braces and bars into queries; the dispatcher looks for control
                        // characters.
                        .validatePrologue(false)
                        .validateRequestHeaders(true)
                        .receiveLog(false)
                        .sendLog(false)
                        .build())
                .build();
        long period = Math.max(10, shortestTimeout().toMillis() / 20);
        var _ = watchdog.scheduleAtFixedRate(this::check, period, period, TimeUnit.MILLISECONDS);
    }

    private Duration shortestTimeout() {
        Duration shortest = limits.headerTimeout();
        for (Duration other : List.of(limits.bodyTimeout(), limits.answerTimeout(), limits.idleTimeout())) {
            shortest = shortest.compareTo(other) < 0 ? shortest : other;
        }
        return shortest;
    }

    /** Gives up the connections whose peers take too long. */
    void check() {
        for (GuardedConnection connection : open.keySet()) {
            try {
                connection.check();
            } catch (RuntimeException e) {
                LOG.warn("can't check a connection", e); // and go on: an exception would end the watchdog
            }
        }
    }

    /** Ends all connections, whatever they are doing. */
    void interruptAll() {
        open.keySet().forEach(GuardedConnection::interrupt);
    }

    /** How many connections wait for the same. */
    long count(GuardedConnection.Phase phase) {
        return open.keySet().stream()
                .filter(connection -> connection.phase() == phase)
                .count();
    }

    /** How many bytes have been read from the peers of all open connections. */
    long received() {
        return open.keySet().stream().mapToLong(GuardedConnection::received).sum();
    }

    /** How many bytes the peers of all open connections have been sent. */
    long sent() {
        return open.keySet().stream().mapToLong(GuardedConnection::sent).sum();
    }

    int size() {
        return open.size();
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 0;
    }

    @Override
    public Support supports(BufferData data) {
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return Set.of("http/1.1");
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        if (!places.tryAcquire() && !makeRoom()) {
            return new Refused(context);
        }
        Place place = new Place(places);
        GuardedConnection[] self = new GuardedConnection[1];
        self[0] = new GuardedConnection(context, protocol, limits, room, nanoTime, () -> {
            open.remove(self[0]);
            place.giveBack();
        });
        open.put(self[0], place);
        return self[0];
    }

    /**
     * Gives up connections that wait for a request, those first that never had one, then those that wait longest. So peers
     * that only open connections keep nobody out. Several at once, since each time all connections are looked at.
     */
    private boolean makeRoom() {
        roomLock.lock();
        try {
            if (places.tryAcquire()) {
                return true;
            }
            List<Waiting> waiting = new ArrayList<>();
            open.forEach((connection, place) -> connection
                    .waitingSince()
                    .ifPresent(since -> waiting.add(
                            new Waiting(connection, place, connection.isUsed(), nanoTime.getAsLong() - since))));
            Collections.sort(waiting);
            int wanted = 1 + limits.maxConnections() / 64;
            for (Waiting candidate : waiting) {
                if (candidate.connection().makesRoom()) {
                    candidate.place().giveBack();
                    if (--wanted == 0) {
                        break;
                    }
                }
            }
            return places.tryAcquire();
        } finally {
            roomLock.unlock();
        }
    }

    /** What an open connection has of the places: given back once, when it ends or is given up for another one. */
    private static final class Place {
        private final Semaphore places;
        private final AtomicBoolean taken = new AtomicBoolean(true);

        Place(Semaphore places) {
            this.places = places;
        }

        void giveBack() {
            if (taken.compareAndSet(true, false)) {
                places.release();
            }
        }
    }

    /** A connection that waits for a request. */
    private record Waiting(GuardedConnection connection, Place place, boolean used, long nanos)
            implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            return used == other.used ? Long.compare(other.nanos, nanos) : Boolean.compare(used, other.used);
        }
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
    }

    /** A connection too many: told so and closed. */
    private record Refused(ConnectionContext context) implements ServerConnection {
        @Override
        public void handle(Limit limit) {
            context.dataWriter().writeNow(BufferData.create(ProtocolErrors.raw(503)));
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO;
        }

        @Override
        public void close(boolean interrupt) {}
    }
}
