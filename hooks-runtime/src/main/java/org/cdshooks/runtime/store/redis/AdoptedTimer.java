package org.cdshooks.runtime.store.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.task.Execution;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among the runs of a task that CDS's own service has left SCHEDULED the one that waits: usually there is one.
 *
 * <p>The soonest that is not due yet waits, so that none is lost that was to come. If all are due, the newest of them waits:
 * it rings at once, and the schedule says what else was missed. If some are due and one is not, the newest of the due ones is
 * queued, as CDS's service would. All others are recorded as skipped: that service throws further due ones away, and a
 * second one to come is of another node or of an older schedule.
 */
final class AdoptedTimer {
    private final String type;
    private final List<Rest> rest = new ArrayList<>();
    private @Nullable Execution due;
    private @Nullable Execution soonest;

    /**
     * A run that does not wait.
     *
     * @param skipped why it is recorded as skipped; empty if it is queued
     */
    record Rest(Execution run, Optional<String> skipped) {}

    /**
     * Chooses for a task.
     *
     * @param type its hook type
     */
    AdoptedTimer(String type) {
        this.type = type;
    }

    /**
     * Takes a run; those of one type oldest first.
     *
     * @param now microseconds since the epoch
     */
    void add(Execution run, long now) {
        if (!run.key().type().equals(type)) {
            skip(run, "skipped: the task has another hook type now");
        } else if (Micros.notBefore(run.dueAt()) <= now) {
            if (due != null) {
                skip(due, "skipped: a later run was due as well when the CDS hooks service had ended");
            }
            due = run;
        } else if (soonest == null) {
            soonest = run;
        } else {
            skip(run, "skipped: an earlier run of this task was scheduled as well by the CDS hooks service");
        }
    }

    private void skip(Execution run, String reason) {
        rest.add(new Rest(run, Optional.of(reason)));
    }

    /** Takes out those that are known not to wait. */
    List<Rest> rest() {
        List<Rest> taken = List.copyOf(rest);
        rest.clear();
        return taken;
    }

    /** Ends the choice: what waits, if anything does. A last {@link #rest} may come of it. */
    Optional<Execution> waiting() {
        if (soonest == null) {
            return Optional.ofNullable(due);
        }
        if (due != null) {
            rest.add(new Rest(due, Optional.empty()));
            due = null;
        }
        return Optional.of(soonest);
    }
}
