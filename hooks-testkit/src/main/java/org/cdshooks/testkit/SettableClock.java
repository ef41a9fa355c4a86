package org.cdshooks.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is turned. Safe for use by several threads. */
public final class SettableClock implements InstantSource {
    /** What a new clock shows: midnight UTC at the start of 2030, a Tuesday. */
    public static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private volatile Instant now;

    private SettableClock(Instant now) {
        this.now = requireNonNull(now, "now");
    }

    /**
     * Creates a clock.
     *
     * @param now what it shows
     * @return a new clock
     */
    public static SettableClock at(Instant now) {
        return new SettableClock(now);
    }

    /**
     * Creates a clock that shows {@link #START}.
     *
     * @return a new clock
     */
    public static SettableClock create() {
        return new SettableClock(START);
    }

    @Override
    public Instant instant() {
        return now;
    }

    /**
     * Turns the clock to a time, also back: real clocks do that too.
     *
     * @param time what it shows from now on
     */
    public void set(Instant time) {
        now = requireNonNull(time, "time");
    }

    /**
     * Turns the clock on.
     *
     * @param time by how much; negative turns it back
     */
    public void advance(Duration time) {
        set(now.plus(time));
    }

    @Override
    public String toString() {
        return "clock at " + now;
    }
}
