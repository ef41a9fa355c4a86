package org.cdshooks.runtime.store;

import java.time.Instant;
import java.util.Optional;

/**
 * When a store needs somebody next.
 *
 * @param due when the next timer or retry is due, which may have passed; empty if nothing waits for a time
 * @param leaseEnd when the earliest lease expires; empty if nothing is under lease
 */
public record NextTimes(Optional<Instant> due, Optional<Instant> leaseEnd) {}
