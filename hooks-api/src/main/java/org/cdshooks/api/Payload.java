package org.cdshooks.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What came in from outside: bytes and some attributes, opaque to the runtime. Immutable. */
public final class Payload {
    private static final Payload EMPTY = new Payload("", new byte[0], Map.of());

    private final String contentType;
    private final byte[] body;
    private final Map<String, List<String>> attributes;

    private Payload(String contentType, byte[] body, Map<String, List<String>> attributes) {
        this.contentType = requireNonNull(contentType, "contentType");
        this.body = body;
        this.attributes = attributes;
    }

    /**
     * Returns the payload of an execution that time alone brought about.
     *
     * @return a payload with nothing in it
     */
    public static Payload empty() {
        return EMPTY;
    }

    /**
     * Creates a payload.
     *
     * @param contentType the media type of the body as the sender gave it; empty if it gave none
     * @param body the bytes; copied
     * @return a payload without attributes
     */
    public static Payload of(String contentType, byte[] body) {
        return new Payload(contentType, body.clone(), Map.of());
    }

    /**
     * Adds one attribute with one value.
     *
     * @param name its name
     * @param value its value; it replaces all values of that name
     * @return a copy with it
     */
    public Payload withAttribute(String name, String value) {
        return withAttributes(Map.of(name, List.of(value)));
    }

    /**
     * Adds attributes.
     *
     * @param more names and values; they replace those of the same name
     * @return a copy with them
     */
    public Payload withAttributes(Map<String, List<String>> more) {
        Map<String, List<String>> all = new TreeMap<>(attributes);
        more.forEach((name, values) -> all.put(name, List.copyOf(values)));
        return new Payload(contentType, body, Collections.unmodifiableMap(all));
    }

    /**
     * Returns the media type of the body.
     *
     * @return the media type as the sender gave it; empty if it gave none
     */
    public String contentType() {
        return contentType;
    }

    /**
     * Returns the body.
     *
     * @return a copy
     */
    public byte[] body() {
        return body.clone();
    }

    /**
     * Returns the body as UTF-8 text; what is no UTF-8 becomes U+FFFD.
     *
     * @return the text
     */
    public String text() {
        return new String(body, UTF_8);
    }

    /**
     * Returns the attributes: headers, topic, offset and the like.
     *
     * @return names and values, sorted by name
     */
    public Map<String, List<String>> attributes() {
        return attributes;
    }

    /**
     * Returns one attribute.
     *
     * @param name its name, in the case in which it was given
     * @return its value, several joined with {@code ", "}
     */
    public Optional<String> attribute(String name) {
        return Optional.ofNullable(attributes.get(name)).map(values -> String.join(", ", values));
    }
}
