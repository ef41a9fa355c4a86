package org.cdshooks.toolkit;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/**
 * What came of {@linkplain JsonFlattener flattening} a text. Four cases:
 *
 * <table>
 * <caption>What the components say together</caption>
 * <tr><th>values</th><th>truncated</th><th>problem</th><th>meaning</th></tr>
 * <tr><td>all</td><td>false</td><td>empty</td><td>the whole document</td></tr>
 * <tr><td>none</td><td>false</td><td>present</td><td>not JSON, or JSON that has no flat form</td></tr>
 * <tr><td>some</td><td>true</td><td>present</td><td>the document is larger than a limit; the values are what fits</td></tr>
 * <tr><td>none</td><td>true</td><td>present</td><td>the document is nested too deeply</td></tr>
 * </table>
 *
 * @param values the values by their paths, in document order; can't be changed. Whoever makes a result gives its map away:
 *     it is wrapped, not copied
 * @param truncated whether a limit of {@link JsonFlattener} kept values out
 * @param problem why values are missing: a phrase that goes on from "the body", such as {@code "is not JSON (line 1,
 *     column 7)"}; it repeats nothing of the text, which may hold secrets
 */
public record FlatJson(Map<String, String> values, boolean truncated, Optional<String> problem) {
    /** Makes the values unchangeable. */
    public FlatJson {
        values = Collections.unmodifiableMap(values);
    }

    static FlatJson unusable(String problem) {
        return new FlatJson(Map.of(), false, Optional.of(problem));
    }
}
