package org.cdshooks.api;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What starts a workflow: named values, such as {@code git.branch}. Immutable. */
public final class HookEvent {
    private final Map<String, String> values;

    private final Optional<String> once;

    private HookEvent(Map<String, String> values, Optional<String> once) {
        this.values = Collections.unmodifiableMap(new TreeMap<>(values));
        this.once = once;
    }

    /**
     * Creates an event.
     *
     * @param values names and values
     * @return an event
     */
    public static HookEvent of(Map<String, String> values) {
        return new HookEvent(values, Optional.empty());
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
        return new HookEvent(all, once);
    }

    /**
     * Names what has happened in the world, so that it is delivered once, however many hooks learn of it and however often.
     * The runtime delivers the first event of a name and skips the others, within the task's {@code dedupe.window}: those of
     * the same task, or of all tasks that share a {@code dedupe.scope}. An event that has been filtered out does not count, nor
     * does one whose execution has failed.
     *
     * @param key the same for the same thing, whoever tells of it, and another one for every other thing: also for the same
     *     change when it happens again. Of any length, not blank; only a hash of it is kept
     * @return a copy with that name
     * @throws IllegalArgumentException if the key is blank
     */
    @Experimental(decideBy = "1.0")
    public HookEvent once(String key) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("the key of what has happened is blank");
        }
        return new HookEvent(values, Optional.of(key));
    }

    /**
     * Returns the name of what has happened.
     *
     * @return what {@link #once(String)} was given; empty for an event that is always delivered
     */
    @Experimental(decideBy = "1.0")
    public Optional<String> once() {
        return once;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HookEvent that && values.equals(that.values) && once.equals(that.once);
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
