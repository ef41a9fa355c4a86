package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;

/**
 * The stored form of an execution: the JSON that CDS stores and shows ({@link CdsForm}), followed by what only this service knows. Nothing
 * is lost on the way there and back. Fields that are not known are skipped, fields that are not there have the values of
 * a new execution, so what CDS's own service has written can be read.
 */
public final class ExecutionJson {
    private static final String CONTENT_TYPE = "content-type";

    private ExecutionJson() {}

    /**
     * Writes an execution.
     *
     * @param execution the execution
     * @return UTF-8
     */
    public static byte[] encode(Execution execution) {
        byte[] body = execution.payload().body();
        return RecordJson.write(1024 + body.length * 4 / 3, json -> {
            RecordJson.CDS.beginExecution(json, execution, name -> true, more -> {});
            writeOwn(json, execution, body);
        });
    }

    /** The attributes that have no place where CDS has what came in. */
    private static Map<String, List<String>> rest(Execution execution) {
        Map<String, List<String>> rest = new TreeMap<>(execution.payload().attributes());
        if (execution.trigger().equals(CdsForm.HTTP)) {
            rest.keySet().removeIf(CdsForm::isHeader);
            if (rest.getOrDefault(HttpCall.QUERY, List.of()).size() == 1) {
                rest.remove(HttpCall.QUERY);
            }
        }
        return rest;
    }

