package org.cdshooks.api;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What starts a workflow: named values, such as {@code git.branch}. Immutable. */
public final class HookEvent {
    private final Map<String, String> values;

    private HookEvent(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /**
     * Creates an event.
     *
     * @param values names and values
     * @return an event
     */
    public static HookEvent of(Map<String, String> values) {
        return new HookEvent(values);
    }

    /**
     * Adds a value.
     *
     * @param name its name
     * @param value the value
     * @return a copy with it
     */
    public HookEvent with(String name, String value) {
        Map<String, String> all = new TreeMap<>(values);
        all.put(name, value);
        return new HookEvent(all);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HookEvent that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }

    /**
     * Returns the values.
     *
     * @return names and values, sorted by name
     */
    public Map<String, String> values() {
        return values;
    }
}
