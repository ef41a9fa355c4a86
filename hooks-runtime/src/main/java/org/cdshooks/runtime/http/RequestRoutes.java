package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Requests;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.HeldRequest;
import org.cdshooks.runtime.task.TurnedAway;

/** {@code /task/{uuid}/trace} and {@code /task/{uuid}/quarantine}: why requests were let in or not, and letting them in. */
final class RequestRoutes {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final Tasks tasks;
    private final Requests requests;

    RequestRoutes(Tasks tasks, Requests requests) {
        this.tasks = tasks;
        this.requests = requests;
    }

    void addTo(Routes routes) {
        routes.path("/task/{uuid}/trace", false).on("GET", this::trace);
        routes.path("/task/{uuid}/quarantine", false).on("GET", this::list).on("DELETE", this::dropAll);
        routes.path("/task/{uuid}/quarantine/admit", false).on("POST", this::admitAll); // before {id}
        routes.path("/task/{uuid}/quarantine/{id}", false).on("GET", this::show).on("DELETE", this::drop);
        routes.path("/task/{uuid}/quarantine/{id}/admit", false).on("POST", this::admit);
    }

    private TaskId task(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        if (tasks.find(id).isEmpty()) {
            throw TaskRoutes.noSuchTask(id);
        }
        return id;
    }

    // ------------------------------------------------------------------------------------------------------- trace

    private void trace(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        String type = tasks.find(id)
                .orElseThrow(() -> TaskRoutes.noSuchTask(id))
                .task()
                .type();
        int limit = Query.number(exchange, "limit", PAGE, MAX_PAGE);
        long before = exchange.query("before").map(ExecutionRoutes::before).orElse(Long.MAX_VALUE);
        Requests.Page page = requests.trace(id, before, limit);
        if (page.next().isPresent()) {
            exchange.add(HeaderValues.create(
                    HeaderNames.LINK,
                    "<" + exchange.path() + "?limit=" + limit + "&before="
                            + page.next().getAsLong() + ">; rel=\"next\""));
        }
        exchange.json(200, json -> {
            json.writeStartArray();
            for (Requests.Trace trace : page.traces()) {
                write(json, trace, type);
            }
            json.writeEndArray();
        });
    }

    private static void write(JsonGenerator json, Requests.Trace trace, String type) throws IOException {
        TurnedAway what = trace.what();
        json.writeStartObject();
        json.writeNumberField("timestamp", what.at());
        json.writeStringField("time", Instant.ofEpochSecond(0, what.at()).toString());
        text(json, "sender", what.sender());
        text(json, "method", what.method());
        text(json, "path", what.path());
        json.writeNumberField("status", what.status());
        if (trace.execution().isPresent()) {
            text(json, "execution", trace.execution().get());
        }
        json.writeArrayFieldStart("steps");
        step(json, new Arrival.Step("route", "the task is there, of type " + type));
        for (Arrival.Step step : what.steps()) {
            step(json, step);
        }
        json.writeEndArray();
        if (!what.stoppedBy().isEmpty()) {
            text(json, "stopped_by", what.stoppedBy());
            text(json, "reason", what.reason());
        }
        if (what.leftOut() > 0) {
            json.writeNumberField("left_out", what.leftOut());
        }
        json.writeEndObject();
    }

    private static void step(JsonGenerator json, Arrival.Step step) throws IOException {
        json.writeStartObject();
        text(json, "step", step.name());
        text(json, "words", step.words());
        json.writeEndObject();
    }

    // -------------------------------------------------------------------------------------------------- quarantine

