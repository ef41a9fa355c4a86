package org.cdshooks.runtime.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of one node. */
public final class HttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    private static final int MAX_RATED_TASKS = 1_000_000;
    private static final int MAX_RATED_PEERS = 100_000;
    private static final int SEND_BUFFER = 256 << 10;

    private final WebServer server;
    private final GuardedConnections connections;
    private final Dispatcher dispatcher;

    private HttpServer(WebServer server, GuardedConnections connections, Dispatcher dispatcher) {
        this.server = server;
        this.connections = connections;
        this.dispatcher = dispatcher;
    }

    /**
     * Starts a server. It listens when this returns.
     *
     * @param config what an operator has set
     * @param services what the routes call
     * @return the running server
     * @throws RuntimeException if the port is taken or the address is none of this machine's
     */
    public static HttpServer start(HttpConfig config, HttpServices services) {
        return start(config, services, System::nanoTime);
    }

    /** Starts a server whose patience with peers is measured by a clock that a test may turn. */
    static HttpServer start(HttpConfig config, HttpServices services, LongSupplier nanoTime) {
        HttpLimits limits = config.limits();
        GuardedConnections connections = new GuardedConnections(limits, nanoTime);
        Dispatcher dispatcher = dispatcher(config, services, nanoTime);
        try {
            WebServer server = WebServer.builder()
                    .host(config.host())
                    .port(config.port())
                    .protocolsDiscoverServices(false)
                    // One buffer a connection instead of two: thousands of idle connections must leave room on the
                    // heap.
                    .useNio(false)
                    .addConnectionSelector(connections)
                    .maxPayloadSize(limits.maxBody())
                    // Some more than are let in, so that the rest can be told; what is beyond waits unaccepted.
                    .maxTcpConnections(limits.maxConnections() + 64)
                    // The dispatcher has slots; there is never more than one request a connection.
                    .maxConcurrentRequests(limits.maxConnections() + 64)
                    // The guard ends idle connections; this only has to be longer.
                    .idleConnectionTimeout(limits.idleTimeout().plus(Duration.ofHours(1)))
                    .idleConnectionPeriod(Duration.ofMinutes(2))
                    .shutdownGracePeriod(config.shutdownGrace())
                    .shutdownHook(false)
                    .directHandlers(ProtocolErrors.handlers())
                    // The handlers get the library's message only with this; what they send is their own.
                    .errorHandling(ErrorHandling.builder().includeEntity(true).build())
                    .connectionOptions(SocketOptions.builder()
                            .tcpNoDelay(true)
                            // Peers that do not read must not make the system hold megabytes of answers for each of
                            // them.
                            .socketSendBufferSize(SEND_BUFFER)
                            .socketKeepAlive(true)
                            .build())
                    .routing(HttpRouting.builder().any(dispatcher))
                    .build()
                    .start();
            if (!server.isRunning()) {
                // The library logs what is wrong and returns as if all were well.
                throw new IllegalStateException("can't listen on " + config.host() + ':' + config.port());
            }
            LOG.info("listening on {}:{}", config.host(), server.port());
            return new HttpServer(server, connections, dispatcher);
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    private static Dispatcher dispatcher(HttpConfig config, HttpServices services, LongSupplier nanoTime) {
        HttpLimits limits = config.limits();
        TaskBody.Models models = model -> services.typeOfModel().apply(model);
        Dispatcher[] self = new Dispatcher[1];
        Routes routes = new Routes();
        new MonitoringRoutes(config, services, () -> self[0].isStopAnnounced()).addTo(routes);
        new BulkRoutes(services.tasks(), models, limits.maxBody()).addTo(routes); // before {uuid}, which it would match
        new TaskRoutes(services.tasks(), models, services.clock(), limits.maxBody()).addTo(routes);
        new AdminRoutes(services.maintenance()).addTo(routes);
        new RevisionRoutes(services.tasks()).addTo(routes);
        new ExecutionRoutes(services.tasks(), services.executions(), services.clock()).addTo(routes);
        new RehearsalRoutes(services.tasks(), services.executions(), limits.maxBody()).addTo(routes);
        new RequestRoutes(services.tasks(), services.requests()).addTo(routes);
        Authentication authentication = new Authentication(config.serviceHash());
        self[0] = new Dispatcher(
                routes,
                services.extensions(),
                new WebhookRoutes(
                        services.endpoints(),
                        services.requests(),
                        new RateLimiter<>(nanoTime, MAX_RATED_TASKS),
                        authentication,
                        () -> ExecutionRoutes.nanos(services.clock().instant()),
                        limits.maxRequests(),
                        () -> self[0].isStopping()),
                authentication,
                new TrustedProxies(config.trustedProxies()),
                new RateLimiter<>(nanoTime, MAX_RATED_PEERS),
                config.ratePerPeer(),
                limits,
                services.clock());
        return self[0];
    }

    GuardedConnections connections() {
        return connections;
    }

    /**
     * Returns where it listens.
     *
     * @return the port
     */
    public int port() {
        return server.port();
    }

    /** From now on {@code /health/ready} says that the service is stopping. All else is served as always. */
    public void announceStop() {
        dispatcher.announceStop();
    }

    /**
     * From now on requests to endpoints of tasks and requests that change something get 503; the others are answered. Returns
     * when the requests that were let in before have ended, or after a time.
     */
    public void refuseWork(Duration atMost) {
        dispatcher.refuseWork();
        try {
            dispatcher.awaitWork(atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Stops the server: no new connections, idle ones are closed, requests that run are answered. What has not ended in
     * time is interrupted. Called once.
     *
     * @param grace how long requests that run may take; not longer than {@link HttpConfig#shutdownGrace}
     */
    public void stop(Duration grace) {
        dispatcher.refuseWork();
        Thread stopper = Thread.ofPlatform().daemon().name("http-stop").start(server::stop);
        try {
            if (!stopper.join(grace)) {
                connections.interruptAll();
                stopper.join();
            }
        } catch (InterruptedException e) {
            connections.interruptAll();
            Thread.currentThread().interrupt();
        } finally {
            connections.close();
        }
    }
}
