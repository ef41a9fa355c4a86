package org.cdshooks.toolkit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What came of {@linkplain FormDecoder decoding} a query or a form.
 *
 * @param values the first value of each name, in the order of the text; none if there is a problem; can't be changed
 * @param truncated whether there were more than {@value FormDecoder#MAX_PARAMETERS} parameters, of which those
 *     behind were not read
 * @param problem why the text can't be decoded: a phrase that goes on from "the query" or "the form"; of the text it
 *     repeats the bad escape at most, since queries may hold secrets
 */
public record FormParameters(Map<String, String> values, boolean truncated, Optional<String> problem) {
    /** Copies the values. */
    public FormParameters {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
