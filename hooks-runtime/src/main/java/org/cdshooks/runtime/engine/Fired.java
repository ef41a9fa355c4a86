package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.runtime.task.Execution;

/** An execution as its hook sees it. */
record Fired(Execution execution, Supplier<Optional<String>> stored) implements TaskExecution {
    @Override
    public ExecutionId id() {
        return execution.key().id();
    }

    @Override
    public String trigger() {
        return execution.trigger();
    }

    @Override
    public Instant dueAt() {
        return execution.dueAt();
    }

    @Override
    public int attempt() {
        return execution.attempt();
    }

    @Override
    public Payload payload() {
        return execution.payload();
    }

    @Override
    public Optional<String> cursor() {
        return stored.get();
    }
}
