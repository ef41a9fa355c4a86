package org.cdshooks.runtime.task;

/** Where an execution stands. A store knows it by the collection that holds the key; the names are those on the wire. */
public enum ExecutionStatus {
    /** Waits for its time: a timer that is to ring, or the next attempt after a failed one. */
    SCHEDULED,
    /** Waits for a worker. */
    ENQUEUED,
    /** Is being worked on, under a lease. */
    DOING,
    /** Has ended well, or was skipped with a reason. */
    DONE,
    /** Has ended badly: tries used up, rejected, stopped, or crashed too often. Kept, can be replayed. */
    FAILED;

    /**
     * Tells whether nothing more will happen unless somebody replays it.
     *
     * @return true for DONE and FAILED
     */
    public boolean isFinished() {
        return switch (this) {
            case SCHEDULED, ENQUEUED, DOING -> false;
            case DONE, FAILED -> true;
        };
    }
}