    private void list(Exchange exchange) {
        List<Requests.Held> all = requests.quarantine(task(exchange));
        exchange.json(200, json -> {
            json.writeStartArray();
            for (Requests.Held held : all) {
                json.writeStartObject();
                summary(json, held);
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private void show(Exchange exchange) {
        Requests.Held held = requests.quarantined(task(exchange), id(exchange)).orElseThrow(() -> noSuchRequest());
        exchange.json(200, json -> {
            json.writeStartObject();
            summary(json, held);
            text(json, "query", held.request().query());
            json.writeObjectFieldStart("headers");
            for (Map.Entry<String, List<String>> header :
                    held.request().headers().entrySet()) {
                json.writeArrayFieldStart(GoJson.text(header.getKey()));
                for (String value : header.getValue()) {
                    json.writeString(GoJson.text(value));
                }
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeBinaryField("body", held.request().body());
            json.writeEndObject();
        });
    }

    private static void summary(JsonGenerator json, Requests.Held held) throws IOException {
        HeldRequest request = held.request();
        json.writeStringField("id", Long.toString(held.id()));
        json.writeStringField("time", Instant.ofEpochSecond(0, request.at()).toString());
        text(json, "sender", request.sender());
        text(json, "method", request.method());
        text(json, "path", request.path());
        json.writeNumberField("size", request.body().length);
        json.writeNumberField("status", request.status());
        text(json, "reason", request.reason());
    }

    private void admit(Exchange exchange) throws PluginFailure, InterruptedException {
        boolean verified = verified(exchange);
        Requests.Admission admission = requests.admit(task(exchange), id(exchange), verified, exchange.peer());
        Audit.log(verified ? "quarantine-admit" : "quarantine-admit-unverified", exchange, "");
        switch (admission) {
            case Requests.Admission.Admitted admitted -> exchange.json(200, WebhookRoutes.accepted(admitted.receipt()));
            case Requests.Admission.NotFound _ -> throw noSuchRequest();
            case Requests.Admission.Refused refused -> throw HttpProblem.of(409, "still refused: " + refused.reason());
        }
    }

    private static boolean verified(Exchange exchange) {
        String text = exchange.query("verify").orElse("true");
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw HttpProblem.badParameter("verify", "'" + text + "' is neither 'true' nor 'false'");
        };
    }

    /** Lets all in, the oldest first, as they came. */
    private void admitAll(Exchange exchange) throws PluginFailure, InterruptedException {
        TaskId task = task(exchange);
        boolean verified = verified(exchange);
        List<Requests.Held> all = requests.quarantine(task).reversed();
        int admitted = 0;
        List<String> reasons = new ArrayList<>();
        for (Requests.Held held : all) {
            try {
                switch (requests.admit(task, held.id(), verified, exchange.peer())) {
                    case Requests.Admission.Admitted _ -> admitted++;
                    case Requests.Admission.NotFound _ -> {} // somebody else has seen to it
                    case Requests.Admission.Refused refused -> reasons.add(refused.reason());
                }
            } catch (OverloadedException e) {
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
        Audit.log(
                verified ? "quarantine-admit" : "quarantine-admit-unverified",
                exchange,
                admitted + " of " + all.size());
        int count = admitted;
        exchange.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("admitted", count);
            json.writeNumberField("refused", reasons.size());
            json.writeArrayFieldStart("reasons");
            for (String reason : reasons.stream().distinct().limit(10).toList()) {
                json.writeString(GoJson.text(reason));
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private void drop(Exchange exchange) {
        if (!requests.drop(task(exchange), id(exchange))) {
            throw noSuchRequest();
        }
        exchange.empty(204);
    }

    private void dropAll(Exchange exchange) {
        int removed = requests.dropAll(task(exchange));
        exchange.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("removed", removed);
            json.writeEndObject();
        });
    }

    private static long id(Exchange exchange) {
        return ExecutionRoutes.timestamp(exchange.parameter(1)).orElseThrow(() -> noSuchRequest());
    }

    private static HttpProblem noSuchRequest() {
        return HttpProblem.notFound(
                "the quarantine of the task has no request of that id; GET /task/{uuid}/quarantine lists them");
    }

    private static void text(JsonGenerator json, String name, String text) throws IOException {
        json.writeStringField(name, GoJson.text(text));
    }
}
