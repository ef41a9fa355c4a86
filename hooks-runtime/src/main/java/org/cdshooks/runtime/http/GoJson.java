package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON as Go's encoder does, which is what CDS clients have been tested against (PROTOCOL 1). */
final class GoJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
            .build();

    static {
        FACTORY.setCharacterEscapes(new GoEscapes());
    }

    private GoJson() {}

    /** Writes one document. */
    @FunctionalInterface
    interface Content {
        void writeTo(JsonGenerator json) throws IOException;
    }

    static byte[] bytes(Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            content.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes a document of any length; one that fails is left as it is, cut off. */
    static void stream(OutputStream out, Content content) throws IOException {
        JsonGenerator json = FACTORY.createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        content.writeTo(json);
        json.close();
    }

    /** Writes what was read, its texts included that are no Unicode. */
    static void tree(JsonGenerator json, JsonNode node) throws IOException {
        switch (node) {
            case ObjectNode object -> {
                json.writeStartObject();
                for (Map.Entry<String, JsonNode> member : object.properties()) {
                    json.writeFieldName(text(member.getKey()));
                    tree(json, member.getValue());
                }
                json.writeEndObject();
            }
            case ArrayNode array -> {
                json.writeStartArray();
                for (JsonNode element : array) {
                    tree(json, element);
                }
                json.writeEndArray();
            }
            case TextNode text -> json.writeString(text(text.textValue()));
            case DecimalNode number -> json.writeNumber(number.decimalValue());
            case BooleanNode bool -> json.writeBoolean(bool.booleanValue());
            case NullNode _ -> json.writeNull();
            default -> json.writeNumber(node.bigIntegerValue()); // nothing else comes out of a JSON text
        }
    }

    /** Replaces what is no Unicode text, as Go does: half a surrogate pair can't be written as UTF-8. */
    static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return text.codePoints()
                        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            }
        }
        return text;
    }

    private static final class GoEscapes extends CharacterEscapes {
        @Serial
        private static final long serialVersionUID = 1;

        private final int[] ascii;

        GoEscapes() {
            ascii = standardAsciiEscapesForJSON();
            for (int c = 0; c < 0x20; c++) {
                if (c != '\n' && c != '\r' && c != '\t') {
                    ascii[c] = ESCAPE_CUSTOM;
                }
            }
            for (char c : new char[] {'<', '>', '&'}) {
                ascii[c] = ESCAPE_CUSTOM;
            }
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ascii.clone();
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int c) {
            boolean custom = c == 0x2028 || c == 0x2029 || c < ascii.length && ascii[c] == ESCAPE_CUSTOM;
            return custom ? new SerializedString(String.format("\\u%04x", c)) : null;
        }
    }
}
