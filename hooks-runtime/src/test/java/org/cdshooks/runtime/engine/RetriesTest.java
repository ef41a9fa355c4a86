package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

    /** The clock of the node's machine, which is wrong. */
    private final TurnedClock wall = new TurnedClock();

    private final Node node =
            new Node("me", store, World.configWith(Map.of()), World.SHORT, wall, clock::ticks, new Tally());
    private final Retries retries = new Retries(node);

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
        assertThat(retries.pass()).contains(LEASE);
    }

    @Test
    void queuesWhatALostNodeWorkedOnAndSleepsThen() {
        clock.advance(LEASE);

        assertThat(retries.pass()).isEmpty();
        assertThat(store.counts().queued()).isEqualTo(1);
    }

    @Test
    void sleepsUntilTheLeaseEndsByTheClockOfTheStoreAndNotOfTheMachine() {
        wall.advance(Duration.ofMinutes(10));
        clock.advance(Duration.ofSeconds(4));

        assertThat(retries.pass()).contains(LEASE.minusSeconds(4));
        assertThat(store.counts().doing()).isEqualTo(1);
    }
}
