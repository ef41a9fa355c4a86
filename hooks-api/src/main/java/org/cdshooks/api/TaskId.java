package org.cdshooks.api;

/**
 * The id of a task. It is part of addresses and of storage keys, so its alphabet is small: letters, digits and
 * {@code + / = _ -} (UUIDs and Base64), up to 255 of them.
 *
 * @param value the id, opaque
 */
public record TaskId(String value) {
    private static final int MAX_LENGTH = 255;

    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if the value does not fit the alphabet
     */
    public TaskId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a task id is 1 to 255 of A-Z a-z 0-9 + / = _ -");
        }
    }

    /**
     * Tells whether a text can be a task id, without an exception: for text from outside.
     *
     * @param text any text
     * @return true if {@link #TaskId} accepts it
     */
    public static boolean isValid(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isValid(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValid(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '+'
                || c == '/'
                || c == '='
                || c == '_'
                || c == '-';
    }

    @Override
    public String toString() {
        return value;
    }
}
