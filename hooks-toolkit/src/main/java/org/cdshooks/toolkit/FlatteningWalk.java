package org.cdshooks.toolkit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One walk of {@link JsonFlattener} over one text: a loop with a stack of its own. Used once, by one thread. */
final class FlatteningWalk {
    /**
     * Jackson's own limits are off where this class has its own, which end a walk with values instead of an exception.
     * Names are not kept in a symbol table, which is what keys of equal hash attack. The pool of buffers is one that
     * virtual threads profit from.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonFlattener.MAX_DEPTH + 1)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
            .build();

    static final String BYTE_ORDER_MARK = "\uFEFF";

    /** Stands where a value was, before its member came again. */
    private static final Entry SUPERSEDED = new Entry("", "", false);

    private final Numbers numbers;
    private final boolean parsesStrings;
    private final boolean takesScalars;

    private final StringBuilder path = new StringBuilder();
    private final List<Entry> entries = new ArrayList<>();
    private final Deque<Container> open = new ArrayDeque<>();
    private final Deque<JsonParser> parsers = new ArrayDeque<>();
    private int pathCharacters;
    private int tokens;
    private @Nullable String limit;

    FlatteningWalk(Numbers numbers, boolean parsesStrings, boolean takesScalars) {
        this.numbers = numbers;
        this.parsesStrings = parsesStrings;
        this.takesScalars = takesScalars;
    }

    FlatJson over(String json) {
        if (json.startsWith(BYTE_ORDER_MARK)) {
            return FlatJson.unusable("is not JSON: it begins with a byte order mark");
        }
        try {
            parsers.push(parserOf(json));
            return walk();
        } catch (JsonProcessingException e) {
            return FlatJson.unusable("is not JSON" + place(e));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        } finally {
            parsers.forEach(FlatteningWalk::close);
        }
    }

    private FlatJson walk() throws IOException {
        JsonParser parser = parsers.element();
        JsonToken token = parser.nextToken();
        if (token == null) {
            return FlatJson.unusable("is empty");
        }
        if (token.isScalarValue() && !takesScalars) {
            return FlatJson.unusable("is neither a JSON object nor a JSON array");
        }
        if (token == JsonToken.VALUE_NULL) {
            return parser.nextToken() == null ? result() : FlatJson.unusable("has more behind its JSON");
        }
        while (true) {
            if (token == null) {
                close(parsers.pop());
                if (parsers.isEmpty()) {
                    return result();
                }
            } else if (tokens > 0 && open.isEmpty()) {
                return FlatJson.unusable("has more behind its JSON");
            } else if (++tokens > JsonFlattener.MAX_TOKENS) {
                limit = "has more than " + JsonFlattener.MAX_TOKENS + " names, values and brackets";
                return result();
            } else {
                switch (take(token)) {
                    case GO_ON -> {}
                    case FULL -> {
                        return result();
                    }
                    case TOO_DEEP -> {
                        return new FlatJson(
                                Map.of(),
                                true,
                                Optional.of("is nested more than " + JsonFlattener.MAX_DEPTH + " levels deep"));
                    }
                    case OUT_OF_RANGE -> {
                        return FlatJson.unusable("holds a number beyond the range of a 64-bit double");
                    }
                }
            }
            token = parsers.element().nextToken();
        }
    }

    private enum Step {
        GO_ON,
        FULL,
        TOO_DEEP,
        OUT_OF_RANGE
    }

    private Step take(JsonToken token) throws IOException {
        return switch (token) {
            case FIELD_NAME -> {
                member(open.element(), parsers.element().currentName());
                yield Step.GO_ON;
            }
            case START_OBJECT, START_ARRAY -> enter(token == JsonToken.START_ARRAY, value());
            case END_OBJECT, END_ARRAY -> {
                open.pop().finish(entries);
                yield Step.GO_ON;
            }
            case VALUE_STRING -> string(value());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(token, value());
            case VALUE_TRUE -> leaf(value(), "true");
            case VALUE_FALSE -> leaf(value(), "false");
            case VALUE_NULL -> leaf(value(), "");
            case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("the blocking parser for text gave " + token);
        };
    }

    /** Moves the path to a member; what its name yielded before in the same object counts no more. */
    private void member(Container object, String name) {
        object.memberIsMuted = object.isMuted;
        if (object.isMuted) {
            return;
        }
        String wellFormed = Text.wellFormed(name);
        object.begin(wellFormed, entries);
        path.setLength(object.pathLength);
        object.memberIsMuted = wellFormed.isEmpty();
        if (object.memberIsMuted) {
            return;
        }
        int start = separate();
        Text.appendSegment(path, wellFormed);
        object.memberIsMuted = isPathTooLong();
        object.memberStart = start;
    }

    /** Moves the path to the value that begins; tells where its last segment starts, or -1 if it has no place. */
    private int value() {
        Container parent = open.peek();
        if (parent == null) {
            return 0;
        }
        if (!parent.isArray) {
            return parent.memberIsMuted ? -1 : parent.memberStart;
        }
        if (parent.isMuted) {
            return -1;
        }
        path.setLength(parent.pathLength);
        int start = separate();
        path.append(parent.segment).append(parent.size++);
        return isPathTooLong() ? -1 : start;
    }

