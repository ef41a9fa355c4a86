package org.cdshooks.runtime.filter;

/** Texts of events within messages. */
final class Quoted {
    private static final int MAX = 80;

    private Quoted() {}

    /** Puts quotes around a text, or around the beginning of a long one. */
    static String of(String text) {
        return "'" + cut(text) + "'";
    }

    static String cut(String text) {
        if (text.length() <= MAX) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX - 1)) ? MAX - 1 : MAX;
        return text.substring(0, end) + "…";
    }
}
