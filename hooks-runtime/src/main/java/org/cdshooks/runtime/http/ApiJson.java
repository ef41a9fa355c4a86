package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.plugin.PluginReport;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;

/**
 * What the API shows of tasks and executions: the fields of CDS in the order of CDS (PROTOCOL 4.2, 4.3), then ours. What
 * comes here is blanked already: views by the engine, executions before they are stored.
 */
final class ApiJson {
    private static final String TIMER = "timer";
    private static final DateTimeFormatter GO_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss '+0000 UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ApiJson() {}

    static void task(JsonGenerator json, TaskView view, Optional<List<Execution>> executions) throws IOException {
        json.writeStartObject();
        text(json, "uuid", view.task().id().value());
        text(json, "type", view.task().type());
        config(json, view.task().config());
        json.writeBooleanField("stopped", view.task().stopped());
        if (executions.isPresent()) {
            json.writeArrayFieldStart("executions");
            for (Execution execution : executions.get()) {
                execution(json, execution);
            }
            json.writeEndArray();
        } else {
            json.writeNullField("executions");
        }
        json.writeNumberField("nb_executions_total", view.counts().total());
        json.writeNumberField("nb_executions_todo", view.counts().unfinished());
        json.writeNumberField("nb_executions_failed", view.counts().failed());
        json.writeNumberField("revision", view.task().revision());
        json.writeNumberField("created", view.task().createdAt());
        if (!view.task().stopReason().isEmpty()) {
            text(json, "stop_reason", view.task().stopReason());
        }
        if (view.problem().isPresent()) {
            text(json, "problem", view.problem().get());
        }
        if (!view.warnings().isEmpty()) {
            json.writeArrayFieldStart("warnings");
            for (ConfigProblem warning : view.warnings()) {
                json.writeStartObject();
                text(json, "option", warning.option());
                text(json, "message", warning.message());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        if (!view.secrets().isEmpty()) {
            texts(json, "secrets", view.secrets().stream().sorted().toList());
        }
        json.writeEndObject();
    }

    static void execution(JsonGenerator json, Execution execution) throws IOException {
        json.writeStartObject();
        text(json, "uuid", execution.key().task().value());
        text(json, "type", execution.key().type());
        json.writeNumberField("timestamp", execution.key().timestamp());
        json.writeNumberField("nb_errors", execution.errors());
        if (!execution.lastError().isEmpty()) {
            text(json, "last_error", execution.lastError());
        }
        json.writeNumberField("processing_timestamp", execution.processedAt());
        json.writeNumberField("workflow_run", execution.run());
        config(json, execution.config());
        source(json, execution);
        json.writeStringField("status", execution.status().name());
        text(json, "trigger", execution.trigger());
        json.writeNumberField("attempt", execution.attempt());
        if (!execution.answer().isEmpty()) {
            text(json, "answer", execution.answer());
        }
        json.writeStringField("due", execution.dueAt().toString());
        text(json, "execution", execution.key().toString());
        json.writeEndObject();
    }

    /** What came in, where CDS has it: requests, times, and for everything else a message under the type's name. */
    private static void source(JsonGenerator json, Execution execution) throws IOException {
        Payload payload = execution.payload();
        if (payload.attributes().containsKey(HttpCall.METHOD)) {
            json.writeObjectFieldStart("webhook");
            text(json, "request_url", payload.attribute(HttpCall.QUERY).orElse(""));
            json.writeBinaryField("request_body", payload.body());
            json.writeObjectFieldStart("request_header");
            for (Map.Entry<String, List<String>> header : payload.attributes().entrySet()) {
                if (isShown(header.getKey())) {
                    texts(json, canonical(header.getKey()), header.getValue());
                }
            }
            json.writeEndObject();
            text(json, "request_method", payload.attribute(HttpCall.METHOD).orElse(""));
            String path = payload.attribute(HttpCall.PATH).orElse("");
            if (!path.isEmpty()) {
                text(json, "request_path", path);
            }
            json.writeEndObject();
        } else if (execution.trigger().equals(TIMER)) {
            json.writeObjectFieldStart("scheduled_task");
            json.writeStringField("date_scheduled_execution", GO_TIME.format(execution.dueAt()));
            json.writeEndObject();
        } else {
            json.writeObjectFieldStart(execution.key().type().toLowerCase(Locale.ROOT));
            json.writeBinaryField("message", payload.body());
            json.writeEndObject();
        }
    }

    /** Go keeps two headers elsewhere than among the headers. */
    private static boolean isShown(String name) {
        return !name.startsWith(":") && !name.equals("host") && !name.equals("transfer-encoding");
    }

    private static String canonical(String name) {
        StringBuilder canonical = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            boolean first = i == 0 || name.charAt(i - 1) == '-';
            canonical.append(first ? Character.toUpperCase(name.charAt(i)) : name.charAt(i));
        }
        return GoJson.text(canonical.toString());
    }

    static void config(JsonGenerator json, Map<String, ConfigValue> config) throws IOException {
        json.writeObjectFieldStart("config");
        for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
            json.writeObjectFieldStart(GoJson.text(entry.getKey()));
            text(json, "value", entry.getValue().value());
            json.writeBooleanField("configurable", entry.getValue().configurable());
            text(json, "type", entry.getValue().type());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    static void plugins(JsonGenerator json, PluginReport report) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("plugins");
        for (PluginReport.Line line : report.plugins()) {
            json.writeStartObject();
            text(json, "name", line.name());
            text(json, "version", line.version());
            text(json, "source", line.source());
            json.writeBooleanField("ready", line.isReady());
            texts(json, "hook_types", line.hookTypes());
            texts(json, "sinks", line.sinks());
            texts(json, "problems", line.problems());
            texts(json, "warnings", line.warnings());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void times(JsonGenerator json, List<Instant> times) throws IOException {
        json.writeStartObject();
        texts(json, "next", times.stream().map(Instant::toString).toList());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, String value) throws IOException {
        json.writeStringField(name, GoJson.text(value));
    }

    private static void texts(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(GoJson.text(value));
        }
        json.writeEndArray();
    }
}
