package org.cdshooks.runtime.filter;

import com.google.re2j.Pattern;

/**
 * A pattern for a whole text: {@code *} is any run of characters without a slash, {@code **} any run, {@code **}{@code /} any
 * number of directories, none included, and {@code ?} one character that is no slash. Everything else is itself.
 */
final class Glob {
    private static final int MAX_LENGTH = 500;

    private final String text;
    private final LinearPattern pattern;

    private Glob(String text, LinearPattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /** Reads a glob over branches, paths and the like. */
    static Glob of(String text) throws SyntaxException {
        return new Glob(text, LinearPattern.of(regex(checked(text))));
    }

    /** Reads a glob over names of values, where a slash is a character like others. */
    static Glob overNames(String text) throws SyntaxException {
        StringBuilder regex = new StringBuilder();
        checked(text).codePoints().forEach(c -> regex.append(c == '*' ? ".*" : c == '?' ? "." : literal(c)));
        return new Glob(text, LinearPattern.of(regex.toString()));
    }

    private static String checked(String text) throws SyntaxException {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new SyntaxException("a pattern must have 1 to " + MAX_LENGTH + " characters");
        }
        return text;
    }

    private static String regex(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (text.startsWith("**/", i) && (i == 0 || text.charAt(i - 1) == '/')) {
                regex.append("(?:.*/)?");
                i += 3;
            } else if (text.startsWith("**", i)) {
                regex.append(".*");
                i += 2;
            } else {
                regex.append(c == '*' ? "[^/]*" : c == '?' ? "[^/]" : literal(c));
                i += Character.charCount(c);
            }
        }
        return regex.toString();
    }

    private static String literal(int c) {
        return Pattern.quote(Character.toString(c));
    }

    int steps() {
        return pattern.steps();
    }

    boolean matches(String value) {
        return pattern.isAll(value);
    }

    @Override
    public String toString() {
        return text;
    }
}
