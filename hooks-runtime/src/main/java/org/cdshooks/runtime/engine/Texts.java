package org.cdshooks.runtime.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Locale;

/** Texts that are kept with executions and shown to users. */
final class Texts {
    /** How much is kept of what a target answered or a plugin complained. */
    static final int MAX_BYTES = 4096;

    private Texts() {}

    /** Cuts a text to what is kept, never within a character. */
    static String cut(String text) {
        if (text.length() <= MAX_BYTES / 3) {
            return text;
        }
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length <= MAX_BYTES) {
            return text;
        }
        int end = MAX_BYTES;
        while ((bytes[end] & 0xC0) == 0x80) { // a continuation byte
            end--;
        }
        return new String(bytes, 0, end, UTF_8);
    }

    /** Says a duration as people do: 500ms, 30s, 1m30s. */
    static String of(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + "ms";
        }
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }
}
