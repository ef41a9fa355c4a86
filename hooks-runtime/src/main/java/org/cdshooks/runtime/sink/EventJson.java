package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import org.cdshooks.api.EventSink.Delivery;

/** The JSON of an event, as the {@code http} sink sends and the {@code log} sink writes it. */
final class EventJson {
    private static final JsonFactory JSON = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
            .build();

    private EventJson() {}

    /** Returns the body of a call. Half of a surrogate pair, which UTF-8 can't carry, becomes a question mark. */
    static byte[] body(Delivery delivery) {
        return write(json -> {
                    json.writeStartObject();
                    json.writeStringField("uuid", delivery.task().id().value());
                    json.writeStringField("type", delivery.task().type());
                    json.writeStringField("execution", delivery.execution().value());
                    json.writeNumberField("timestamp", delivery.timestamp());
                    json.writeNumberField("attempt", delivery.attempt());
                    json.writeFieldName("payload");
                    writeMap(json, delivery.event().values());
                    json.writeEndObject();
                })
                .getBytes(UTF_8);
    }

    /** Returns the values of an event alone. */
    static String payload(Delivery delivery) {
        return write(json -> writeMap(json, delivery.event().values()));
    }

    private static void writeMap(JsonGenerator json, Map<String, String> values) throws IOException {
        json.writeStartObject();
        for (Map.Entry<String, String> entry : values.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    /** To text first: the generator for bytes throws on half of a surrogate pair, and such an event is a user's. */
    private static String write(Content content) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory can be written", e);
        }
        return text.toString();
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }
}
