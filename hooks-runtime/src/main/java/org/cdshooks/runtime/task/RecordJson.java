package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.TaskId;

/** What the stored forms of tasks and executions have in common. */
final class RecordJson {
    /**
     * Limits are those of the way in, not of the way back: what was stored must be readable. The pool of buffers is one that
     * virtual threads profit from.
     */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
            .build();

    /** Begins a text that is written as the hexadecimal numbers of its characters. No text begins with it: it is none. */
    private static final char HEX_MARK = '\uFFFE';

    private static final HexFormat HEX = HexFormat.of();

    /** Writes what CDS stores, too. */
    static final CdsForm CDS = new CdsForm(RecordJson::writable);

    private RecordJson() {}

    /** Reads one member of an object: the parser stands on its value, and is to be left on its last token. */
    interface MemberReader {
        void read(String name, JsonParser json) throws IOException;
    }

    static byte[] write(int sizeHint, CdsForm.Members members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(sizeHint);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            members.writeTo(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail", e);
        }
        return out.toByteArray();
    }

    static void read(byte[] stored, String what, MemberReader reader) {
        try (JsonParser json = FACTORY.createParser(stored)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedRecordException("the stored " + what + " is not a JSON object");
            }
            members(json, reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedRecordException("the stored " + what + " can't be read: " + e.getMessage(), e);
        }
    }

    /** Reads the object on which the parser stands; a null, which Go writes for an empty map, is an empty object. */
    static void members(JsonParser json, MemberReader reader) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        expect(json, JsonToken.START_OBJECT);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = restored(json.currentName());
            json.nextToken();
            reader.read(name, json);
        }
    }

    static Map<String, ConfigValue> readConfig(JsonParser json) throws IOException {
        Map<String, ConfigValue> config = new LinkedHashMap<>();
        members(json, (name, value) -> config.put(name, readConfigValue(value)));
        return config;
    }

    private static ConfigValue readConfigValue(JsonParser json) throws IOException {
        String[] texts = {"", ""};
        boolean[] configurable = {false};
        members(json, (name, value) -> {
            switch (name) {
                case "value" -> texts[0] = text(value);
                case "configurable" -> configurable[0] = value.currentToken() == JsonToken.VALUE_TRUE;
                case "type" -> texts[1] = text(value);
                default -> value.skipChildren();
            }
        });
        return new ConfigValue(texts[0], configurable[0], texts[1]);
    }

    static List<String> readTexts(JsonParser json) throws IOException {
        List<String> values = new ArrayList<>();
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return values;
        }
        expect(json, JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(text(json));
        }
        return values;
    }

    static String text(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return "";
        }
        expect(json, JsonToken.VALUE_STRING);
        return restored(json.getText());
    }

    /**
     * Returns the form of a text that JSON can hold. A Java string may hold half of a surrogate pair, which UTF-8 has no form
     * for and Jackson's parsers refuse; and an execution must not be lost because of what a sender put into it.
     */
    static String writable(String text) {
        if (!isMalformed(text)) {
            return text;
        }
        StringBuilder hex = new StringBuilder(1 + 4 * text.length()).append(HEX_MARK);
        text.chars().forEach(c -> hex.append(HEX.toHexDigits((char) c)));
        return hex.toString();
    }

    private static boolean isMalformed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c) || (c == HEX_MARK && i == 0)) {
                return true;
            }
        }
        return false;
    }

    private static String restored(String text) {
        if (text.isEmpty() || text.charAt(0) != HEX_MARK) {
            return text;
        }
        StringBuilder restored = new StringBuilder(text.length() / 4);
        for (int i = 1; i + 4 <= text.length(); i += 4) {
            restored.append((char) HexFormat.fromHexDigits(text, i, i + 4));
        }
        return restored.toString();
    }

    static byte[] bytes(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return new byte[0];
        }
        expect(json, JsonToken.VALUE_STRING);
        return json.getBinaryValue();
    }

    static TaskId taskId(String uuid) {
        if (!TaskId.isValid(uuid)) {
            throw new MalformedRecordException("the stored uuid \"" + uuid + "\" can't be the id of a task");
        }
        return new TaskId(uuid);
    }

    static void expect(JsonParser json, JsonToken token) {
        if (json.currentToken() != token) {
            throw new MalformedRecordException("expected " + token + " at "
                    + json.currentLocation().offsetDescription() + ", found " + json.currentToken());
        }
    }
}
