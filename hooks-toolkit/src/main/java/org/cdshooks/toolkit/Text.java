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

    /**
     * Replaces escapes of surrogates that stand alone by the escape of U+FFFD: Jackson refuses them in names, where Go
     * takes them. The text keeps its length, so that places in it stay true.
     */
    static String wellFormedEscapes(String json) {
        if (!json.contains("\\ud") && !json.contains("\\uD")) {
            return json;
        }
        char[] clean = json.toCharArray();
        int i = json.indexOf('\\');
        while (i >= 0) {
            int unit = escapedUnit(json, i);
            int width = unit < 0 ? 2 : 6;
            if (unit >= 0 && Character.isSurrogate((char) unit)) {
                int next = escapedUnit(json, i + 6);
                if (next >= 0 && Character.isSurrogatePair((char) unit, (char) next)) {
                    width = 12;
                } else {
                    "\\ufffd".getChars(0, 6, clean, i);
                }
            }
            i = json.indexOf('\\', i + width);
        }
        return new String(clean);
    }

    /** Returns the code unit of the escape that starts there; -1 if none does. */
    private static int escapedUnit(String json, int at) {
        if (at + 6 > json.length() || json.charAt(at) != '\\' || json.charAt(at + 1) != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = json.charAt(i) < 0x80 ? Character.digit(json.charAt(i), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            unit = unit * 16 + digit;
        }
        return unit;
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
