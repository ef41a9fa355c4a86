package org.cdshooks.toolkit.verify;

import java.util.List;
import java.util.Map;

/**
 * What a verifier sees of a request.
 *
 * @param headers the headers by lower-case name, every value in the order of arrival
 * @param body the bytes as they came; not copied, and not changed
 */
public record Request(Map<String, List<String>> headers, byte[] body) {
    /** How long a header that is looked at may be. */
    static final int MAX_HEADER = 8_192;

    /** Says how large the request is, and nothing that is in it. */
    @Override
    public String toString() {
        return "Request[" + headers.size() + " headers, " + body.length + " bytes]";
    }

    /** One header as it was found. */
    sealed interface Header {
        /** It is not there. */
        record Missing() implements Header {}

        /** It is there more than once or too long, so it can't be said what it means. */
        record Unclear() implements Header {}

        /** Its value, without blanks around it; may be empty. */
        record Value(String text) implements Header {}
    }

    Header header(String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        if (values.isEmpty()) {
            return new Header.Missing();
        }
        if (values.size() > 1 || values.getFirst().length() > MAX_HEADER) {
            return new Header.Unclear();
        }
        return new Header.Value(values.getFirst().strip());
    }
}
