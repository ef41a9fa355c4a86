package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of an execution that did not fail. The runtime stores it in one step: events, cursor and
 * next due time together, or none of them.
 */
public sealed interface ExecutionResult {

    /**
     * Says that all is done.
     *
     * @param events what to deliver, each at least once; may be empty
     * @return a result
     */
    static Completed completed(List<HookEvent> events) {
        return new Completed(events, null, null);
    }

    /**
     * Says that all is done.
     *
     * @param events what to deliver, each at least once
     * @return a result
     */
    static Completed completed(HookEvent... events) {
        return completed(List.of(events));
    }

    /**
     * Says that there was nothing to do, such as an event that the task filters out.
     *
     * @param reason for the user who wonders
     * @return a result
     */
    static ExecutionResult skipped(String reason) {
        return new Skipped(reason);
    }

    /**
     * Says that the execution can never succeed, such as a body that is no JSON. It is not retried.
     *
     * @param reason for the user who has to mend it
     * @return a result
     */
    static ExecutionResult rejected(String reason) {
        return new Rejected(reason);
    }

    /** See {@link ExecutionResult#completed(List)}. */
    final class Completed implements ExecutionResult {
        private final List<HookEvent> events;
        private final @Nullable String cursor;
        private final @Nullable Instant nextDue;

        private Completed(List<HookEvent> events, @Nullable String cursor, @Nullable Instant nextDue) {
            this.events = List.copyOf(events);
            this.cursor = cursor;
            this.nextDue = nextDue;
        }

        /**
         * Stores a cursor with this result.
         *
         * @param newCursor where to go on next time
         * @return a copy with that cursor
         */
        public Completed cursor(String newCursor) {
            return new Completed(events, requireNonNull(newCursor, "newCursor"), nextDue);
        }

        /**
         * Sets the timer's next due time, overriding its schedule once: what a server that is polled
         * asked for. It counts only for an execution that a timer fired, and is ignored for others.
         *
         * @param due the next due time
         * @return a copy with that time
         */
        public Completed nextDue(Instant due) {
            return new Completed(events, cursor, requireNonNull(due, "due"));
        }

        /**
         * Returns what to deliver.
         *
         * @return the events
         */
        public List<HookEvent> events() {
            return events;
        }

        /**
         * Returns the cursor to store.
         *
         * @return the cursor, if one was given
         */
        public Optional<String> cursor() {
            return Optional.ofNullable(cursor);
        }

        /**
         * Returns the next due time.
         *
         * @return the time, if one was given
         */
        public Optional<Instant> nextDue() {
            return Optional.ofNullable(nextDue);
        }
    }

    /**
     * See {@link ExecutionResult#skipped}.
     *
     * @param reason for the user
     */
    record Skipped(String reason) implements ExecutionResult {}

    /**
     * See {@link ExecutionResult#rejected}.
     *
     * @param reason for the user
     */
    record Rejected(String reason) implements ExecutionResult {}
}
