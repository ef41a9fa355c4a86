package org.cdshooks.runtime.http;

/** Makes text from outside fit for one line of a log: nothing in it can end the line, colour it or fill the disk. */
final class LogText {
    private LogText() {}

    static String of(String text, int max) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), max) + 16);
        for (int i = 0; i < text.length() && clean.length() < max; i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '$') {
                clean.append(c);
            } else {
                clean.append("\\u").append(String.format("%04x", (int) c));
            }
        }
        return clean.length() < max ? clean.toString() : clean.append('…').toString();
    }
}
