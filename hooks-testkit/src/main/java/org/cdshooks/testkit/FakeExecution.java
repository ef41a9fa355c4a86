package org.cdshooks.testkit;

import java.time.Instant;
import java.util.Optional;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskExecution;

record FakeExecution(
        ExecutionId id, String trigger, Instant dueAt, int attempt, Payload payload, Optional<String> cursor)
        implements TaskExecution {

    FakeExecution attempt(int number) {
        return new FakeExecution(id, trigger, dueAt, number, payload, cursor);
    }
}
