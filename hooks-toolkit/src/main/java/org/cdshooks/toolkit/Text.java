package org.cdshooks.toolkit;

/** What is done to the characters of names and strings. */
final class Text {
    private Text() {}

    /** Replaces surrogates that stand alone by U+FFFD, as Go's decoder does. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaceLoneSurrogates(text);
            }
        }
        return text;
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        int width;
        for (int i = 0; i < text.length(); i += width) {
            int codePoint = text.codePointAt(i);
            width = Character.charCount(codePoint);
            boolean isLone = width == 1 && Character.isSurrogate((char) codePoint);
            clean.appendCodePoint(isLone ? 0xFFFD : codePoint);
        }
        return clean.toString();
    }

    /** Appends the segment that a member's name makes. */
    static void appendSegment(StringBuilder path, String name) {
        int width;
        for (int i = 0; i < name.length(); i += width) {
            int codePoint = name.codePointAt(i);
            width = Character.charCount(codePoint);
            switch (codePoint) {
                case ' ', '/', ':' -> path.append('_');
                // One rune at a time, so that a final sigma and a dotted I get no special treatment: as Go does.
                default -> path.appendCodePoint(Character.toLowerCase(codePoint));
            }
        }
    }

    /** Returns the first character that is no blank in JSON; a blank if there is none. */
    static char firstOfJson(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
        }
        return ' ';
    }
}
