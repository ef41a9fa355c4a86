package org.cdshooks.runtime.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
    private final ServerConnectionSelector protocol;
    private final Set<GuardedConnection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-watchdog").factory());

    @SuppressWarnings("removal") // the switches of logging exist until they go
    GuardedConnections(HttpLimits limits) {
        this.limits = limits;
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
        for (Duration other : Set.of(limits.bodyTimeout(), limits.idleTimeout())) {
            shortest = shortest.compareTo(other) < 0 ? shortest : other;
        }
        return shortest;
    }

    private void check() {
        long now = System.nanoTime();
        for (GuardedConnection connection : open) {
            try {
                connection.checkAt(now);
            } catch (RuntimeException e) {
                LOG.warn("can't check a connection", e); // and go on: an exception would end the watchdog
            }
        }
    }

    /** Ends all connections, whatever they are doing. */
    void interruptAll() {
        open.forEach(GuardedConnection::interrupt);
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
        if (open.size() >= limits.maxConnections()) {
            return new Refused(context);
        }
        GuardedConnection[] self = new GuardedConnection[1];
        self[0] = new GuardedConnection(context, protocol, limits, room, () -> open.remove(self[0]));
        open.add(self[0]);
        return self[0];
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
