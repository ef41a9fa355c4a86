package org.cdshooks.api.config;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The checked options of one task, and what it carries besides. Immutable. Its {@code toString} can be logged: secrets
 * stay hidden, and so do the values of extras, since a misspelt secret lands among them.
 */
public final class HookConfig {
    private final Map<ConfigOption<?>, Object> values;
    private final Map<String, String> extras;
    private final List<ConfigProblem> warnings;

    HookConfig(Map<ConfigOption<?>, Object> values, Map<String, String> extras, List<ConfigProblem> warnings) {
        this.values = Map.copyOf(values);
        this.extras = Collections.unmodifiableMap(new TreeMap<>(extras));
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Returns the value of an option that is required or has a default.
     *
     * @param option one of the declared options
     * @param <T> the type of its values
     * @return the value
     * @throws NoSuchElementException if the option may be left out and was; use {@link #find} for it
     */
    public <T> T get(ConfigOption<T> option) {
        return find(option)
                .orElseThrow(() -> new NoSuchElementException("option '" + option.name() + "' has no value"));
    }

    /**
     * Returns the value of an option that may be left out.
     *
     * @param option one of the declared options
     * @param <T> the type of its values
     * @return the value, if there is one
     */
    @SuppressWarnings("unchecked") // put there by ConfigDef.parse, from an option of this very type
    public <T> Optional<T> find(ConfigOption<T> option) {
        return Optional.ofNullable((T) values.get(option));
    }

    /**
     * Returns what the task carries under names that are no options. CDS sends such values ({@code hookIcon}, {@code
     * workflow_id}, …), and they travel in the payload of its events.
     *
     * @return names and values as written, sorted by name
     */
    public Map<String, String> extras() {
        return extras;
    }

    /**
     * Returns what is probably a mistake and still no error: names of extras that are near to the name of an option.
     *
     * @return the warnings; empty if there are none
     */
    public List<ConfigProblem> warnings() {
        return warnings;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HookConfig that && values.equals(that.values) && extras.equals(that.extras);
    }

    @Override
    public int hashCode() {
        return 31 * values.hashCode() + extras.hashCode();
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                        .map(entry -> entry.getKey().name() + "=" + entry.getValue())
                        .sorted()
                        .collect(Collectors.joining(", ", "{", "}"))
                + (extras.isEmpty() ? "" : " + " + extras.keySet());
    }
}
