package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.plugin.PluginReport;
import org.cdshooks.runtime.task.CdsForm;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.StopMode;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * What the API shows of tasks and executions: the fields of CDS in the order of CDS (PROTOCOL 4.2, 4.3), then ours. What
 * comes here is blanked already: views by the engine, executions before they are stored.
 */
final class ApiJson {
    private static final CdsForm CDS = new CdsForm(GoJson::text);

    private ApiJson() {}

    static void task(JsonGenerator json, TaskView view, Optional<? extends Iterable<Execution>> executions)
            throws IOException {
        json.writeStartObject();
        CDS.beginTask(json, view.task());
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
            CDS.text(json, "stop_reason", view.task().stopReason());
        }
        if (view.task().stopMode() != StopMode.STOP) {
            json.writeStringField("stop_mode", view.task().stopMode().name().toLowerCase(Locale.ROOT));
        }
        if (view.pausedUntil().isPresent()) {
            json.writeStringField("paused_until", view.pausedUntil().get().toString());
        }
        if (view.problem().isPresent()) {
            CDS.text(json, "problem", view.problem().get());
        }
        if (!view.warnings().isEmpty()) {
            json.writeArrayFieldStart("warnings");
            for (ConfigProblem warning : view.warnings()) {
                json.writeStartObject();
                CDS.text(json, "option", warning.option());
                CDS.text(json, "message", warning.message());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        if (!view.secrets().isEmpty()) {
            CDS.texts(json, "secrets", view.secrets().stream().sorted().toList());
        }
        if (!view.defaults().isEmpty()) {
            json.writeObjectFieldStart("defaults");
            for (Map.Entry<String, String> option : view.defaults().entrySet()) {
                CDS.text(json, GoJson.text(option.getKey()), option.getValue());
            }
            json.writeEndObject();
        }
        if (view.refused() > 0) {
            json.writeNumberField("nb_requests_refused", view.refused());
        }
        json.writeEndObject();
    }

    static void text(JsonGenerator json, String name, String text) throws IOException {
        CDS.text(json, name, text);
    }

    static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        CDS.texts(json, name, texts);
    }

    /** Writes the config of a task that can be shown. */
    static void config(JsonGenerator json, TaskRecord task) throws IOException {
        CDS.config(json, task.config());
    }

    static void execution(JsonGenerator json, Execution execution) throws IOException {
        json.writeStartObject();
        CDS.beginExecution(json, execution, ApiJson::isShown, more -> request(more, execution.payload()));
        CDS.text(json, "trigger", execution.trigger());
        json.writeNumberField("attempt", execution.attempt());
        if (!execution.answer().isEmpty()) {
            CDS.text(json, "answer", execution.answer());
        }
        if (execution.marks().replays() > 0) {
            json.writeNumberField("replays", execution.marks().replays());
            json.writeNumberField("replayed_after", execution.marks().replayedAfter());
        }
        ExecutionJson.writeRevisions(json, execution.marks().revisions());
        json.writeStringField("due", execution.dueAt().toString());
        CDS.text(json, "execution", execution.key().toString());
        json.writeEndObject();
    }

    /** Go keeps two headers elsewhere than among the headers. */
    private static boolean isShown(String header) {
        return !header.equals("host") && !header.equals("transfer-encoding");
    }

    /** What CDS does not keep of a request, nor have its own executions of before. */
    private static void request(JsonGenerator json, Payload payload) throws IOException {
        Optional<String> method = payload.attribute(HttpCall.METHOD);
        if (method.isPresent()) {
            CDS.text(json, "request_method", method.get());
        }
        Optional<String> path = payload.attribute(HttpCall.PATH);
        if (path.isPresent() && !path.get().isEmpty()) {
            CDS.text(json, "request_path", path.get());
        }
    }

    static void replays(JsonGenerator json, Executions.Replays replays) throws IOException {
        json.writeStartObject();
        replay(json, "running", replays.running());
        replay(json, "last", replays.last());
        json.writeEndObject();
    }

    private static void replay(JsonGenerator json, String name, Optional<Executions.ReplayReport> replay)
            throws IOException {
        if (replay.isEmpty()) {
            json.writeNullField(name);
            return;
        }
        Executions.ReplayReport report = replay.get();
        json.writeObjectFieldStart(name);
        json.writeStringField("since", report.since().toString());
        CDS.text(json, "started_by", report.startedBy());
        if (report.ended().isPresent()) {
            json.writeStringField("ended", report.ended().get().toString());
        }
        json.writeNumberField("matched", report.matched());
        json.writeNumberField("replayed", report.replayed());
        json.writeNumberField("skipped", report.skipped());
        json.writeNumberField("refused", report.refused());
        if (report.stoppedBy().isPresent()) {
            CDS.text(json, "stopped_by", report.stoppedBy().get());
        }
        if (report.problem().isPresent()) {
            CDS.text(json, "problem", report.problem().get());
        }
        json.writeEndObject();
    }

    static void plugins(JsonGenerator json, PluginReport report) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("plugins");
        for (PluginReport.Line line : report.plugins()) {
            json.writeStartObject();
            CDS.text(json, "name", line.name());
            CDS.text(json, "version", line.version());
            CDS.text(json, "source", line.source());
            json.writeBooleanField("ready", line.isReady());
            CDS.texts(json, "hook_types", line.hookTypes());
            CDS.texts(json, "sinks", line.sinks());
            CDS.texts(json, "problems", line.problems());
            CDS.texts(json, "warnings", line.warnings());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void times(JsonGenerator json, List<Instant> times) throws IOException {
        json.writeStartObject();
        CDS.texts(json, "next", times.stream().map(Instant::toString).toList());
        json.writeEndObject();
    }
}
