package org.cdshooks.runtime.store.local;

/** What is stored, and under which name. The one place where names of the stored form come from. */
enum Kind {
    /** A task: {@link Rows#task}. A new number with each revision, never changed under its number. */
    TASK('t', "tasks", true),
    /** Where an execution is: {@link Rows#execution}. */
    EXECUTION('e', "executions", false),
    /** An execution, or what a task was before, as JSON. Never changed under its number. */
    BODY('b', "bodies", true),
    /** A task's cursor, under the number of the task. */
    CURSOR('c', "cursors", false),
    /** Until when a task is paused, under the number of the task: {@link Rows#number}. */
    PAUSE('p', "pauses", false),
    /** What a task was before, but for its JSON, which is a {@link #BODY}: {@link Rows#former}. */
    FORMER('f', "formers", false),
    /** A delivery that is remembered: {@link Rows#delivery}. */
    DELIVERY('d', "deliveries", false),
    /** Where an entry of the log of requests is: {@link Rows#request}. Its value is a {@link #BODY}. */
    REQUEST('r', "requests", false),
    /** An idempotency key that an execution has claimed: {@link Rows#first}. */
    IDEMPOTENCY_KEY('i', "idempotencyKeys", false),
    /** What holds for the whole store: {@link Rows#MAINTENANCE}, {@link Rows#LAST} and {@link Rows#MOVING}. */
    SWITCH('s', "switches", false);

    private final char letter;
    private final String mapName;
    private final boolean readLater;

    Kind(char letter, String mapName, boolean readLater) {
        this.letter = letter;
        this.mapName = mapName;
        this.readLater = readLater;
    }

    /** Goes into checksums, so that a value of one kind is not taken for one of another. */
    char letter() {
        return letter;
    }

    String mapName() {
        return mapName;
    }

    /** Whether values are read while the store is open; all others only when it opens. */
    boolean isReadLater() {
        return readLater;
    }
}
