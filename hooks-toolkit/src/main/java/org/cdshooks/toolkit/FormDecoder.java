package org.cdshooks.toolkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes query strings and bodies of type {@code application/x-www-form-urlencoded} by the rules of Go's {@code
 * url.ParseQuery}, which CDS uses: parameters are parted by {@code &} and may be empty, a name without {@code =} has the
 * value {@code ""}, the name itself may be empty, {@code +} is a space, and escapes are UTF-8, of which what is no
 * UTF-8 becomes U+FFFD. A bad escape, or a {@code ;} that is not escaped, makes the whole text unusable.
 */
public final class FormDecoder {
    /** How many parameters are read at most. */
    public static final int MAX_PARAMETERS = 1_000;

    private FormDecoder() {}

    /**
     * Decodes a text. Never throws; takes time linear in its length.
     *
     * @param text a query without the question mark, or the body of a form
     * @return the parameters
     */
    public static FormParameters decode(String text) {
        if (text.isEmpty()) {
            return new FormParameters(Map.of(), false, Optional.empty());
        }
        Map<String, String> values = new LinkedHashMap<>();
        int read = 0;
        int start = 0;
        try {
            while (start <= text.length()) {
                int end = text.indexOf('&', start);
                end = end < 0 ? text.length() : end;
                if (end > start) {
                    if (read == MAX_PARAMETERS) {
                        return new FormParameters(values, true, Optional.empty());
                    }
                    read++;
                    parameter(text.substring(start, end), values);
                }
                start = end + 1;
            }
        } catch (UndecodableException e) {
            return new FormParameters(Map.of(), false, Optional.of(e.problem));
        }
        return new FormParameters(values, false, Optional.empty());
    }

    @SuppressWarnings("OrphanedFormatString") // an escape of URLs
    private static void parameter(String pair, Map<String, String> values) throws UndecodableException {
        if (pair.indexOf(';') >= 0) {
            throw new UndecodableException(
                    "has a ';' in it; part parameters with '&', and write '%3B' for a semicolon");
        }
        int equals = pair.indexOf('=');
        String name = unescape(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : unescape(pair.substring(equals + 1));
        values.putIfAbsent(name, value);
    }

    private static String unescape(String text) throws UndecodableException {
        if (text.indexOf('%') < 0) {
            return text.replace('+', ' ');
        }
        byte[] encoded = text.getBytes(UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            switch (encoded[i]) {
                case '+' -> decoded.write(' ');
                case '%' -> {
                    int high = i + 1 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
                    int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
                    if (high < 0 || low < 0) {
                        String escape = new String(encoded, i, Math.min(3, encoded.length - i), UTF_8);
                        throw new UndecodableException(
                                "has the invalid escape '" + escape + "'; write '%25' for a percent sign");
                    }
                    decoded.write(high * 16 + low);
                    i += 2;
                }
                default -> decoded.write(encoded[i]);
            }
        }
        return decoded.toString(UTF_8);
    }

    private static final class UndecodableException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String problem;

        UndecodableException(String problem) {
            super(problem, null, false, false);
            this.problem = problem;
        }
    }
}
