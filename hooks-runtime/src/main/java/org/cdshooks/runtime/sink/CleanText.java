package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes text from outside fit to be kept, shown and logged: what looks like a credential is masked, what steers a
 * terminal is taken out, and the length is bounded.
 */
final class CleanText {
    private static final String MASK = "**********";
    /** Decoding more than this of an answer is waste: only a part of it is kept. */
    private static final int DECODED_BYTES = 8192;

    /** Each is linear: no quantifier inside another over the same characters, and bounded where that is not plain. */
    private static final List<Pattern> WHOLE = List.of(
            Pattern.compile("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^-]*+(?:-----END [A-Z0-9 ]{0,40}-----)?"),
            Pattern.compile("\\beyJ[A-Za-z0-9_-]{8,}+(?:\\.[A-Za-z0-9_-]*+){0,4}"),
            Pattern.compile("\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|whsec_|whsk_|sk_live_|rk_live_|npm_)"
                    + "[A-Za-z0-9_+/=-]{8,}+"),
            Pattern.compile("\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b"));

    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(Bearer|Basic)\\s{1,8}[A-Za-z0-9._~+/=-]{8,}+");
    private static final Pattern USER_INFO = Pattern.compile("(://)[^\\s/@:]{0,256}:[^\\s/@]{1,256}@");
    private static final Pattern NAMED = Pattern.compile(
            "(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie)"
                    + "[A-Za-z0-9_-]{0,32}\\\\?[\"']?\\s{0,8}[:=]\\s{0,8})"
                    + "(\\\\\"[^\"\\\\]*+|\"(?:[^\"\\\\]|\\\\.)*+\"?|'[^']*+'?|(?!(?:Bearer|Basic)\\b)[^\\s,;&<>\"'}\\]]++)");

    private CleanText() {}

    /**
     * Cleans an answer.
     *
     * @param bytes the answer, or its beginning
     * @param charset how it is written
     * @param maxBytes how much of it is kept, counted in UTF-8
     * @param secrets texts to be masked wherever they stand
     * @return clean text
     */
    static String of(byte[] bytes, Charset charset, int maxBytes, List<String> secrets) {
        return cut(clean(new String(bytes, 0, Math.min(bytes.length, DECODED_BYTES), charset), secrets), maxBytes);
    }

    /**
     * Cleans a text.
     *
     * @param text any text
     * @param secrets texts to be masked wherever they stand
     * @return the text on one line
     */
    static String clean(String text, List<String> secrets) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, MASK);
        }
        return withoutControls(mask(masked));
    }

    /** Masks what looks like a credential. */
    static String mask(String text) {
        String masked = text;
        for (Pattern pattern : WHOLE) {
            masked = pattern.matcher(masked).replaceAll(MASK);
        }
        masked = SCHEME.matcher(masked).replaceAll("$1 " + MASK);
        masked = USER_INFO.matcher(masked).replaceAll("$1" + MASK + "@");
        return NAMED.matcher(masked)
                .replaceAll(found -> found.group(2).startsWith("\"") ? "$1\"" + MASK + "\"" : "$1" + MASK);
    }

    private static String withoutControls(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n' || c == '\r' || c == '\t') {
                clean.append(' ');
            } else {
                clean.appendCodePoint(steers(c) ? 0xFFFD : c);
            }
        });
        return clean.toString();
    }

    /** Tells whether a character is not seen itself but changes how others are: controls, bidi marks, separators. */
    static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /**
     * Cuts a text, never in the middle of a character.
     *
     * @param text well-formed text
     * @param maxBytes its greatest length in UTF-8
     * @return the text, or its beginning with … behind it
     */
    static String cut(String text, int maxBytes) {
        if (text.length() * 3L <= maxBytes) {
            return text;
        }
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length <= maxBytes) {
            return text;
        }
        int end = maxBytes - 3;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, UTF_8) + "…";
    }
}
