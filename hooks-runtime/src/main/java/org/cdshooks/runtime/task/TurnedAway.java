package org.cdshooks.runtime.task;

import java.util.List;

/**
 * What was decided of a request that made no execution.
 *
 * @param at when it came in, in nanoseconds since the epoch
 * @param sender the address at the other end of the connection
 * @param method its method
 * @param path the path below the endpoint, as sent
 * @param status what was answered
 * @param steps what was looked at, in order
 * @param stoppedBy the step that ended it; empty if nothing was wrong with it
 * @param reason why, in words; may be empty
 * @param leftOut how many requests of the task were not noted since the one before
 */
public record TurnedAway(
        long at,
        String sender,
        String method,
        String path,
        int status,
        List<Arrival.Step> steps,
        String stoppedBy,
        String reason,
        long leftOut) {
    /** Copies the steps. */
    public TurnedAway {
        steps = List.copyOf(steps);
    }

    /**
     * Says how many were not noted.
     *
     * @param count how many
     * @return a copy that says so
     */
    public TurnedAway leftOut(long count) {
        return new TurnedAway(at, sender, method, path, status, steps, stoppedBy, reason, count);
    }
}
