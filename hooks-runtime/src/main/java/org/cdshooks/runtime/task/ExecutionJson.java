package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;

/**
 * The stored form of an execution: the JSON that CDS stores and shows, followed by what only this service knows. Nothing
 * is lost on the way there and back. Fields that are not known are skipped, fields that are not there have the values of
 * a new execution, so what CDS's own service has written can be read.
 *
 * <p>What came in stands where CDS has it: {@code webhook} for a request, {@code scheduled_task} for a timer, and the
 * type's lower-case name, with a {@code message}, for everything else. So no type is known here.
 */
public final class ExecutionJson {
    private static final String HTTP = "http";
    private static final String TIMER = "timer";
    private static final String CONTENT_TYPE = "content-type";

    /** How Go prints a time; the fraction without trailing zeros. */
    private static final DateTimeFormatter GO_TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral(" +0000 UTC")
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Members that mean something else, whatever a type is called. */
    private static final Set<String> RESERVED = Set.of(
            "uuid",
            "type",
            "timestamp",
            "nb_errors",
            "last_error",
            "processing_timestamp",
            "workflow_run",
            "config",
            "webhook",
            "scheduled_task",
            "status",
            "trigger",
            "attempt",
            "answer",
            "content_type",
            "body",
            "attributes",
            "no_query",
            "events");

    private static final String OTHER_MESSAGE = "payload";

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
            json.writeStringField("uuid", execution.key().task().value());
            RecordJson.writeText(json, "type", execution.key().type());
            json.writeNumberField("timestamp", execution.key().timestamp());
            json.writeNumberField("nb_errors", execution.errors());
            if (!execution.lastError().isEmpty()) {
                RecordJson.writeText(json, "last_error", execution.lastError());
            }
            json.writeNumberField("processing_timestamp", execution.processedAt());
            json.writeNumberField("workflow_run", execution.run());
            RecordJson.writeConfig(json, execution.config());
            Map<String, List<String>> rest = writePayload(json, execution, body);
            json.writeStringField("status", execution.status().name());
            writeOwn(json, execution, rest, body);
        });
    }

    /** Writes what came in where CDS has it, and returns the attributes that have no place there. */
    private static Map<String, List<String>> writePayload(JsonGenerator json, Execution execution, byte[] body)
            throws IOException {
        Map<String, List<String>> rest = new TreeMap<>(execution.payload().attributes());
        switch (execution.trigger()) {
            case HTTP -> {
                json.writeObjectFieldStart("webhook");
                List<String> query = rest.getOrDefault(HttpCall.QUERY, List.of());
                if (query.size() == 1) {
                    rest.remove(HttpCall.QUERY);
                }
                RecordJson.writeText(json, "request_url", query.size() == 1 ? query.getFirst() : "");
                json.writeBinaryField("request_body", body);
                json.writeObjectFieldStart("request_header");
                for (Map.Entry<String, List<String>> header :
                        execution.payload().attributes().entrySet()) {
                    if (isHeader(header.getKey())) {
                        RecordJson.writeTexts(json, canonical(header.getKey()), header.getValue());
                        rest.remove(header.getKey());
                    }
                }
                json.writeEndObject();
                json.writeEndObject();
            }
            case TIMER -> {
                json.writeObjectFieldStart("scheduled_task");
                json.writeStringField("date_scheduled_execution", GO_TIME.format(execution.dueAt()));
                json.writeEndObject();
            }
            default -> {
                json.writeObjectFieldStart(
                        RecordJson.writable(messageName(execution.key().type())));
                json.writeBinaryField("message", body);
                json.writeEndObject();
            }
        }
        return rest;
    }

    private static void writeOwn(JsonGenerator json, Execution execution, Map<String, List<String>> rest, byte[] body)
            throws IOException {
        RecordJson.writeText(json, "trigger", execution.trigger());
        if (execution.attempt() != 0) {
            json.writeNumberField("attempt", execution.attempt());
        }
        if (!execution.answer().isEmpty()) {
            RecordJson.writeText(json, "answer", execution.answer());
        }
        if (!execution.payload().contentType().equals(derivedContentType(execution))) {
            RecordJson.writeText(json, "content_type", execution.payload().contentType());
        }
        if (execution.trigger().equals(TIMER) && body.length > 0) {
            json.writeBinaryField("body", body);
        }
        if (execution.trigger().equals(HTTP)
                && !execution.payload().attributes().containsKey(HttpCall.QUERY)) {
            json.writeBooleanField("no_query", true);
        }
        if (!rest.isEmpty()) {
            json.writeObjectFieldStart("attributes");
            for (Map.Entry<String, List<String>> attribute : rest.entrySet()) {
                RecordJson.writeTexts(json, attribute.getKey(), attribute.getValue());
            }
            json.writeEndObject();
        }
        if (execution.events().isPresent()) {
            json.writeArrayFieldStart("events");
            for (OutgoingEvent event : execution.events().get()) {
                json.writeStartObject();
                json.writeObjectFieldStart("values");
                for (Map.Entry<String, String> value : event.event().values().entrySet()) {
                    RecordJson.writeText(json, RecordJson.writable(value.getKey()), value.getValue());
                }
                json.writeEndObject();
                json.writeBooleanField("delivered", event.delivered());
                json.writeEndObject();
            }
            json.writeEndArray();
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
                case "answer" -> fields.answer = RecordJson.text(json);
                case "content_type" -> fields.contentType = Optional.of(RecordJson.text(json));
                case "body" -> fields.body = Optional.of(RecordJson.bytes(json));
                case "no_query" -> fields.noQuery = json.currentToken() == JsonToken.VALUE_TRUE;
                case "attributes" -> readAttributes(json, fields.attributes);
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

    private static String messageName(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return RESERVED.contains(name) ? OTHER_MESSAGE : name;
    }

    private static String derivedContentType(Execution execution) {
        return execution.trigger().equals(HTTP)
                ? execution.payload().attribute(CONTENT_TYPE).orElse("")
                : "";
    }

    /** Only names that come back from their canonical form may go where CDS has the headers. */
    private static boolean isHeader(String name) {
        if (name.isEmpty()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean token = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
            if (!token) {
                return false;
            }
        }
        return true;
    }

    /** As Go does it: the first letter and each one after a hyphen in upper case. */
    private static String canonical(String name) {
        StringBuilder canonical = new StringBuilder(name.length());
        boolean first = true;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            canonical.append(first && c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
            first = c == '-';
        }
        return canonical.toString();
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
        private String answer = "";
        private Optional<String> contentType = Optional.empty();
        private Optional<byte[]> body = Optional.empty();
        private String query = "";
        private boolean noQuery;
        private boolean fromHttp;
        private boolean fromTimer;
        private final Map<String, List<String>> attributes = new LinkedHashMap<>();
        private final Map<String, String> messages = new HashMap<>();
        private Optional<List<OutgoingEvent>> events = Optional.empty();

        Execution toExecution() {
            String from = trigger.orElse(fromHttp ? HTTP : fromTimer ? TIMER : "listener");
            if (from.equals(HTTP) && !noQuery) {
                attributes.putIfAbsent(HttpCall.QUERY, List.of(query));
            }
            Optional<byte[]> message =
                    Optional.ofNullable(messages.get(messageName(type))).map(Fields::base64);
            String media = contentType.orElseGet(
                    () -> from.equals(HTTP) ? String.join(", ", attributes.getOrDefault(CONTENT_TYPE, List.of())) : "");
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
                    events);
        }

        private static byte[] base64(String text) {
            return Base64.getDecoder().decode(text);
        }
    }
}
