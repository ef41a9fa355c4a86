package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StoreClockTest {
    private final TurnedClock ofStore = new TurnedClock();
    private final TurnedClock wall = new TurnedClock();
    private final TurnedClock steady = new TurnedClock();
    private final TaskStore store = LocalStores.memory(ofStore);
    private final SharedStore shared = new SharedStore(store);
    private final StoreClock clock = new StoreClock("n1", wall, steady::ticks);

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void showsTheTimeOfTheMachineUntilTheStoreWasHeard() {
        wall.advance(Duration.ofMinutes(3));

        assertThat(clock.instant()).isEqualTo(wall.instant());
        assertThat(clock.skew()).isEmpty();
    }

    @Test
    void showsTheTimeOfTheStoreWhateverTheMachineSays() {
        wall.advance(Duration.ofMinutes(-10));
        var _ = clock.ask(store);
        assertThat(clock.instant()).isEqualTo(TurnedClock.START);

        steady.advance(Duration.ofSeconds(7));
        wall.advance(Duration.ofHours(3));

        assertThat(clock.instant()).isEqualTo(TurnedClock.START.plusSeconds(7));
    }

    @Test
    void tellsByHowMuchTheMachineIsWrongAndWhenItIsRightAgain() {
        wall.advance(Duration.ofMillis(1_000));
        var _ = clock.ask(store);
        assertThat(clock.skew()).isEmpty();

        wall.advance(Duration.ofMillis(1));
        var _ = clock.ask(store);
        assertThat(clock.skew()).contains(Duration.ofMillis(1_001));

        wall.advance(Duration.ofMinutes(-10));
        var _ = clock.ask(store);
        assertThat(clock.skew()).contains(Duration.ofMillis(1_001).minusMinutes(10));
        assertThat(StoreClock.words("n1", clock.skew().orElseThrow()))
                .contains("node n1 is 599.0 s behind")
                .contains("NTP");

        wall.set(TurnedClock.START);
        var _ = clock.ask(store);
        assertThat(clock.skew()).isEmpty();
    }

    /** A slow answer says little of the time at which the store looked at its clock. */
    @Test
    void doesNotTakeASlowAnswerForAWrongClock() {
        SharedStore.View slow = shared.view();
        shared.before.put("nextTimes", () -> {
            wall.advance(Duration.ofSeconds(4));
            steady.advance(Duration.ofSeconds(4));
            ofStore.advance(Duration.ofSeconds(4));
        });

        var _ = clock.ask(slow.store);

        assertThat(clock.skew()).isEmpty();
        assertThat(clock.instant()).isEqualTo(TurnedClock.START.plusSeconds(6));
    }

    @Test
    void theStatusOfANodeSaysIt() {
        try (Cluster cluster = new Cluster()) {
            Cluster.Member one = cluster.join("one");
            assertThat(one.engine.status().clockProblem()).isEmpty();
            one.skew = Duration.ofSeconds(-90);
            cluster.turn(1);

            assertThat(one.engine.status().clockProblem().orElseThrow())
                    .contains("node one is 90.0 s behind the clock of the store");
        }
    }
}
