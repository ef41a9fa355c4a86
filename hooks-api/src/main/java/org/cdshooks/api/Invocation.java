package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The wish that a task be executed, with what triggered it. Immutable. */
public final class Invocation {
    private final Payload payload;
    private final @Nullable String dedupKey;
    private final @Nullable String cursor;

    private Invocation(Payload payload, @Nullable String dedupKey, @Nullable String cursor) {
        this.payload = requireNonNull(payload, "payload");
        this.dedupKey = dedupKey;
        this.cursor = cursor;
    }

    /**
     * Creates an invocation.
     *
     * @param payload what came in, uninterpreted
     * @return an invocation without key and cursor
     */
    public static Invocation of(Payload payload) {
        return new Invocation(payload, null, null);
    }

    /**
     * Names the thing that happened, so that hearing it twice makes one execution: a delivery id, a
     * partition and offset. Keys are remembered for the runtime's dedup window.
     *
     * @param key unique within the task
     * @return a copy with that key
     */
    public Invocation dedupKey(String key) {
        return new Invocation(payload, requireNonNull(key, "key"), cursor);
    }

    /**
     * Stores a cursor in the same step as the execution.
     *
     * @param newCursor where to go on after this
     * @return a copy with that cursor
     */
    public Invocation cursor(String newCursor) {
        return new Invocation(payload, dedupKey, requireNonNull(newCursor, "newCursor"));
    }

    /**
     * Returns what came in.
     *
     * @return the payload
     */
    public Payload payload() {
        return payload;
    }

    /**
     * Returns the name of the thing that happened.
     *
     * @return the key, if one was given
     */
    public Optional<String> dedupKey() {
        return Optional.ofNullable(dedupKey);
    }

    /**
     * Returns the cursor to store.
     *
     * @return the cursor, if one was given
     */
    public Optional<String> cursor() {
        return Optional.ofNullable(cursor);
    }
}
