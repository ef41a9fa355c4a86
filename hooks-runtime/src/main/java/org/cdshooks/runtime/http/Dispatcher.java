package org.cdshooks.runtime.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes every request: finds its route, asks who is there, and turns what goes wrong into an error body. The one place
 * where exceptions become statuses.
 */
final class Dispatcher implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT");

    /** What some path or other serves. */
    private static final Set<String> READS = Set.of("GET", "HEAD");

    private static final List<String> SERVED = List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

    private final Routes routes;
    private final List<HttpExtension> extensions;
    private final WebhookRoutes webhooks;
    private final Authentication authentication;
    private final TrustedProxies proxies;
    private final RateLimiter<PeerNetwork> rates;
    private final int ratePerPeer;
    private final HttpLimits limits;
    private final InstantSource clock;
    private final RequestSlots webhookSlots;
    private final RequestSlots changeSlots;
    private final RequestSlots readSlots;
    private final ResponseHeaders standardHeaders = new ResponseHeaders();
    private volatile boolean announced;
    private volatile boolean stopping;

    Dispatcher(
            Routes routes,
            List<HttpExtension> extensions,
            WebhookRoutes webhooks,
            Authentication authentication,
            TrustedProxies proxies,
            RateLimiter<PeerNetwork> rates,
            int ratePerPeer,
            HttpLimits limits,
            InstantSource clock) {
        this.routes = routes;
        this.extensions = extensions;
        this.webhooks = webhooks;
        this.authentication = authentication;
        this.proxies = proxies;
        this.rates = rates;
        this.ratePerPeer = ratePerPeer;
        this.limits = limits;
        this.clock = clock;
        this.webhookSlots = new RequestSlots(limits.maxRequests());
        this.changeSlots = new RequestSlots(limits.maxAdminRequests());
        this.readSlots = new RequestSlots(limits.maxAdminRequests());
    }

    /** From now on the service says that it is not ready. */
    void announceStop() {
        announced = true;
    }

    boolean isStopAnnounced() {
        return announced;
    }

    /**
     * From now on new work is refused, nobody waits for the end of an execution any more, and each connection ends with the
     * answer that it gets.
     */
    void refuseWork() {
        announced = true;
        stopping = true;
        webhookSlots.close();
        changeSlots.close();
    }

    /** Waits until the work that was let in has ended. */
    void awaitWork(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        if (!webhookSlots.awaitEnd(atMost) || !changeSlots.awaitEnd(Duration.ofNanos(end - System.nanoTime()))) {
            LOG.warn("Some requests have not ended within {}; the service stops without waiting for them", atMost);
        }
    }

    /** Tells whether new work is refused. */
    boolean isStopping() {
        return stopping;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        GuardedConnection connection = GuardedConnection.CURRENT.get();
        connection.working();
        Exchange exchange =
                new Exchange(request, response, connection, standardHeaders, limits, proxies, clock.instant());
        if (stopping) {
            exchange.closing();
        }
        answer(exchange);
        if (exchange.isClosing()) {
            if (request.content().consumed()) {
                connection.clean();
            }
            throw new CloseConnectionException("the answer was the last one of this connection");
        }
        connection.idle();
    }

    private void answer(Exchange exchange) {
        try {
            dispatch(exchange);
        } catch (CloseConnectionException e) {
            throw e;
        } catch (Throwable e) {
            fail(exchange, e);
        } finally {
            GuardedConnection connection = GuardedConnection.CURRENT.get();
            connection.bodyForgotten();
            connection.slot().end();
        }
    }

    private void dispatch(Exchange exchange) throws Exception {
        if (lines(exchange.headers()) > limits.maxHeaders()) {
            throw HttpProblem.of(431, "more than " + limits.maxHeaders() + " headers")
                    .closing();
        }
        if (!isPlain(exchange.rawQuery())) {
            throw HttpProblem.of(400, "the query has characters that must be %-escaped")
                    .closing();
        }
        if (exchange.method().equals("CONNECT")) { // whatever the target, which is no path
            throw notAllowed("CONNECT", SERVED);
        }
        Optional<WebhookRoutes.Target> target = WebhookRoutes.target(exchange.path());
        Optional<Routes.Match> match = target.isPresent() ? Optional.empty() : routes.find(exchange.path());
        if (match.isEmpty() || !match.get().resource().open()) {
            checkRate(exchange);
        }
        if (target.isPresent()) {
            webhook(exchange, target.get());
            return;
        }
        if (match.isEmpty()) {
            extension(exchange);
            return;
        }
        Routes.Resource resource = match.get().resource();
        if (exchange.method().equals("OPTIONS")) {
            options(exchange, resource.methods());
            return;
        }
        exchange.compressing();
        authenticate(exchange, resource.open());
        Routes.Action action = resource.actions().get(exchange.method());
        if (action == null) {
            throw notAllowed(exchange.method(), resource.methods());
        }
        if (!resource.open()) {
            take(resource.reads().contains(exchange.method()) ? readSlots : changeSlots);
        }
        exchange.parameters(match.get().parameters());
        action.run(exchange);
    }

    /** Takes the request's slot, or says that there is none. What needs no work needs no slot. */
    private static void take(RequestSlots slots) {
        if (!GuardedConnection.CURRENT.get().slot().take(slots)) {
            throw slots.refusal().closing();
        }
    }

    private void checkRate(Exchange exchange) {
        if (ratePerPeer > 0 && !rates.admits(PeerNetwork.of(exchange.peerAddress()), ratePerPeer)) {
            throw HttpProblem.of(429, "a peer may send " + ratePerPeer + " requests a second")
                    .with(ResponseHeaders.RETRY_SOON);
        }
    }

    /** Counts lines: a name that comes again is one more. */
    private static int lines(Headers headers) {
        int lines = 0;
        for (Header header : headers) {
            lines += header.valueCount();
        }
        return lines;
    }

    private void authenticate(Exchange exchange, boolean open) {
        if (!open && !authentication.admits(exchange.headers())) {
            Audit.log("unauthenticated", exchange, "");
            throw HttpProblem.of(401, "");
        }
    }

    private void extension(Exchange exchange) throws Exception {
        for (HttpExtension extension : extensions) {
            if (exchange.path().equals(extension.prefix()) || exchange.path().startsWith(extension.prefix() + '/')) {
                authenticate(exchange, !extension.authenticated());
                take(READS.contains(exchange.method()) ? readSlots : changeSlots);
                extension.handler().handle(exchange.request(), exchange.response());
                return;
            }
        }
        exchange.unknownPath();
    }

    private void webhook(Exchange exchange, WebhookRoutes.Target target) throws Exception {
        if (exchange.method().equals("OPTIONS")) {
            options(exchange, WebhookRoutes.METHODS);
        } else {
            take(webhookSlots);
            webhooks.receive(exchange, target);
        }
    }

    private static void options(Exchange exchange, Set<String> methods) {
        exchange.add(HeaderValues.create(HeaderNames.ALLOW, String.join(", ", methods) + ", OPTIONS"));
        exchange.empty(200);
    }

    static HttpProblem notAllowed(String method, Iterable<String> allowed) {
        String list = String.join(", ", allowed);
        int status = METHODS.contains(method) ? 405 : 501;
        return HttpProblem.of(status, "use " + list).with(HeaderValues.create(HeaderNames.ALLOW, list));
    }

    private static boolean isPlain(String query) {
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c <= ' ' || c >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Returns the status that what was thrown is answered with; 408 if there is nobody to answer. */
    static int status(Throwable e) {
        return switch (e) {
            case HttpProblem problem -> problem.status();
            case OverloadedException _, InterruptedException _ -> 503;
            case StoreUnavailableException away -> away.isFull() ? 507 : 503;
            case CloseConnectionException _ -> 408;
            default -> 500;
        };
    }

    /** Says why, in words that an operator may see. */
    static String reason(Throwable e) {
        return switch (e) {
            case HttpProblem problem -> problem.detail();
            case OverloadedException overloaded -> String.valueOf(overloaded.getMessage());
            case StoreUnavailableException _ -> "the store is away or full: nothing was acknowledged";
            case CloseConnectionException _ -> "the sender was gone or too slow before the request was whole";
            case InterruptedException _ -> "the service is stopping";
            default -> "failed by a defect of the service or a plugin; the log has it";
        };
    }

    private void fail(Exchange exchange, Throwable e) {
        if (exchange.isAnswered()) {
            throw new CloseConnectionException("failed after the answer was sent", e);
        }
        exchange.response().headers().clear();
        switch (e) {
            case HttpProblem problem -> exchange.error(problem);
            case InvalidConfigException invalid -> exchange.error(HttpProblem.bad(invalid.problems()));
            case OverloadedException overloaded ->
                exchange.error(HttpProblem.of(503, String.valueOf(overloaded.getMessage()))
                        .with(ResponseHeaders.RETRY_SOON));
            case StoreUnavailableException away -> {
                LOG.debug("the store is away", away);
                exchange.error(HttpProblem.of(away.isFull() ? 507 : 503, "nothing was acknowledged; try again")
                        .with(ResponseHeaders.RETRY_SOON));
            }
            case InterruptedException _ -> {
                exchange.error(HttpProblem.of(503, "the service is stopping; try again")
                        .with(ResponseHeaders.RETRY_SOON)
                        .closing());
                Thread.currentThread().interrupt();
            }
            case PluginFailure failure ->
                LOG.error(
                        "error {}: {} {}: {}",
                        exchange.error(HttpProblem.of(500, "")),
                        exchange.method(),
                        LogText.of(exchange.path(), 300),
                        failure.getMessage(),
                        failure);
            default ->
                LOG.error(
                        "error {}: {} {}",
                        exchange.error(HttpProblem.of(500, "")),
                        exchange.method(),
                        LogText.of(exchange.path(), 300),
                        e);
        }
    }
}
