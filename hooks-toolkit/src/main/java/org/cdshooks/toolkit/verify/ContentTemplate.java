package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is signed: a text with places for parts of the request, such as {@code v0:{ts}:{body}}. Places are
 *
 * <ul>
 *   <li>{@code {body}}: the body, byte for byte;
 *   <li>{@code {form.payload}}: of a body that is a form the field {@code payload}, decoded, and of any other body all of
 *       it. The form must have that field alone, since the rest of it would not be signed;
 *   <li>{@code {ts}} and {@code {id}}: the time and the id of the message, as they stand in the request.
 * </ul>
 *
 * Immutable.
 */
public final class ContentTemplate {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final byte[] PAYLOAD = "payload=".getBytes(ISO_8859_1);

    private final String text;
    private final List<Part> parts;

    private sealed interface Part {
        record Literal(byte[] bytes) implements Part {}

        record Place(Name name) implements Part {}
    }

    private enum Name {
        BODY("{body}"),
        FORM_PAYLOAD("{form.payload}"),
        TIME("{ts}"),
        ID("{id}");

        private final String text;

        Name(String text) {
            this.text = text;
        }
    }

    private ContentTemplate(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @param text as above
     * @return the template
     * @throws IllegalArgumentException if it has an unknown place, or the body is not in it exactly once; the message goes
     *     on after the option's name
     */
    public static ContentTemplate of(String text) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            int end = open < 0 ? text.length() : open;
            if (end > at) {
                parts.add(new Part.Literal(text.substring(at, end).getBytes(UTF_8)));
            }
            at = end;
            if (open >= 0) {
                Name name = placeAt(text, open);
                parts.add(new Part.Place(name));
                at = open + name.text.length();
            }
        }
        ContentTemplate template = new ContentTemplate(text, parts);
        if (template.count(Name.BODY) + template.count(Name.FORM_PAYLOAD) != 1) {
            throw new IllegalArgumentException("must have {body} or {form.payload} in it, once");
        }
        return template;
    }

    private static Name placeAt(String text, int open) {
        for (Name name : Name.values()) {
            if (text.startsWith(name.text, open)) {
                return name;
            }
        }
        throw new IllegalArgumentException("may have {body}, {form.payload}, {ts} and {id} in it and no other braces");
    }

    private long count(Name name) {
        return parts.stream().filter(part -> part.equals(new Part.Place(name))).count();
    }

    boolean hasTime() {
        return count(Name.TIME) > 0;
    }

    boolean hasId() {
        return count(Name.ID) > 0;
    }

    /** Puts the content together, in parts; empty if the body is a form that is not as it should be. Never throws. */
    Optional<List<byte[]>> fill(Request request, String id, String time, Work work) {
        List<byte[]> content = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Literal(byte[] bytes) -> content.add(bytes);
                case Part.Place(Name name) -> {
                    switch (name) {
                        case BODY -> content.add(request.body());
                        case TIME -> content.add(time.getBytes(UTF_8));
                        case ID -> content.add(id.getBytes(UTF_8));
                        case FORM_PAYLOAD -> {
                            Optional<byte[]> payload = payload(request, work);
                            if (payload.isEmpty()) {
                                return Optional.empty();
                            }
                            content.add(payload.get());
                        }
                    }
                }
            }
        }
        return Optional.of(content);
    }

    private static Optional<byte[]> payload(Request request, Work work) {
        byte[] body = request.body();
        return request.header("content-type") instanceof Request.Header.Value(String type) && isForm(type)
                ? formPayload(body, work)
                : Optional.of(body);
    }

    private static boolean isForm(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .equalsIgnoreCase(FORM);
    }

    private static Optional<byte[]> formPayload(byte[] body, Work work) {
        for (int i = 0; i < PAYLOAD.length; i++) {
            if (i >= body.length || body[i] != PAYLOAD[i]) {
                return Optional.empty();
            }
        }
        byte[] decoded = new byte[body.length];
        int length = 0;
        for (int i = PAYLOAD.length; i < body.length; i++) {
            work.steps(1);
            switch (body[i]) {
                case '&' -> {
                    return Optional.empty();
                }
                case '+' -> decoded[length++] = ' ';
                case '%' -> {
                    int high = i + 2 < body.length ? Character.digit(body[i + 1], 16) : -1;
                    int low = i + 2 < body.length ? Character.digit(body[i + 2], 16) : -1;
                    if (high < 0 || low < 0) {
                        return Optional.empty();
                    }
                    decoded[length++] = (byte) (high * 16 + low);
                    i += 2;
                }
                default -> decoded[length++] = body[i];
            }
        }
        return Optional.of(Arrays.copyOf(decoded, length));
    }

    @Override
    public String toString() {
        return text;
    }
}
