package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until a test turns it. */
final class TurnedClock implements InstantSource {
    static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private volatile Instant now = START;

    @Override
    public Instant instant() {
        return now;
    }

    /** A clock in nanoseconds that is turned with it; {@link Node#steady} of a node with both is this clock's own time. */
    long ticks() {
        return Duration.between(Instant.EPOCH, now).toNanos();
    }

    void advance(Duration time) {
        now = now.plus(time);
    }

    void set(Instant time) {
        now = time;
    }
}
