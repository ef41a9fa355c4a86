package org.cdshooks.toolkit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Picks single values out of a JSON object and passes over all else, whatever it is: time is linear in the length of the
 * text, and memory is for what was picked. Immutable and safe for use by several threads.
 *
 * <p>Names are compared without regard to case, as Go does; a member that comes twice counts as it came last. A value
 * that is wanted and has another type makes the document unusable; one that is {@code null} is not there. So does what
 * is no JSON. A value that nobody wants may be anything.
 */
public final class JsonPicker {
    /** How many elements of an array are looked at. */
    public static final int MAX_ELEMENTS = 1_000;

    private final Node root;

    /** What is wanted at one place: a text, a flag, or something below it. */
    private static final class Node {
        private boolean isFlag;
        private final Map<String, Node> members = new HashMap<>();
        private @Nullable Node element;

        private boolean isLeaf() {
            return members.isEmpty() && element == null;
        }
    }

    private JsonPicker(Node root) {
        this.root = root;
    }

    /**
     * Creates a picker.
     *
     * @param paths names joined by dots; {@code []} behind one stands for each element of an array, as in {@code
     *     "commits[].author.name"}; {@code ?} at the end says that true or false is wanted, else it is a text
     * @return a picker for these
     */
    public static JsonPicker of(String... paths) {
        Node root = new Node();
        for (String path : paths) {
            Node node = root;
            boolean isFlag = path.endsWith("?");
            for (String segment : (isFlag ? path.substring(0, path.length() - 1) : path).split("\\.", -1)) {
                boolean isArray = segment.endsWith("[]");
                String name = isArray ? segment.substring(0, segment.length() - 2) : segment;
                node = node.members.computeIfAbsent(name.toLowerCase(Locale.ROOT), absent -> new Node());
                if (isArray) {
                    node.element = node.element == null ? new Node() : node.element;
                    node = node.element;
                }
            }
            node.isFlag = isFlag;
        }
        return new JsonPicker(root);
    }

    /**
     * Picks what is wanted.
     *
     * @param json any text; {@code null} counts as an object without members
     * @return what was found
     */
    public PickedJson pick(String json) {
        if (json.startsWith(FlatteningWalk.BYTE_ORDER_MARK)) {
            return PickedJson.unusable("is not JSON: it begins with a byte order mark");
        }
        try (JsonParser parser = FlatteningWalk.parserOf(json)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return PickedJson.unusable("is empty");
            }
            Walk walk = new Walk(parser);
            walk.take(root, "");
            if (walk.problem == null && parser.nextToken() != null) {
                return PickedJson.unusable("has more behind its JSON");
            }
            return walk.problem == null
                    ? new PickedJson(walk.values, walk.sizes, Optional.empty())
                    : PickedJson.unusable(walk.problem);
        } catch (JsonProcessingException e) {
            return PickedJson.unusable("is not JSON" + FlatteningWalk.place(e));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /** One reading of one text. Goes as deep as the wanted paths do, and no deeper. */
    private static final class Walk {
        private final JsonParser parser;
        private final Map<String, String> values = new LinkedHashMap<>();
        private final Map<String, Integer> sizes = new HashMap<>();
        private @Nullable String problem;

        private Walk(JsonParser parser) {
            this.parser = parser;
        }

        /** Takes the value that the parser stands at. */
        private void take(Node node, String path) throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_NULL) {
                return;
            }
            if (node.isLeaf()) {
                boolean fits = node.isFlag ? token.isBoolean() : token == JsonToken.VALUE_STRING;
                if (fits) {
                    values.put(path, Text.wellFormed(parser.getText()));
                } else {
                    mistyped(path, node.isFlag ? "true or false" : "a text");
                }
            } else if (node.element != null) {
                array(node.element, path);
            } else {
                object(node, path);
            }
        }

        private void object(Node node, String path) throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                mistyped(path, "an object");
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName().toLowerCase(Locale.ROOT);
                parser.nextToken();
                Node member = node.members.get(name);
                if (member == null) {
                    parser.skipChildren();
                } else {
                    take(member, path.isEmpty() ? name : path + "." + name);
                }
            }
        }

        private void array(Node element, String path) throws IOException {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                mistyped(path, "an array");
                return;
            }
            int size = 0;
            for (; parser.nextToken() != JsonToken.END_ARRAY; size++) {
                if (size < MAX_ELEMENTS) {
                    take(element, path + "[" + size + "]");
                } else {
                    parser.skipChildren();
                }
            }
            sizes.put(path, size);
        }

        /** Only the first is told; the rest of the text is still read, since it may be no JSON at all. */
        private void mistyped(String path, String wanted) throws IOException {
            if (problem == null) {
                problem = path.isEmpty()
                        ? "is not a JSON object but " + type()
                        : "has " + type() + " where '" + path + "' should be " + wanted;
            }
            parser.skipChildren();
        }

        private String type() {
            return switch (parser.currentToken()) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_STRING -> "a text";
                case VALUE_TRUE, VALUE_FALSE -> "true or false";
                default -> "a number";
            };
        }
    }
}
