package org.cdshooks.testkit;

import java.time.Duration;
import java.time.Instant;
import org.cdshooks.api.ExecutionContext;

/** The bounds of an attempt; {@link #cancel} sets the flag, the interrupt is the caller's affair. */
final class FakeExecutionContext implements ExecutionContext {
    static final Duration DEADLINE = Duration.ofMinutes(1);

    private final Instant deadline;
    private volatile boolean cancelled;

    FakeExecutionContext(Instant now) {
        this.deadline = now.plus(DEADLINE);
    }

    void cancel() {
        cancelled = true;
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }
}
