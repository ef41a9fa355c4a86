package org.cdshooks.runtime.engine;

import java.util.Map;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;

/**
 * How an execution stands when its sender is answered.
 *
 * @param status how it ended, if it has
 * @param error why it failed or was skipped, or why it is tried again; may be empty
 * @param run the number of what it started; 0 if there is none
 * @param answer what the sink's target answered last; may be empty
 * @param values the values of its first event that the answer names
 */
public record Ending(Status status, String error, long run, String answer, Map<String, String> values) {
    /** How it ended. */
    public enum Status {
        /** All that was to be delivered has arrived. */
        DONE,
        /** It has failed for good. */
        FAILED,
        /** It is done, and nothing was to be delivered. */
        SKIPPED,
        /** It has not ended: it waits, or is worked on. */
        RUNNING,
        /** It was removed before anybody here saw its end. */
        REMOVED
    }

    static final Ending RUNNING = new Ending(Status.RUNNING, "", 0, "", Map.of());
    static final Ending REMOVED = new Ending(Status.REMOVED, "the execution has been removed", 0, "", Map.of());

    /** Copies the values. */
    public Ending {
        values = Map.copyOf(values);
    }

    /**
     * Tells whether it has ended.
     *
     * @return false if somebody should look again
     */
    public boolean isEnd() {
        return status == Status.DONE || status == Status.FAILED || status == Status.SKIPPED;
    }

    static Ending of(Execution execution, ExecutionStatus status) {
        String error = execution.lastError();
        Status ended = switch (status) {
            case DONE -> error.isEmpty() || Sifted.isPartly(error) ? Status.DONE : Status.SKIPPED;
            case FAILED -> Status.FAILED;
            case SCHEDULED, ENQUEUED, DOING -> Status.RUNNING;
        };
        return new Ending(
                ended,
                error,
                execution.run(),
                execution.answer(),
                execution.marks().told());
    }
}
