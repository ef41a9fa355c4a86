package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.cdshooks.runtime.engine.Rehearsal;
import org.cdshooks.runtime.filter.Verdict;
import org.cdshooks.runtime.task.ConfigValue;

/** What the API shows of a rehearsal. */
final class RehearsalJson {
    private RehearsalJson() {}

    static void write(JsonGenerator json, Rehearsal rehearsal) throws IOException {
        json.writeStartObject();
        if (rehearsal.answer().isPresent()) {
            Rehearsal.Answer answer = rehearsal.answer().get();
            json.writeObjectFieldStart("answer");
            json.writeBooleanField("accepted", answer.accepted());
            json.writeNumberField("status", answer.status());
            textIfAny(json, "message", answer.message());
            if (answer.body().isPresent()) {
                textIfAny(json, "content_type", answer.body().get().contentType());
                text(json, "body", answer.body().get().text());
            }
            json.writeEndObject();
        }
        json.writeArrayFieldStart("executions");
        for (Rehearsal.Run run : rehearsal.runs()) {
            run(json, run);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("sink");
        text(json, "name", rehearsal.sink());
        json.writeObjectFieldStart("config");
        for (Map.Entry<String, ConfigValue> option : rehearsal.sinkConfig().entrySet()) {
            text(json, option.getKey(), option.getValue().value());
        }
        json.writeEndObject();
        json.writeEndObject();
        texts(json, "notes", rehearsal.notes());
        json.writeEndObject();
    }

    private static void run(JsonGenerator json, Rehearsal.Run run) throws IOException {
        json.writeStartObject();
        text(json, "trigger", run.trigger());
        if (run.delivery().isPresent()) {
            text(json, "delivery", run.delivery().get());
        }
        text(json, "result", run.result().name().toLowerCase(Locale.ROOT));
        textIfAny(json, "reason", run.reason());
        json.writeArrayFieldStart("events");
        for (Rehearsal.Event event : run.events()) {
            json.writeStartObject();
            values(json, "before", event.made().values());
            switch (event.verdict()) {
                case Verdict.Passed passed -> {
                    json.writeBooleanField("passed", true);
                    values(json, "after", passed.event().values());
                }
                case Verdict.Stopped stopped -> {
                    json.writeBooleanField("passed", false);
                    text(json, "stopped_by", stopped.rule());
                    text(json, "reason", stopped.reason());
                }
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void values(JsonGenerator json, String name, Map<String, String> values) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> value : values.entrySet()) {
            text(json, value.getKey(), value.getValue());
        }
        json.writeEndObject();
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(GoJson.text(text));
        }
        json.writeEndArray();
    }

    private static void textIfAny(JsonGenerator json, String name, String text) throws IOException {
        if (!text.isEmpty()) {
            text(json, name, text);
        }
    }

    private static void text(JsonGenerator json, String name, String text) throws IOException {
        json.writeStringField(GoJson.text(name), GoJson.text(text));
    }
}
