package org.cdshooks.runtime.filter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The body of the answer that a sender gets: a {@link Template} that may name, beside values of the event and headers, what the
 * service says itself. What is put in is escaped for the kind of text that the body is. Immutable; any thread may use it.
 */
public final class AnswerTemplate {
    /** The names of what is known as soon as a request has been stored. */
    public static final Set<String> AT_ONCE = Set.of("execution", "task", "duplicate");

    /** The names of what is known once the execution has been worked on. */
    public static final Set<String> LATER = Set.of("status", "error", "run", "answer");

    /** How much may be put into one body, in characters; what is more is cut off, value by value. */
    static final int MAX_VALUES = 65_536;

    /** What is not put in quotes where a JSON value is expected. */
    private static final Set<String> BARE = Set.of("duplicate", "run");

    /** What all are told of one event, and how much of one value. */
    private static final int MAX_TOLD = 50;

    private static final int MAX_TOLD_LENGTH = 1_024;

    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** What kind of text a body is. */
    public enum Kind {
        /** JSON. */
        JSON,
        /** XML or HTML, in which the five special characters are escaped. */
        MARKUP,
        /** Anything else: values are put in as they are. */
        TEXT
    }

    private sealed interface Piece {
        record Constant(String text) implements Piece {}

        record Hole(Reference reference, boolean quoted) implements Piece {}
    }

    private final Kind kind;
    private final List<Piece> pieces;

    private AnswerTemplate(Kind kind, List<Piece> pieces) {
        this.kind = kind;
        this.pieces = pieces;
    }

    /**
     * Reads a template.
     *
     * @param source what somebody wrote
     * @param contentType the media type of the body; empty if it follows from the template
     * @param isHidden tells by its name whether a header is not kept
     * @return the template
     * @throws IllegalArgumentException if it is none, with what is wrong in words
     */
    public static AnswerTemplate of(String source, Optional<String> contentType, Predicate<String> isHidden) {
        Set<String> own = new TreeSet<>(AT_ONCE);
        own.addAll(LATER);
        Template template;
        try {
            template = Template.of(source, isHidden, own);
        } catch (SyntaxException e) {
            throw new IllegalArgumentException(e.problem(), e);
        }
        Kind kind = contentType.map(AnswerTemplate::kindOf).orElse(looksLikeJson(template) ? Kind.JSON : Kind.TEXT);
        AnswerTemplate answer = new AnswerTemplate(kind, pieces(template, kind));
        if (kind == Kind.JSON) {
            answer.requireJson();
        }
        return answer;
    }

    private static Kind kindOf(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (type.endsWith("/json") || type.endsWith("+json")) {
            return Kind.JSON;
        }
        return type.endsWith("/xml") || type.endsWith("+xml") || type.endsWith("/html") ? Kind.MARKUP : Kind.TEXT;
    }

    private static boolean looksLikeJson(Template template) {
        return template.parts().getFirst() instanceof Template.Part.Constant(String text)
                && (text.stripLeading().startsWith("{") || text.stripLeading().startsWith("["));
    }

    private static List<Piece> pieces(Template template, Kind kind) {
        List<Piece> pieces = new ArrayList<>();
        boolean quoted = false;
        boolean escaped = false;
        for (Template.Part part : template.parts()) {
            switch (part) {
                case Template.Part.Constant(String text) -> {
                    for (int i = 0; i < text.length(); i++) {
                        char c = text.charAt(i);
                        quoted = quoted != (c == '"' && !escaped);
                        escaped = quoted && c == '\\' && !escaped;
                    }
                    pieces.add(new Piece.Constant(text));
                }
                case Template.Part.Reading(Reference reference) -> {
                    if (kind == Kind.JSON && escaped) {
                        throw new IllegalArgumentException(
                                "has a backslash before {" + reference + "}, which would escape what is put in there");
                    }
                    pieces.add(new Piece.Hole(reference, quoted));
                }
            }
        }
        return List.copyOf(pieces);
    }

    private void requireJson() {
        String tried = fill(Map.of("duplicate", "false", "run", "0"), Map.of(), Map.of());
        try (JsonParser json = STRICT.createParser(tried)) {
            int roots = 0;
            int depth = 0;
            for (var token = json.nextToken(); token != null; token = json.nextToken()) {
                roots += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            if (roots != 1) {
                throw new IllegalArgumentException("is to be one JSON value, and has " + roots);
            }
        } catch (IOException e) {
            String why = e instanceof com.fasterxml.jackson.core.JsonProcessingException bad
                    ? bad.getOriginalMessage()
                    : String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                    "is no JSON once its values are filled in (" + why
                            + "); write {{ and }} for braces, or give answer.contentType: text/plain",
                    e);
        }
    }

    /**
     * Returns what kind of text the body is.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Tells what in the template is not known before the execution has been worked on.
     *
     * @return as it is written between the braces, sorted
     */
    public Collection<String> later() {
        Set<String> later = new TreeSet<>();
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Hole(Reference reference, boolean _)) {
                switch (reference) {
                    case Reference.Own(String name) when LATER.contains(name) -> later.add(name);
                    case Reference.Value(String name) -> later.add(name);
                    case Reference.Own _, Reference.Header _ -> {}
                }
            }
        }
        return later;
    }

    /**
     * Picks the values that the template names, each cut to 1024 characters, of 50 at most.
     *
     * @param values those of an event
     * @return what the template needs of them
     */
    public Map<String, String> named(Map<String, String> values) {
        Map<String, String> named = new TreeMap<>();
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Hole(Reference.Value(String name), boolean _) && named.size() < MAX_TOLD) {
                String value = values.get(name);
                if (value != null) {
                    named.put(name, cut(value, MAX_TOLD_LENGTH));
                }
            }
        }
        return named;
    }

    /**
     * Fills the template in. What is not there is the empty text.
     *
     * @param own what the service says, by the names above
     * @param values values of an event
     * @param headers the headers of the request, under their names in lower case
     * @return the body
     */
    public String fill(Map<String, String> own, Map<String, String> values, Map<String, List<String>> headers) {
        Subject subject = new Subject(values, headers);
        StringBuilder filled = new StringBuilder();
        int left = MAX_VALUES;
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Constant(String text) -> filled.append(text);
                case Piece.Hole(Reference reference, boolean quoted) -> {
                    String value = reference instanceof Reference.Own(String name)
                            ? own.getOrDefault(name, "")
                            : reference.of(subject).orElse("");
                    String put = escaped(cut(value, left), left);
                    left -= put.length();
                    boolean bare = reference instanceof Reference.Own(String name) && BARE.contains(name);
                    boolean inQuotes = kind == Kind.JSON && !quoted && !bare;
                    filled.append(inQuotes ? "\"" + put + "\"" : put);
                }
            }
        }
        return filled.toString();
    }

    /** Escapes as much of a value as there is room for. */
    private String escaped(String value, int room) {
        if (kind == Kind.TEXT) {
            return value;
        }
        String all =
                kind == Kind.JSON ? new String(JsonStringEncoder.getInstance().quoteAsString(value)) : markup(value);
        return all.length() <= room ? all : escaped(cut(value, value.length() / 2), room);
    }

    private static String markup(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = length > 0 && Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }
}