    private static void writeOwn(JsonGenerator json, Execution execution, byte[] body) throws IOException {
        RecordJson.CDS.text(json, "trigger", execution.trigger());
        if (execution.attempt() != 0) {
            json.writeNumberField("attempt", execution.attempt());
        }
        if (!execution.answer().isEmpty()) {
            RecordJson.CDS.text(json, "answer", execution.answer());
        }
        if (!execution.payload().contentType().equals(derivedContentType(execution))) {
            RecordJson.CDS.text(json, "content_type", execution.payload().contentType());
        }
        if (execution.trigger().equals(CdsForm.TIMER) && body.length > 0) {
            json.writeBinaryField("body", body);
        }
        if (execution.trigger().equals(CdsForm.HTTP)
                && !execution.payload().attributes().containsKey(HttpCall.QUERY)) {
            json.writeBooleanField("no_query", true);
        }
        Map<String, List<String>> rest = rest(execution);
        if (!rest.isEmpty()) {
            json.writeObjectFieldStart("attributes");
            for (Map.Entry<String, List<String>> attribute : rest.entrySet()) {
                RecordJson.CDS.texts(json, attribute.getKey(), attribute.getValue());
            }
            json.writeEndObject();
        }
        if (execution.events().isPresent()) {
            json.writeArrayFieldStart("events");
            for (OutgoingEvent event : execution.events().get()) {
                json.writeStartObject();
                json.writeObjectFieldStart("values");
                for (Map.Entry<String, String> value : event.event().values().entrySet()) {
                    RecordJson.CDS.text(json, RecordJson.writable(value.getKey()), value.getValue());
                }
                json.writeEndObject();
                json.writeBooleanField("delivered", event.delivered());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        writeMarks(json, execution.marks());
    }

    /** Comes last and only if there is something to tell: CDS's own service skips it. */
    private static void writeMarks(JsonGenerator json, ExecutionMarks marks) throws IOException {
        if (marks.replays() != 0) {
            json.writeNumberField("replays", marks.replays());
            json.writeNumberField("replayed_after", marks.replayedAfter());
        }
        if (marks.arrival().isPresent()) {
            json.writeObjectFieldStart("arrival");
            RecordJson.CDS.text(json, "sender", marks.arrival().get().sender());
            RequestJson.writeSteps(json, marks.arrival().get().steps());
            json.writeEndObject();
        }
        if (marks.stage() != ExecutionMarks.Stage.NONE) {
            json.writeStringField("stage", marks.stage().name().toLowerCase(Locale.ROOT));
        }
        writeRevisions(json, marks.revisions());
        if (!marks.told().isEmpty()) {
            json.writeObjectFieldStart("told");
            for (Map.Entry<String, String> value : marks.told().entrySet()) {
                RecordJson.CDS.text(json, RecordJson.writable(value.getKey()), value.getValue());
            }
            json.writeEndObject();
        }
    }

    /**
     * Writes with which revisions of its task an execution has to do, of those that are known.
     *
     * @param json where to, within an object
     * @param revisions what is noted of them
     * @throws IOException if that can't be written to
     */
    public static void writeRevisions(JsonGenerator json, RevisionMarks revisions) throws IOException {
        if (revisions.accepted() != 0) {
            json.writeNumberField("accepted_revision", revisions.accepted());
        }
        if (revisions.executed() != 0) {
            json.writeNumberField("executed_revision", revisions.executed());
        }
        if (revisions.config() == ReplayConfig.THEN) {
            json.writeStringField("replay_config", "then");
        }
    }

    /**
     * Reads an execution.
     *
     * @param stored UTF-8
     * @return the execution
     * @throws MalformedRecordException if it is none
     */
    public static Execution decode(byte[] stored) {
        Fields fields = new Fields();
        RecordJson.read(stored, "execution", (name, json) -> {
            switch (name) {
                case "uuid" -> fields.uuid = RecordJson.text(json);
                case "type" -> fields.type = RecordJson.text(json);
                case "timestamp" -> fields.timestamp = json.getLongValue();
                case "nb_errors" -> fields.errors = json.getIntValue();
                case "last_error" -> fields.lastError = RecordJson.text(json);
                case "processing_timestamp" -> fields.processedAt = json.getLongValue();
                case "workflow_run" -> fields.run = json.getLongValue();
                case "config" -> fields.config = RecordJson.readConfig(json);
                case "status" -> fields.status = status(RecordJson.text(json));
                case "trigger" -> fields.trigger = Optional.of(RecordJson.text(json));
                case "attempt" -> fields.attempt = json.getIntValue();
                case "replays" -> fields.replays = json.getIntValue();
                case "replayed_after" -> fields.replayedAfter = json.getIntValue();
                case "arrival" -> fields.arrival = Optional.of(readArrival(json));
                case "stage" -> fields.stage = stage(RecordJson.text(json));
                case "accepted_revision" -> fields.acceptedUnder = json.getLongValue();
                case "executed_revision" -> fields.executedUnder = json.getLongValue();
                case "replay_config" ->
                    fields.replayConfig = RecordJson.text(json).equals("then") ? ReplayConfig.THEN : ReplayConfig.NOW;
                case "answer" -> fields.answer = RecordJson.text(json);
                case "content_type" -> fields.contentType = Optional.of(RecordJson.text(json));
                case "body" -> fields.body = Optional.of(RecordJson.bytes(json));
                case "no_query" -> fields.noQuery = json.currentToken() == JsonToken.VALUE_TRUE;
                case "attributes" -> readAttributes(json, fields.attributes);
                case "told" -> RecordJson.members(json, (key, text) -> fields.told.put(key, RecordJson.text(text)));
                case "events" -> fields.events = readEvents(json);
                case "webhook" -> {
                    fields.fromHttp |= json.currentToken() == JsonToken.START_OBJECT;
                    readRequest(json, fields);
                }
                case "scheduled_task" -> {
                    fields.fromTimer |= json.currentToken() == JsonToken.START_OBJECT;
                    json.skipChildren();
                }
                default -> readMessage(name, json, fields);
            }
        });
        try {
            return fields.toExecution();
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("the stored execution can't be read: " + e.getMessage(), e);
        }
    }

    /**
     * Tells whether an execution says a status, which {@link #decode} makes up if it does not.
     *
     * @param stored UTF-8
     * @return false if the status is empty or not there
     * @throws MalformedRecordException if it is no execution
     */
    public static boolean hasStatus(byte[] stored) {
        boolean[] has = {false};
        RecordJson.read(stored, "execution", (name, json) -> {
            if (name.equals("status")) {
                has[0] = !RecordJson.text(json).isEmpty();
            } else {
                json.skipChildren();
            }
        });
        return has[0];
    }

    private static Arrival readArrival(JsonParser json) throws IOException {
        String[] sender = {""};
        List<Arrival.Step> steps = new ArrayList<>();
        RecordJson.members(json, (name, value) -> {
            switch (name) {
                case "sender" -> sender[0] = RecordJson.text(value);
                case "steps" -> steps.addAll(RequestJson.readSteps(value));
                default -> value.skipChildren();
            }
        });
        return new Arrival(sender[0], steps);
    }

    private static ExecutionMarks.Stage stage(String text) {
        return switch (text) {
            case "hook" -> ExecutionMarks.Stage.HOOK;
            case "sink" -> ExecutionMarks.Stage.SINK;
            default -> ExecutionMarks.Stage.NONE;
        };
    }

    private static void readAttributes(JsonParser json, Map<String, List<String>> attributes) throws IOException {
        RecordJson.members(json, (name, values) -> attributes.put(name, RecordJson.readTexts(values)));
    }

    private static void readRequest(JsonParser json, Fields fields) throws IOException {
        RecordJson.members(json, (name, value) -> {
            switch (name) {
                case "request_url" -> fields.query = RecordJson.text(value);
                case "request_body" -> fields.body = Optional.of(RecordJson.bytes(value));
                case "request_header" ->
                    RecordJson.members(
                            value,
                            (header, values) -> fields.attributes
                                    .computeIfAbsent(header.toLowerCase(Locale.ROOT), lower -> new ArrayList<>())
                                    .addAll(RecordJson.readTexts(values)));
                default -> value.skipChildren();
            }
        });
    }

    /** Keeps what may be a message until the type is known, for it may come later. */
    private static void readMessage(String name, JsonParser json, Fields fields) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        RecordJson.members(json, (member, value) -> {
            if (member.equals("message") && value.currentToken() == JsonToken.VALUE_STRING) {
                fields.messages.put(name, value.getText());
            } else {
                value.skipChildren();
            }
        });
    }

    private static Optional<List<OutgoingEvent>> readEvents(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return Optional.empty();
        }
        RecordJson.expect(json, JsonToken.START_ARRAY);
        List<OutgoingEvent> events = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            Map<String, String> values = new HashMap<>();
            boolean[] delivered = {false};
            RecordJson.members(json, (name, value) -> {
                switch (name) {
                    case "values" -> RecordJson.members(value, (key, text) -> values.put(key, RecordJson.text(text)));
                    case "delivered" -> delivered[0] = value.currentToken() == JsonToken.VALUE_TRUE;
                    default -> value.skipChildren();
                }
            });
            events.add(new OutgoingEvent(HookEvent.of(values), delivered[0]));
        }
        return Optional.of(List.copyOf(events));
    }

    /** CDS's own service leaves the status empty while an execution waits for its first scan. */
    private static ExecutionStatus status(String text) {
        if (text.isEmpty()) {
            return ExecutionStatus.SCHEDULED;
        }
        for (ExecutionStatus status : ExecutionStatus.values()) {
            if (status.name().equals(text)) {
                return status;
            }
        }
        throw new MalformedRecordException("the stored execution has a status that is not known: " + text);
    }

    private static String derivedContentType(Execution execution) {
        return execution.trigger().equals(CdsForm.HTTP)
                ? execution.payload().attribute(CONTENT_TYPE).orElse("")
                : "";
    }

    /** What has been read so far. */
    private static final class Fields {
        private String uuid = "";
        private String type = "";
        private long timestamp;
        private int errors;
        private String lastError = "";
        private long processedAt;
        private long run;
        private Map<String, ConfigValue> config = Map.of();
        private ExecutionStatus status = ExecutionStatus.SCHEDULED;
        private Optional<String> trigger = Optional.empty();
        private int attempt;
        private int replays;
        private int replayedAfter;
        private Optional<Arrival> arrival = Optional.empty();
        private ExecutionMarks.Stage stage = ExecutionMarks.Stage.NONE;
        private long acceptedUnder;
        private long executedUnder;
        private ReplayConfig replayConfig = ReplayConfig.NOW;
        private String answer = "";
        private Optional<String> contentType = Optional.empty();
        private Optional<byte[]> body = Optional.empty();
        private String query = "";
        private boolean noQuery;
        private boolean fromHttp;
        private boolean fromTimer;
        private final Map<String, List<String>> attributes = new LinkedHashMap<>();
        private final Map<String, String> messages = new HashMap<>();
        private final Map<String, String> told = new HashMap<>();
        private Optional<List<OutgoingEvent>> events = Optional.empty();

        Execution toExecution() {
            String from = trigger.orElse(fromHttp ? CdsForm.HTTP : fromTimer ? CdsForm.TIMER : "listener");
            if (from.equals(CdsForm.HTTP) && !noQuery) {
                attributes.putIfAbsent(HttpCall.QUERY, List.of(query));
            }
            Optional<byte[]> message =
                    Optional.ofNullable(messages.get(CdsForm.messageName(type))).map(Fields::base64);
            String media = contentType.orElseGet(() -> from.equals(CdsForm.HTTP)
                    ? String.join(", ", attributes.getOrDefault(CONTENT_TYPE, List.of()))
                    : "");
            return new Execution(
                    new ExecutionKey(type, RecordJson.taskId(uuid), timestamp),
                    from,
                    status,
                    attempt,
                    errors,
                    lastError,
                    processedAt,
                    run,
                    answer,
                    config,
                    Payload.of(media, body.or(() -> message).orElse(new byte[0]))
                            .withAttributes(attributes),
                    events,
                    new ExecutionMarks(
                            replays,
                            replayedAfter,
                            arrival,
                            stage,
                            new RevisionMarks(acceptedUnder, executedUnder, replayConfig),
                            told));
        }

        private static byte[] base64(String text) {
            return Base64.getDecoder().decode(text);
        }
    }
}
