package org.cdshooks.toolkit;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link JsonPicker} found. Whoever makes one gives its maps away: they are wrapped, not copied.
 *
 * @param values texts, {@code true} and {@code false} by their paths in lower case, array elements with their index, such
 *     as {@code commits[0].author.name}; can't be changed
 * @param sizes how many elements each array that was looked into has, those beyond {@link JsonPicker#MAX_ELEMENTS} among
 *     them
 * @param problem why there are no values: a phrase that goes on from "the body", such as {@code "is not JSON (line 1,
 *     column 7)"}; it repeats nothing of the text but names that were wanted
 */
public record PickedJson(Map<String, String> values, Map<String, Integer> sizes, Optional<String> problem) {
    /** Makes the maps unchangeable. */
    public PickedJson {
        values = Collections.unmodifiableMap(values);
        sizes = Collections.unmodifiableMap(sizes);
    }

    static PickedJson unusable(String problem) {
        return new PickedJson(Map.of(), Map.of(), Optional.of(problem));
    }

    /**
     * Returns one value.
     *
     * @param path its path, in any case
     * @return the value, if it is there and not null
     */
    public Optional<String> find(String path) {
        return Optional.ofNullable(values.get(path.toLowerCase(Locale.ROOT)));
    }

    /**
     * Returns one value, as Go does: what is not there is the empty text.
     *
     * @param path its path, in any case
     * @return the value; empty if it is not there
     */
    public String text(String path) {
        return find(path).orElse("");
    }

    /**
     * Returns the first of some values that is there and not empty.
     *
     * @param paths their paths, in any case
     * @return the value; empty if none is there
     */
    public String firstText(String... paths) {
        for (String path : paths) {
            String text = text(path);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "";
    }

    /**
     * Returns how many elements an array has.
     *
     * @param path its path, in any case
     * @return the number; 0 if it is not there
     */
    public int size(String path) {
        return sizes.getOrDefault(path.toLowerCase(Locale.ROOT), 0);
    }
}
