package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Endpoints;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * {@code /webhook/{uuid}} and what is below: the way in for everybody. The order of the checks is RELIABILITY 6: what is
 * cheap comes first, nothing is parsed, and the body is read last.
 */
final class WebhookRoutes {
    /** The methods that a task may take. */
    static final Set<String> METHODS = new TreeSet<>(List.of("GET", "POST", "PUT", "DELETE", "PATCH"));

    private static final String PREFIX = "/webhook/";

    /** Asks for an execution though the delivery was seen before. */
    private static final HeaderName FORCE = HeaderNames.create("X-Hooks-Force");

    private final Endpoints endpoints;
    private final RateLimiter rates;
    private final Authentication authentication;

    WebhookRoutes(Endpoints endpoints, RateLimiter rates, Authentication authentication) {
        this.endpoints = endpoints;
        this.rates = rates;
        this.authentication = authentication;
    }

    /**
     * Where a request is sent to.
     *
     * @param id the task's id, decoded once; perhaps none
     * @param below the path below the endpoint, as sent
     */
    record Target(String id, String below) {}

    static Optional<Target> target(String rawPath) {
        if (!rawPath.startsWith(PREFIX) || rawPath.length() == PREFIX.length()) {
            return Optional.empty();
        }
        int slash = rawPath.indexOf('/', PREFIX.length());
        if (slash == PREFIX.length()) {
            return Optional.empty();
        }
        String id = rawPath.substring(PREFIX.length(), slash < 0 ? rawPath.length() : slash);
        return Optional.of(new Target(Routes.decoded(id), slash < 0 ? "" : rawPath.substring(slash)));
    }

    void receive(Exchange exchange, Target target) throws PluginFailure, InterruptedException {
        if (!TaskId.isValid(target.id())) {
            throw HttpProblem.notFound("");
        }
        TaskId task = new TaskId(target.id());
        Endpoints.Endpoint endpoint = endpoints.find(task).orElseThrow(() -> HttpProblem.notFound(""));
        List<String> methods = endpoint.methods();
        String method = exchange.method();
        if (!METHODS.contains(method) || !methods.isEmpty() && !methods.contains(method)) {
            throw Dispatcher.notAllowed(method, methods.isEmpty() ? METHODS : methods);
        }
        if (endpoint.rate() > 0 && !rates.admits(task, endpoint.rate())) {
            throw HttpProblem.of(429, "this endpoint takes " + endpoint.rate() + " requests a second")
                    .with(ResponseHeaders.RETRY_SOON);
        }
        boolean again = isForced(exchange);
        byte[] body = exchange.body(endpoint.maxBody());
        answer(exchange, endpoint.receive(ReceivedCall.of(exchange, target.below(), body), again));
    }

    /** Tells whether an operator wants a delivery executed though it was seen before. Whoever else asks so is refused. */
    private boolean isForced(Exchange exchange) {
        if (!exchange.headers().contains(HeaderValues.create(FORCE, "true"))) {
            return false;
        }
        if (!authentication.admits(exchange.headers())) {
            Audit.log("unauthenticated", exchange, FORCE.defaultCase());
            throw HttpProblem.of(401, FORCE.defaultCase() + " needs the service hash");
        }
        return true;
    }

    private static void answer(Exchange exchange, HttpReply reply) {
        Optional<Receipt> receipt = reply.receipt();
        if (receipt.isPresent()) {
            exchange.json(200, accepted(receipt.get()));
            return;
        }
        if (reply.status() == 401 || reply.status() == 403) {
            Audit.log("refused", exchange, reply.body());
        }
        if (reply.status() >= 400 && reply.contentType().startsWith("text/plain")) {
            HttpProblem problem = HttpProblem.of(reply.status(), reply.body());
            exchange.error(reply.status() == 503 ? problem.with(ResponseHeaders.RETRY_SOON) : problem);
        } else {
            exchange.text(reply.status(), reply.contentType(), reply.body());
        }
    }

    /**
     * The original answers with the whole execution, and so shows the task's config and the caller's headers to anybody.
     * Ours has the same fields with nothing in them. Put together by hand: this is the answer that is sent most.
     */
    private static byte[] accepted(Receipt receipt) {
        String execution = receipt.id().value();
        ExecutionKey key = ExecutionKey.parse(execution)
                .orElseThrow(() -> new IllegalStateException("the engine made an odd execution id: " + execution));
        StringBuilder json = new StringBuilder(320)
                .append("{\"uuid\":\"")
                .append(key.task().value())
                .append("\",\"type\":\"")
                .append(key.type())
                .append("\",\"timestamp\":")
                .append(key.timestamp())
                .append(",\"nb_errors\":0,\"processing_timestamp\":0,\"workflow_run\":0,\"config\":{},\"status\":\"\"")
                .append(",\"execution\":\"")
                .append(execution)
                .append('"');
        if (receipt.duplicate()) {
            json.append(",\"duplicate\":true");
        }
        return json.append('}').toString().getBytes(UTF_8);
    }
}
