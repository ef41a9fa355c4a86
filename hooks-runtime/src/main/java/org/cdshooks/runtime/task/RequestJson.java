package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stored forms of what is noted and kept of requests. Fields that are not known are skipped. */
public final class RequestJson {
    private RequestJson() {}

    /**
     * Writes what was decided of a request.
     *
     * @param what the decision
     * @return UTF-8
     */
    public static byte[] encode(TurnedAway what) {
        return RecordJson.write(512, json -> {
            json.writeNumberField("at", what.at());
            RecordJson.CDS.text(json, "sender", what.sender());
            RecordJson.CDS.text(json, "method", what.method());
            RecordJson.CDS.text(json, "path", what.path());
            json.writeNumberField("status", what.status());
            writeSteps(json, what.steps());
            RecordJson.CDS.text(json, "stopped_by", what.stoppedBy());
            RecordJson.CDS.text(json, "reason", what.reason());
            json.writeNumberField("left_out", what.leftOut());
        });
    }

    /**
     * Writes a request that was refused.
     *
     * @param held the request
     * @return UTF-8, in clear
     */
    public static byte[] encode(HeldRequest held) {
        return RecordJson.write(2048 + held.body().length * 4 / 3, json -> {
            json.writeNumberField("at", held.at());
            RecordJson.CDS.text(json, "sender", held.sender());
            RecordJson.CDS.text(json, "method", held.method());
            RecordJson.CDS.text(json, "path", held.path());
            RecordJson.CDS.text(json, "query", held.query());
            json.writeObjectFieldStart("headers");
            for (Map.Entry<String, List<String>> header : held.headers().entrySet()) {
                RecordJson.CDS.texts(json, RecordJson.writable(header.getKey()), header.getValue());
            }
            json.writeEndObject();
            json.writeBinaryField("body", held.body());
            json.writeNumberField("status", held.status());
            RecordJson.CDS.text(json, "reason", held.reason());
        });
    }

    static void writeSteps(JsonGenerator json, List<Arrival.Step> steps) throws IOException {
        json.writeArrayFieldStart("steps");
        for (Arrival.Step step : steps) {
            json.writeStartObject();
            RecordJson.CDS.text(json, "step", step.name());
            RecordJson.CDS.text(json, "words", step.words());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static List<Arrival.Step> readSteps(JsonParser json) throws IOException {
        RecordJson.expect(json, JsonToken.START_ARRAY);
        List<Arrival.Step> steps = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String[] texts = {"", ""};
            RecordJson.members(json, (name, value) -> {
                switch (name) {
                    case "step" -> texts[0] = RecordJson.text(value);
                    case "words" -> texts[1] = RecordJson.text(value);
                    default -> value.skipChildren();
                }
            });
            steps.add(new Arrival.Step(texts[0], texts[1]));
        }
        return steps;
    }

    /**
     * Reads what was decided of a request.
     *
     * @param stored UTF-8
     * @return the decision
     * @throws MalformedRecordException if it is none
     */
    public static TurnedAway turnedAway(byte[] stored) {
        Fields fields = new Fields();
        RecordJson.read(stored, "trace", fields::read);
        return new TurnedAway(
                fields.at,
                fields.text("sender"),
                fields.text("method"),
                fields.text("path"),
                fields.status,
                fields.steps,
                fields.text("stopped_by"),
                fields.text("reason"),
                fields.leftOut);
    }

    /**
     * Reads a request that was refused.
     *
     * @param stored UTF-8, in clear
     * @return the request
     * @throws MalformedRecordException if it is none
     */
    public static HeldRequest held(byte[] stored) {
        Fields fields = new Fields();
        RecordJson.read(stored, "request", fields::read);
        return new HeldRequest(
                fields.at,
                fields.text("sender"),
                fields.text("method"),
                fields.text("path"),
                fields.text("query"),
                fields.headers,
                fields.body,
                fields.status,
                fields.text("reason"));
    }

    /** What has been read so far. */
    private static final class Fields {
        private final Map<String, String> texts = new TreeMap<>();
        private final Map<String, List<String>> headers = new TreeMap<>();
        private long at;
        private int status;
        private long leftOut;
        private List<Arrival.Step> steps = List.of();
        private byte[] body = {};

        void read(String name, JsonParser json) throws IOException {
            switch (name) {
                case "at" -> at = json.getLongValue();
                case "status" -> status = json.getIntValue();
                case "left_out" -> leftOut = json.getLongValue();
                case "steps" -> steps = readSteps(json);
                case "body" -> body = RecordJson.bytes(json);
                case "headers" ->
                    RecordJson.members(json, (header, values) -> headers.put(header, RecordJson.readTexts(values)));
                case "sender", "method", "path", "query", "stopped_by", "reason" ->
                    texts.put(name, RecordJson.text(json));
                default -> json.skipChildren();
            }
        }

        String text(String name) {
            return texts.getOrDefault(name, "");
        }
    }
}
