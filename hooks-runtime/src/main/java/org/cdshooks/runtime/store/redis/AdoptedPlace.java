package org.cdshooks.runtime.store.redis;

import java.util.Set;
import org.cdshooks.runtime.task.Execution;

/**
 * Where an execution belongs that CDS's own service has left behind, by what its JSON says. That service is gone: nothing is
 * being worked on.
 */
enum AdoptedPlace {
    DONE("D"),
    FAILED("F"),
    /** Due at once: it has waited since. */
    RETRY("R"),
    QUEUE("Q"),
    /** Waits for its timer to ring, if no other run of the task does. */
    TIMER("T");

    /** How triggers are read of which CDS's service schedules nothing, though newer versions save a request as SCHEDULED. */
    private static final Set<String> UNSCHEDULED = Set.of("http", "listener");

    private final String letter;

    AdoptedPlace(String letter) {
        this.letter = letter;
    }

    /** As scripts call it. */
    String letter() {
        return letter;
    }

    /**
     * Finds the place.
     *
     * @param execution as its JSON says
     * @param hasStatus whether its JSON says a status: CDS's service leaves it empty in new executions and in those that it
     *     has just put into its queue
     * @param queued whether it stands in the queue of CDS's service
     * @param attempts how many attempts there are, of those that failed
     */
    static AdoptedPlace of(Execution execution, boolean hasStatus, boolean queued, int attempts) {
        boolean isUsedUp = execution.errors() >= attempts;
        boolean isProcessed = execution.processedAt() != 0;
        return switch (execution.status()) {
            case FAILED -> FAILED;
            case DONE -> ended(execution, isUsedUp);
            case DOING, ENQUEUED -> isUsedUp ? FAILED : QUEUE;
            case SCHEDULED -> {
                if (!hasStatus) {
                    yield isProcessed ? ended(execution, isUsedUp) : QUEUE;
                }
                boolean waits = !queued && !isProcessed && !UNSCHEDULED.contains(execution.trigger());
                yield waits ? TIMER : QUEUE;
            }
        };
    }

    /** What was skipped has a reason and no error; CDS's service counts an error for each text that it keeps. */
    private static AdoptedPlace ended(Execution execution, boolean isUsedUp) {
        if (execution.lastError().isEmpty() || execution.errors() == 0) {
            return DONE;
        }
        return isUsedUp ? FAILED : RETRY;
    }
}
