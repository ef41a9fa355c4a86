package org.cdshooks.runtime.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;

/**
 * What a store remembers of requests beside executions: bounded by count, bytes and age for each task and kind, the oldest
 * goes first. It goes with its task. What an entry says is the caller's affair.
 *
 * <p>Every method throws {@link StoreUnavailableException} when the store can't be reached or can't be written. They may be
 * called from any thread.
 */
public interface RequestLog {
    /** How long an entry is kept at most. */
    Duration AGE = Duration.ofDays(7);

    /** What is remembered. The letter and the word are parts of stored forms. */
    enum Kind {
        /** What was decided of a request that made no execution. */
        TRACE('t', "trace", 100, 256 << 10),
        /** A request that was refused, whole. */
        QUARANTINE('q', "quarantine", 100, 1 << 20);

        private final char letter;
        private final String word;
        private final int count;
        private final int bytes;

        Kind(char letter, String word, int count, int bytes) {
            this.letter = letter;
            this.word = word;
            this.count = count;
            this.bytes = bytes;
        }

        /**
         * Returns its letter.
         *
         * @return a letter of its own
         */
        public char letter() {
            return letter;
        }

        /**
         * Returns its word.
         *
         * @return a word of its own, in lower case
         */
        public String word() {
            return word;
        }

        /**
         * Returns how many entries of a task are kept.
         *
         * @return the number
         */
        public int count() {
            return count;
        }

        /**
         * Returns how many bytes the entries of a task have in all.
         *
         * @return the number
         */
        public int bytes() {
            return bytes;
        }
    }

    /**
     * An entry.
     *
     * @param task the task that it is of
     * @param id when it happened, in nanoseconds since the epoch, unique within the task and kind
     * @param value what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Entry(TaskId task, long id, byte[] value) {}

    /**
     * Adds entries. They may be forgotten in a crash soon after.
     *
     * @param kind of which kind
     * @param entries the entries, of any tasks; one whose id another one has gets the next free one, those of tasks that are
     *     not there are dropped, and one that is there already may be taken for the same
     */
    void append(Kind kind, List<Entry> entries);

    /**
     * Lists entries of a task, newest first.
     *
     * @param kind of which kind
     * @param task the task
     * @param before only those with a lower id; {@link Long#MAX_VALUE} for the first page
     * @param limit how many at most
     * @return the entries
     */
    List<Entry> list(Kind kind, TaskId task, long before, int limit);

    /**
     * Finds one entry.
     *
     * @param kind of which kind
     * @param task the task
     * @param id its id
     * @return the entry
     */
    default Optional<Entry> find(Kind kind, TaskId task, long id) {
        return id == Long.MAX_VALUE
                ? Optional.empty()
                : list(kind, task, id + 1, 1).stream()
                        .filter(entry -> entry.id() == id)
                        .findFirst();
    }

    /**
     * Removes one entry, durably.
     *
     * @param kind of which kind
     * @param task the task
     * @param id its id
     * @return whether it was there
     */
    boolean remove(Kind kind, TaskId task, long id);

    /**
     * Removes all entries of a task, durably.
     *
     * @param kind of which kind
     * @param task the task
     * @return how many there were
     */
    int clear(Kind kind, TaskId task);
}
