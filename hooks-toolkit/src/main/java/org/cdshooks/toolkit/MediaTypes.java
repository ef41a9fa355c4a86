package org.cdshooks.toolkit;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the value of a {@code Content-Type} header by the rules of Go's {@code mime.ParseMediaType}, which CDS uses.
 * They are lenient: {@code application/json; charset} and {@code application/json;;} are {@code application/json},
 * since what comes behind a parameter that can't be read is ignored. But a parameter that comes twice with different
 * values makes the header worthless.
 */
public final class MediaTypes {
    /** The media type of JSON. */
    public static final String JSON = "application/json";

    /** The media type of HTML forms without files. */
    public static final String FORM = "application/x-www-form-urlencoded";

    private MediaTypes() {}

    /**
     * Returns the media type without its parameters.
     *
     * @param contentType the value of the header; may be empty
     * @return the type in lower case, such as {@code "application/json"}; empty if the header gives none
     */
    public static String typeOf(String contentType) {
        if (contentType.equals(JSON)) {
            return JSON;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (!isType(type)) {
            return "";
        }
        return end >= 0 && new Parameters(contentType, end).contradictThemselves() ? "" : type;
    }

    /**
     * Tells whether a body is JSON: {@code application/json}, or an {@code application} type built on it, such as
     * {@code application/vnd.github+json} and {@code application/cloudevents+json}.
     *
     * @param type what {@link #typeOf} returned
     * @return true if it is
     */
    public static boolean isJson(String type) {
        return type.equals(JSON) || (type.startsWith("application/") && type.endsWith("+json"));
    }

    /**
     * Tells whether a body is a form for {@link FormDecoder}.
     *
     * @param type what {@link #typeOf} returned
     * @return true if it is
     */
    public static boolean isForm(String type) {
        return type.equals(FORM);
    }

    private static boolean isType(String type) {
        int slash = tokenEnd(type, 0);
        return slash > 0
                && slash < type.length() - 1
                && type.charAt(slash) == '/'
                && tokenEnd(type, slash + 1) == type.length();
    }

    private static int tokenEnd(String text, int start) {
        int end = start;
        while (end < text.length() && isTokenCharacter(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isTokenCharacter(char c) {
        return c > ' ' && c < 0x7F && !isSpecial(c);
    }

    private static boolean isSpecial(char c) {
        return "()<>@,;:\\\"/[]?=".indexOf(c) >= 0;
    }

    /** The parameters behind the type, read from left to right until one can't be read. */
    private static final class Parameters {
        private final String text;
        private int at;

        Parameters(String text, int at) {
            this.text = text;
            this.at = at;
        }

        boolean contradictThemselves() {
            Map<String, String> seen = new HashMap<>();
            while (skip(';')) {
                skipBlanks();
                String name = token().toLowerCase(Locale.ROOT);
                if (name.isEmpty() || !skip('=')) {
                    return false;
                }
                skipBlanks();
                String value = value();
                if (value == null) {
                    return false;
                }
                String earlier = seen.putIfAbsent(name, value);
                if (earlier != null && !earlier.equals(value)) {
                    return true;
                }
            }
            return false;
        }

        private boolean skip(char wanted) {
            skipBlanks();
            boolean isThere = at < text.length() && text.charAt(at) == wanted;
            if (isThere) {
                at++;
            }
            return isThere;
        }

        private void skipBlanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private String token() {
            int start = at;
            at = tokenEnd(text, start);
            return text.substring(start, at);
        }

        /** Reads a token or a quoted string; null if there is neither. */
        private @Nullable String value() {
            if (at >= text.length() || text.charAt(at) != '"') {
                String token = token();
                return token.isEmpty() ? null : token;
            }
            StringBuilder value = new StringBuilder();
            for (int i = at + 1; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '"') {
                    at = i + 1;
                    return value.toString();
                }
                if (c == '\r' || c == '\n') {
                    return null;
                }
                boolean isEscape = c == '\\' && i + 1 < text.length() && isSpecial(text.charAt(i + 1));
                value.append(isEscape ? text.charAt(++i) : c);
            }
            return null;
        }
    }
}
