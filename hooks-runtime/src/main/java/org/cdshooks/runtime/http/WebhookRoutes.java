package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Ending;
import org.cdshooks.runtime.engine.Endpoints;
import org.cdshooks.runtime.engine.Requests;
import org.cdshooks.runtime.engine.SenderAnswer;
import org.cdshooks.runtime.engine.Visit;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.task.Arrival;
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

    /** How many senders may wait for the end of their executions at the same time. */
    private static final int MAX_WAITING = 500;

    private final Semaphore waiting;
    private final BooleanSupplier stopping;
    private final Endpoints endpoints;
    private final Requests requests;

    /** The time in nanoseconds since the epoch. */
    private final LongSupplier clock;

    private final RateLimiter<TaskId> rates;
    private final Authentication authentication;

    /**
     * Makes the routes.
     *
     * @param maxRequests how many requests the server takes at the same time; half of them may wait at most
     * @param stopping whether the server is about to stop, so that nobody waits any more
     */
    WebhookRoutes(
            Endpoints endpoints,
            Requests requests,
            RateLimiter<TaskId> rates,
            Authentication authentication,
            LongSupplier clock,
            int maxRequests,
            BooleanSupplier stopping) {
        this.requests = requests;
        this.clock = clock;
        this.waiting = new Semaphore(Math.min(MAX_WAITING, maxRequests / 2));
        this.stopping = stopping;
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
        Passage passage = new Passage(exchange, task, target.below());
        HttpReply reply;
        try {
            reply = take(exchange, endpoint, passage);
        } catch (Throwable e) {
            passage.failed(e);
            throw e;
        }
        passage.answered(reply); // before the answer: who has it finds it in the trace
        if (reply.receipt().isPresent()) {
            accepted(exchange, endpoint, reply.receipt().get(), passage.headers);
        } else {
            answer(exchange, reply);
        }
    }

    private HttpReply take(Exchange exchange, Endpoints.Endpoint endpoint, Passage passage)
            throws PluginFailure, InterruptedException {
        List<String> methods = endpoint.methods();
        String method = exchange.method();
        passage.at("method");
        if (!METHODS.contains(method) || !methods.isEmpty() && !methods.contains(method)) {
            throw Dispatcher.notAllowed(method, methods.isEmpty() ? METHODS : methods);
        }
        passage.at("rate");
        if (endpoint.rate() > 0 && !rates.admits(passage.task, endpoint.rate())) {
            throw HttpProblem.of(429, "this endpoint takes " + endpoint.rate() + " requests a second")
                    .with(ResponseHeaders.RETRY_SOON);
        }
        passage.at("force");
        Visit visit = passage.begin(isForced(exchange));
        passage.at("body");
        byte[] body = exchange.body(endpoint.maxBody());
        passage.at("hook");
        return endpoint.receive(passage.call(body), visit);
    }

    /** One request on its way: where it stands, for the trace of those that make no execution. */
    private final class Passage {
        private final Exchange exchange;
        private final TaskId task;
        private final String below;
        private final long at;
        private String step = "";
        private Visit visit;
        private Optional<Requests.Refused> call = Optional.empty();
        private Map<String, List<String>> headers = Map.of();

        Passage(Exchange exchange, TaskId task, String below) {
            this.exchange = exchange;
            this.task = task;
            this.below = below;
            this.at = clock.getAsLong();
            this.visit = Visit.of(exchange.peer(), false);
        }

        void at(String newStep) {
            step = newStep;
        }

        Visit begin(boolean again) {
            visit = Visit.of(exchange.peer(), again);
            return visit;
        }

        ReceivedCall call(byte[] body) {
            ReceivedCall received = ReceivedCall.of(exchange, below, body);
            headers = received.headers();
            call = Optional.of(new Requests.Refused(received, body.length));
            return received;
        }

        /** What has made an execution tells of itself. */
        void answered(HttpReply reply) {
            Optional<Receipt> receipt = reply.receipt();
            if (receipt.isPresent()) {
                call = Optional.empty(); // its sender may wait, and the body need not
            }
            if (receipt.isPresent() && !receipt.get().duplicate()) {
                return;
            }
            boolean isRefused = reply.status() == 401 || reply.status() == 403;
            List<Arrival.Step> told = visit.steps();
            String by = isRefused && !told.isEmpty() ? told.getLast().name() : step;
            Requests.Answer answer = receipt.isPresent()
                    ? new Requests.Answer(200, "delivery", "the delivery has come before")
                    : reply.status() < 400
                            ? new Requests.Answer(reply.status(), "", "")
                            : new Requests.Answer(reply.status(), by, reply.body());
            note(answer, isRefused ? call : Optional.empty());
        }

        void failed(Throwable e) {
            note(new Requests.Answer(Dispatcher.status(e), step, Dispatcher.reason(e)), Optional.empty());
        }

        private void note(Requests.Answer answer, Optional<Requests.Refused> refused) {
            Requests.Line line = new Requests.Line(exchange.method(), below);
            requests.turnedAway(task, Requests.decision(at, visit, line, answer), refused);
        }
    }

    private void accepted(
            Exchange exchange, Endpoints.Endpoint endpoint, Receipt receipt, Map<String, List<String>> headers)
            throws InterruptedException {
        boolean waits = endpoint.waits() && waiting.tryAcquire();
        SenderAnswer answer;
        try {
            if (waits) {
                exchange.bodyForgotten();
                exchange.watchPeer();
            }
            answer = endpoint.answer(
                    receipt, headers, () -> waits && !stopping.getAsBoolean() && exchange.isPeerThere());
        } finally {
            if (waits) {
                waiting.release();
            }
        }
        if (waits && stopping.getAsBoolean()) {
            exchange.closing();
        }
        if (answer.status() == 202 && answer.ending().isPresent()) {
            exchange.add(HeaderValues.create(HeaderNames.LOCATION, where(key(receipt))));
        }
        if (answer.body().isPresent()) {
            SenderAnswer.Body body = answer.body().get();
            if (body.contentType().isEmpty()) {
                exchange.bare(answer.status());
            } else {
                exchange.text(answer.status(), body.contentType(), body.text());
            }
        } else {
            exchange.json(answer.status(), accepted(receipt, answer.ending()));
        }
    }

    private static String where(ExecutionKey key) {
        // of the characters of an id only the slash means something else in a path
        return "/task/" + key.task().value().replace("/", "%2F") + "/execution/" + key.timestamp();
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
    static byte[] accepted(Receipt receipt) {
        return accepted(receipt, Optional.empty());
    }

    private static byte[] accepted(Receipt receipt, Optional<Ending> ending) {
        ExecutionKey key = key(receipt);
        StringBuilder json = new StringBuilder(320)
                .append("{\"uuid\":\"")
                .append(key.task().value())
                .append("\",\"type\":\"")
                .append(key.type())
                .append("\",\"timestamp\":")
                .append(key.timestamp())
                .append(",\"nb_errors\":0,\"processing_timestamp\":0,\"workflow_run\":")
                .append(ending.map(Ending::run).orElse(0L))
                .append(",\"config\":{},\"status\":\"")
                .append(ending.map(end -> end.status().name()).orElse(""))
                .append("\",\"execution\":\"")
                .append(key)
                .append('"');
        if (receipt.duplicate()) {
            json.append(",\"duplicate\":true");
        }
        ending.ifPresent(end -> {
            text(json, "last_error", end.error());
            text(json, "answer", end.answer());
            text(json, "look", end.isEnd() ? "" : where(key));
        });
        return json.append('}').toString().getBytes(UTF_8);
    }

    private static void text(StringBuilder json, String name, String text) {
        if (!text.isEmpty()) {
            json.append(",\"").append(name).append("\":\"");
            JsonStringEncoder.getInstance().quoteAsString(text, json);
            json.append('"');
        }
    }

    private static ExecutionKey key(Receipt receipt) {
        String execution = receipt.id().value();
        return ExecutionKey.parse(execution)
                .orElseThrow(() -> new IllegalStateException("the engine made an odd execution id: " + execution));
    }
}