    private int separate() {
        if (!path.isEmpty()) {
            path.append('.');
        }
        return path.length();
    }

    private boolean isPathTooLong() {
        boolean isTooLong = path.length() > JsonFlattener.MAX_PATH;
        if (isTooLong) {
            limit = "has a path of more than " + JsonFlattener.MAX_PATH + " characters";
        }
        return isTooLong;
    }

    private Step enter(boolean isArray, int start) {
        if (open.size() >= JsonFlattener.MAX_DEPTH) {
            return Step.TOO_DEEP;
        }
        boolean isMuted = start < 0;
        String segment = isArray && !isMuted ? path.substring(start) : "";
        open.push(new Container(isArray, isMuted, path.length(), segment));
        return Step.GO_ON;
    }

    private Step string(int start) throws IOException {
        if (start < 0) {
            return Step.GO_ON;
        }
        String text = Text.wellFormed(parsers.element().getText());
        if (parsesStrings && parsers.size() <= JsonFlattener.MAX_STRING_LEVELS) {
            char first = Text.firstOfJson(text);
            if (first == 'n' && isWhole(text)) {
                return Step.GO_ON;
            }
            if ((first == '{' || first == '[') && isWhole(text)) {
                parsers.push(parserOf(text));
                return enter(parsers.element().nextToken() == JsonToken.START_ARRAY, start);
            }
        }
        return leaf(start, text);
    }

    /** Tells whether a string can be flattened in its place; else it stays a string. */
    private boolean isWhole(String text) throws IOException {
        try (JsonParser parser = parserOf(text)) {
            int depth = 0;
            do {
                JsonToken token = parser.nextToken();
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                }
                if (open.size() + depth > JsonFlattener.MAX_DEPTH
                        || (token.isNumeric() && GoNumber.isOutOfRange(parser.getText()))) {
                    return false;
                }
            } while (depth > 0);
            return parser.nextToken() == null;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private Step number(JsonToken token, int start) throws IOException {
        String text = parsers.element().getText();
        if (GoNumber.isOutOfRange(text)) {
            return Step.OUT_OF_RANGE;
        }
        if (start < 0) {
            return Step.GO_ON;
        }
        boolean isKept = numbers == Numbers.EXACT && token == JsonToken.VALUE_NUMBER_INT && GoNumber.fits64Bits(text);
        return leaf(start, isKept ? text : GoNumber.format(text));
    }

    private Step leaf(int start, String text) {
        if (start < 0) {
            return Step.GO_ON;
        }
        if (entries.size() == JsonFlattener.MAX_VALUES) {
            limit = "has more than " + JsonFlattener.MAX_VALUES + " values";
            return Step.FULL;
        }
        pathCharacters += path.length();
        if (pathCharacters > JsonFlattener.MAX_PATHS) {
            limit = "has paths of more than " + JsonFlattener.MAX_PATHS + " characters together";
            return Step.FULL;
        }
        entries.add(new Entry(path.toString(), text, true));
        return Step.GO_ON;
    }

    private FlatJson result() {
        Map<String, String> values = LinkedHashMap.newLinkedHashMap(entries.size());
        for (Entry entry : entries) {
            if (entry.counts) {
                values.put(entry.path, entry.value);
            }
        }
        return new FlatJson(values, limit != null, Optional.ofNullable(limit));
    }

    static JsonParser parserOf(String text) throws IOException {
        return JSON.createParser(Text.wellFormedEscapes(text));
    }

    static String place(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    private static void close(JsonParser parser) {
        try {
            parser.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a reader of memory", e);
        }
    }

    private record Entry(String path, String value, boolean counts) {}

    /** Where the entries of a member stand. */
    private static final class Span {
        private int from;
        private int to;
    }

    /** An object or array whose end has not come yet. */
    private static final class Container {
        private final boolean isArray;
        private final boolean isMuted;
        private final int pathLength;
        private final String segment;
        private int size;

        private boolean memberIsMuted;
        private int memberStart;
        private @Nullable Span member;
        private int replacedFrom;
        private int replacedTo;
        private @Nullable Map<String, Span> members;

        Container(boolean isArray, boolean isMuted, int pathLength, String segment) {
            this.isArray = isArray;
            this.isMuted = isMuted;
            this.pathLength = pathLength;
            this.segment = segment;
        }

        void begin(String name, List<Entry> entries) {
            finish(entries);
            if (members == null) {
                members = new HashMap<>();
            }
            Span span = members.get(name);
            if (span == null) {
                span = new Span();
                members.put(name, span);
            }
            replacedFrom = span.from;
            replacedTo = span.to;
            span.from = entries.size();
            member = span;
        }

        /** Only a member that is complete replaces one of its name: a limit may end the walk in the midst of it. */
        void finish(List<Entry> entries) {
            if (member != null) {
                member.to = entries.size();
                for (int i = replacedFrom; i < replacedTo; i++) {
                    entries.set(i, SUPERSEDED);
                }
            }
        }
    }
}
