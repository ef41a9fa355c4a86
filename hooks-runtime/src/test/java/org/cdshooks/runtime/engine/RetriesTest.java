package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RetriesTest {
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final TaskId TASK = new TaskId("a");

    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = LocalStores.memory(clock);
    private final Retries retries = new Retries(store);

    @BeforeEach
    void work() {
        store.putTask(TaskRecord.of(TASK, "Web", Map.of()), Optional.empty());
        store.accept(
                Execution.of(new ExecutionKey("Web", TASK, 1), "http", Map.of(), Payload.empty()), AcceptTerms.ANY);
        assertThat(store.claim(1, 1, LEASE)).hasSize(1);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void comesAgainWhenTheLeaseEnds() {
        assertThat(retries.pass(clock.instant())).isEqualTo(clock.instant().plus(LEASE));
    }

    @Test
    void queuesWhatALostNodeWorkedOnAndSleepsThen() {
        clock.advance(LEASE);

        assertThat(retries.pass(clock.instant())).isEqualTo(Loop.NEVER);
        assertThat(store.counts().queued()).isEqualTo(1);
    }

    @Test
    void doesNotSpinUntilTheClockOfTheStoreHasComeAsFar() {
        Instant ahead = clock.instant().plus(LEASE).plusMillis(300);

        Instant next = retries.pass(ahead);

        assertThat(store.counts().doing()).isEqualTo(1);
        assertThat(next).isBetween(ahead.plusMillis(10), ahead.plusMillis(100));
    }
}
