package org.cdshooks.runtime.engine;

import java.time.InstantSource;
import org.cdshooks.runtime.store.TaskStore;

/**
 * What every part of the engine has in common.
 *
 * @param store where tasks and executions are
 * @param config what an operator has set
 * @param limits how long the engine waits for plugins
 * @param clock the clock
 * @param tally what is counted for the status
 */
record Node(TaskStore store, EngineConfig config, Limits limits, InstantSource clock, Tally tally) {

    /** Returns the time as executions have it. */
    long nanos() {
        return Nanos.of(clock.instant()).orElse(0);
    }
}
