package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody sets the clock of the machine while a process with a store of its own works. */
class LeasesByASteadyClockTest {
    private static final Duration LEASE = Duration.ofSeconds(10);

    private final TurnedClock wall = new TurnedClock();
    private final TurnedClock steady = new TurnedClock();
    private final TaskStore store = LocalStores.memory(wall, steady::nanos);

    @BeforeEach
    void work() {
        store.putTask(Samples.task("a"), Optional.empty());
        store.accept(Samples.execution("a", 1, "x"), AcceptTerms.ANY);
        assertThat(store.claim(1, 1, LEASE)).hasSize(1);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aLeaseEndsWhenItsTimeHasPassedWhateverTheClockSays() {
        wall.turn(Duration.ofMinutes(10));
        assertThat(store.recover(10)).isZero();
        assertThat(store.nextTimes().untilLeaseEnd()).contains(LEASE);

        wall.turn(Duration.ofMinutes(-20));
        steady.turn(LEASE);
        assertThat(store.nextTimes().untilLeaseEnd()).contains(Duration.ZERO);
        assertThat(store.recover(10)).isEqualTo(1);
    }

    @Test
    void aRightToListenEndsWhenItsTimeHasPassedWhateverTheClockSays() {
        ListenRight right = store.listen(new TaskId("a"), "n1", LEASE).orElseThrow();
        wall.turn(Duration.ofMinutes(10));
        assertThat(store.renewListening(List.of(right), LEASE)).isEmpty();

        wall.turn(Duration.ofMinutes(-20));
        steady.turn(LEASE);
        assertThat(store.renewListening(List.of(right), LEASE)).containsExactly(right);
    }
}
