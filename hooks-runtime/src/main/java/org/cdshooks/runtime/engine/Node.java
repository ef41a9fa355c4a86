package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.TaskStore;

/**
 * What every part of the engine has in common.
 *
 * @param name the name of this process among all that share the store
 * @param store where tasks and executions are
 * @param config what an operator has set
 * @param limits how long the engine waits for plugins
 * @param clock the clock of this machine, which people may set: for what people read, never for how long something lasts
 * @param ticker a clock in nanoseconds that nobody sets, for what must not be fooled by one who does
 * @param tally what is counted for the status
 * @param storeClock the time of the store, by which is planned what the store is to judge
 */
record Node(
        String name,
        TaskStore store,
        EngineConfig config,
        Limits limits,
        InstantSource clock,
        LongSupplier ticker,
        Tally tally,
        StoreClock storeClock) {

    Node(
            String name,
            TaskStore store,
            EngineConfig config,
            Limits limits,
            InstantSource clock,
            LongSupplier ticker,
            Tally tally) {
        this(name, store, config, limits, clock, ticker, tally, new StoreClock(name, clock, ticker));
    }

    /** Returns the time of the clock that nobody sets; only differences mean something. */
    long ticks() {
        return ticker.getAsLong();
    }

    /** Returns the same as a point in time that means nothing in any calendar: for deadlines and back-off. */
    Instant steady() {
        return Instant.EPOCH.plusNanos(ticks());
    }

    /** Returns what the clock of this machine will show at a {@linkplain #steady steady} time, if nobody sets it till then. */
    Instant wall(Instant steady) {
        return clock.instant().plus(Duration.between(steady(), steady));
    }

    /** Returns the time as executions have it. */
    long nanos() {
        return Nanos.of(clock.instant()).orElse(0);
    }
}
