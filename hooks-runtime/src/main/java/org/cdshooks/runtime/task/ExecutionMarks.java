package org.cdshooks.runtime.task;

/**
 * What has been done with an execution beside working on it.
 *
 * @param replays how often it was replayed; 0 if it never was
 * @param replayedAfter how many attempts had begun when it was replayed last: those that follow are of the replay
 */
public record ExecutionMarks(int replays, int replayedAfter) {
    /** Those of a new execution. */
    public static final ExecutionMarks NONE = new ExecutionMarks(0, 0);

    /**
     * Marks a replay.
     *
     * @param attempts how many attempts have begun
     * @return marks with one replay more
     */
    public ExecutionMarks replayed(int attempts) {
        return new ExecutionMarks(replays + 1, attempts);
    }
}
