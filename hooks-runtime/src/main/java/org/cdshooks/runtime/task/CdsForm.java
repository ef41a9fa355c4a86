package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.cdshooks.api.HttpCall;

/**
 * The members of tasks and executions that are CDS's, in the order of CDS. The stored form and the one that the API shows
 * begin with them, and differ in what follows and in how a text is written that is no Unicode.
 *
 * <p>What came in stands where CDS has it: {@code webhook} for a request, {@code scheduled_task} for a timer, and the
 * type's lower-case name, with a {@code message}, for everything else. So no type is known here.
 */
public final class CdsForm {
    static final String HTTP = "http";
    static final String TIMER = "timer";

    /** How Go prints a time; the fraction without trailing zeros. */
    private static final DateTimeFormatter GO_TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral(" +0000 UTC")
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Members that mean something else, whatever a type is called: those of CDS, and ours in both forms. */
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
            "events",
            "replays",
            "replayed_after",
            "accepted_revision",
            "executed_revision",
            "replay_config",
            "due",
            "execution");

    private static final String OTHER_MESSAGE = "payload";

    private final UnaryOperator<String> writable;

    /** Writes members into the object that is open. */
    @FunctionalInterface
    public interface Members {
        /**
         * Writes them.
         *
         * @param json where to
         * @throws IOException if that fails
         */
        void writeTo(JsonGenerator json) throws IOException;
    }

    /**
     * Makes a form.
     *
     * @param writable returns what is written for a text that may hold half of a surrogate pair
     */
    public CdsForm(UnaryOperator<String> writable) {
        this.writable = writable;
    }

    /**
     * Writes what a task begins with, up to and including {@code stopped}.
     *
     * @param json an object that is open
     * @param task the task
     * @throws IOException if that fails
     */
    public void beginTask(JsonGenerator json, TaskRecord task) throws IOException {
        json.writeStringField("uuid", task.id().value());
        text(json, "type", task.type());
        config(json, task.config());
        json.writeBooleanField("stopped", task.stopped());
    }

    /**
     * Writes what an execution begins with, up to and including {@code status}.
     *
     * @param json an object that is open
     * @param execution the execution
     * @param headers which headers of a request are written, of those that {@link #isHeader} knows
     * @param more what follows in the object {@code webhook}
     * @throws IOException if that fails
     */
    public void beginExecution(JsonGenerator json, Execution execution, Predicate<String> headers, Members more)
            throws IOException {
        json.writeStringField("uuid", execution.key().task().value());
        text(json, "type", execution.key().type());
        json.writeNumberField("timestamp", execution.key().timestamp());
        json.writeNumberField("nb_errors", execution.errors());
        if (!execution.lastError().isEmpty()) {
            text(json, "last_error", execution.lastError());
        }
        json.writeNumberField("processing_timestamp", execution.processedAt());
        json.writeNumberField("workflow_run", execution.run());
        config(json, execution.config());
        source(json, execution, headers, more);
        json.writeStringField("status", execution.status().name());
    }

    private void source(JsonGenerator json, Execution execution, Predicate<String> headers, Members more)
            throws IOException {
        byte[] body = execution.payload().body();
        switch (execution.trigger()) {
            case HTTP -> {
                Map<String, List<String>> attributes = execution.payload().attributes();
                json.writeObjectFieldStart("webhook");
                text(json, "request_url", query(attributes));
                json.writeBinaryField("request_body", body);
                json.writeObjectFieldStart("request_header");
                for (Map.Entry<String, List<String>> header : attributes.entrySet()) {
                    if (isHeader(header.getKey()) && headers.test(header.getKey())) {
                        texts(json, canonical(header.getKey()), header.getValue());
                    }
                }
                json.writeEndObject();
                more.writeTo(json);
                json.writeEndObject();
            }
            case TIMER -> {
                json.writeObjectFieldStart("scheduled_task");
                json.writeStringField("date_scheduled_execution", GO_TIME.format(execution.dueAt()));
                json.writeEndObject();
            }
            default -> {
                json.writeObjectFieldStart(
                        writable.apply(messageName(execution.key().type())));
                json.writeBinaryField("message", body);
                json.writeEndObject();
            }
        }
    }

    private static String query(Map<String, List<String>> attributes) {
        List<String> query = attributes.getOrDefault(HttpCall.QUERY, List.of());
        return query.size() == 1 ? query.getFirst() : "";
    }

    /**
     * Writes the member {@code config}.
     *
     * @param json an object that is open
     * @param config the options
     * @throws IOException if that fails
     */
    public void config(JsonGenerator json, Map<String, ConfigValue> config) throws IOException {
        json.writeObjectFieldStart("config");
        for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
            json.writeObjectFieldStart(writable.apply(entry.getKey()));
            text(json, "value", entry.getValue().value());
            json.writeBooleanField("configurable", entry.getValue().configurable());
            text(json, "type", entry.getValue().type());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /**
     * Writes a member that is a text.
     *
     * @param json an object that is open
     * @param name its name
     * @param text the text
     * @throws IOException if that fails
     */
    public void text(JsonGenerator json, String name, String text) throws IOException {
        json.writeStringField(name, writable.apply(text));
    }

    /**
     * Writes a member that is a list of texts.
     *
     * @param json an object that is open
     * @param name its name
     * @param values the texts
     * @throws IOException if that fails
     */
    public void texts(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(writable.apply(name));
        for (String value : values) {
            json.writeString(writable.apply(value));
        }
        json.writeEndArray();
    }

    /** The member that the message of a type stands in. */
    static String messageName(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return RESERVED.contains(name) ? OTHER_MESSAGE : name;
    }

    /** Only names that come back from their canonical form may go where CDS has the headers. */
    static boolean isHeader(String name) {
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
}
