package org.cdshooks.runtime.store;

import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * What is to be done when a timer rings.
 *
 * @param key the run that waited
 * @param fate what becomes of it
 * @param catchUp runs that were missed after it and are to run now, oldest first; they are queued behind it
 * @param next the run that waits from now on; empty if the schedule is over
 * @param revision the revision of the task by which this was planned: if it has another one now, nothing is done; 0 does not
 *     ask
 */
public record Ring(ExecutionKey key, Fate fate, List<Execution> catchUp, Optional<Due> next, long revision) {
    /**
     * Makes an order that doesn't ask for the revision of the task.
     *
     * @param key the run that waited
     * @param fate what becomes of it
     * @param catchUp runs that were missed after it and are to run now
     * @param next the run that waits from now on
     */
    public Ring(ExecutionKey key, Fate fate, List<Execution> catchUp, Optional<Due> next) {
        this(key, fate, catchUp, next, 0);
    }

    /**
     * Notes with the run that waited under which revision it is accepted.
     *
     * @param run the run as it was stored
     * @return the run with the revision of this order, if it has one
     */
    public Execution accepted(Execution run) {
        return revision == 0 || run.marks().revisions().accepted() == revision ? run : run.acceptedUnder(revision);
    }

    /** What becomes of the run that waited. */
    public sealed interface Fate {

        /**
         * It runs. All that runs now, catch-up included, is recorded as skipped instead if {@code skipIfBusy} has a
         * reason and the task has unfinished executions other than these.
         *
         * @param skipIfBusy why, for the user; empty if runs may overlap
         */
        record Run(Optional<String> skipIfBusy) implements Fate {}

        /** It runs, with what was missed, unless the task has other unfinished executions: then all of it is forgotten. */
        record Merge() implements Fate {}

        /**
         * It does not run and is recorded as DONE with a reason; {@code catchUp} runs nevertheless.
         *
         * @param reason why, for the user
         * @param skipIfBusy as in {@link Run}, for the catch-up
         */
        record Record(String reason, Optional<String> skipIfBusy) implements Fate {}
    }
}
