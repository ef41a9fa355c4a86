package org.cdshooks.runtime.engine;

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
 * @param clock the clock
 * @param ticker a clock in nanoseconds that nobody sets, for what must not be fooled by one who does
 * @param tally what is counted for the status
 */
record Node(
        String name,
        TaskStore store,
        EngineConfig config,
        Limits limits,
        InstantSource clock,
        LongSupplier ticker,
        Tally tally) {

    /** Returns the time of the clock that nobody sets; only differences mean something. */
    long ticks() {
        return ticker.getAsLong();
    }

    /** Returns the time as executions have it. */
    long nanos() {
        return Nanos.of(clock.instant()).orElse(0);
    }
}
