package org.cdshooks.runtime.plugin;

import java.time.Duration;

/** Suspends a hook type or sink for a test, as the watch would. */
public final class Suspension implements AutoCloseable {
    private final PluginGate gate;

    public Suspension(Loaded<?> loaded) {
        gate = loaded.door().gate();
        gate.suspend(gate.what() + " is suspended", 0);
    }

    @Override
    public void close() {
        gate.reopen(Duration.ofDays(1).toNanos());
    }
}
