package org.cdshooks.runtime.store.local;

/** What is stored, and under which name. The one place where names of the stored form come from. */
enum Kind {
    /** A task: {@link Rows#task}. A new number with each revision, never changed under its number. */
    TASK("tasks", true),
    /** Where an execution is: {@link Rows#execution}. */
    EXECUTION("executions", false),
    /** An execution as JSON. Never changed under its number. */
    BODY("bodies", true),
    /** A task's cursor, under the number of the task. */
    CURSOR("cursors", false),
    /** A delivery that is remembered: {@link Rows#delivery}. */
    DELIVERY("deliveries", false);

    private final String mapName;
    private final boolean readLater;

    Kind(String mapName, boolean readLater) {
        this.mapName = mapName;
        this.readLater = readLater;
    }

    String mapName() {
        return mapName;
    }

    /** Whether values are read while the store is open; all others only when it opens. */
    boolean isReadLater() {
        return readLater;
    }
}
