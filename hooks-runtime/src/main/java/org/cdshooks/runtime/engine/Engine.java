package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.InstantSource;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;

/** The whole engine of one node: the way in for {@code http} and {@code launch}. */
public final class Engine {

    /**
     * Puts an engine together. Nothing runs before {@link #start}.
     *
     * @param store where tasks and executions are
     * @param plugins hook types and sinks
     * @param config what an operator can set
     * @param clock the clock
     */
    public Engine(TaskStore store, PluginRegistry plugins, EngineConfig config, InstantSource clock) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Starts the hook types and sinks, then listeners, timers, retries, cleaner and processor. Called once. */
    public void start() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Stops in reverse: no new claims; listeners are told to stop; what runs gets the time, what has not ended then is
     * interrupted and will run again after the next start. Called once; the store is left open.
     *
     * @param grace how long what runs may take
     * @return how many executions had to be interrupted
     */
    public int stop(Duration grace) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Returns the life of tasks.
     *
     * @return the tasks
     */
    public Tasks tasks() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Returns what people ask of executions.
     *
     * @return the executions
     */
    public Executions executions() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Returns the endpoints of tasks.
     *
     * @return the endpoints
     */
    public Endpoints endpoints() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Tells how it is doing.
     *
     * @return the status
     */
    public EngineStatus status() {
        throw new UnsupportedOperationException("not built yet");
    }
}
