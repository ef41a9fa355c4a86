package org.cdshooks.runtime.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a store needs somebody next. All times are those of the store's clock, which the clock of a node may differ from: a node
 * sleeps for a span, and not until a time.
 *
 * @param now what the store's clock says
 * @param due when the next timer or retry is due, which may have passed; empty if nothing waits for a time
 * @param leaseEnd when the earliest lease expires; empty if nothing is under lease
 */
public record NextTimes(Instant now, Optional<Instant> due, Optional<Instant> leaseEnd) {
    /**
     * Returns how long it is until the next timer or retry is due.
     *
     * @return the span, zero or less if it is due; empty if nothing waits for a time
     */
    public Optional<Duration> untilDue() {
        return due.map(time -> Duration.between(now, time));
    }

    /**
     * Returns how long it is until the earliest lease expires.
     *
     * @return the span, zero or less if it has expired; empty if nothing is under lease
     */
    public Optional<Duration> untilLeaseEnd() {
        return leaseEnd.map(time -> Duration.between(now, time));
    }
}
