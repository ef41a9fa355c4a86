package org.cdshooks.runtime.task;

import java.util.Map;
import java.util.Optional;

/**
 * What is noted of an execution beside the work on it.
 *
 * @param replays how often it was replayed; 0 if it never was
 * @param replayedAfter how many attempts had begun when it was replayed last: those that follow are of the replay
 * @param arrival how it came in, if it was a request
 * @param stage how far the last attempt came
 * @param revisions which revisions of its task it has to do with
 * @param told the values of its first event that the answer to its sender names; few and short
 */
public record ExecutionMarks(
        int replays,
        int replayedAfter,
        Optional<Arrival> arrival,
        Stage stage,
        RevisionMarks revisions,
        Map<String, String> told) {
    /** Those of a new execution. */
    public static final ExecutionMarks NONE = new ExecutionMarks(0, 0);

    /** Parts of an attempt. */
    public enum Stage {
        /** It did not come to the hook. */
        NONE,
        /** Its hook executes it. */
        HOOK,
        /** The hook is done: its events are sifted and sent. */
        SINK
    }

    /** Copies the values. */
    public ExecutionMarks {
        told = Map.copyOf(told);
    }

    /**
     * Makes marks of an execution of which nothing else is noted.
     *
     * @param replays how often it was replayed
     * @param replayedAfter how many attempts had begun when it was replayed last
     */
    public ExecutionMarks(int replays, int replayedAfter) {
        this(replays, replayedAfter, Optional.empty(), Stage.NONE, RevisionMarks.NONE, Map.of());
    }

    /**
     * Keeps values for the answer.
     *
     * @param values by their names
     * @return marks with them
     */
    public ExecutionMarks told(Map<String, String> values) {
        return new ExecutionMarks(replays, replayedAfter, arrival, stage, revisions, values);
    }

    /**
     * Marks a replay.
     *
     * @param attempts how many attempts have begun
     * @param config under which config it runs again
     * @return marks with one replay more
     */
    public ExecutionMarks replayed(int attempts, ReplayConfig config) {
        return new ExecutionMarks(replays + 1, attempts, arrival, Stage.NONE, revisions.replayed(config), Map.of());
    }

    /**
     * Notes how it came in.
     *
     * @param how how
     * @return marks with that
     */
    public ExecutionMarks arrived(Arrival how) {
        return new ExecutionMarks(replays, replayedAfter, Optional.of(how), stage, revisions, told);
    }

    /**
     * Notes how far an attempt has come.
     *
     * @param newStage how far
     * @return marks with that
     */
    public ExecutionMarks at(Stage newStage) {
        return new ExecutionMarks(replays, replayedAfter, arrival, newStage, revisions, told);
    }

    ExecutionMarks with(RevisionMarks newRevisions) {
        return new ExecutionMarks(replays, replayedAfter, arrival, stage, newRevisions, told);
    }
}
