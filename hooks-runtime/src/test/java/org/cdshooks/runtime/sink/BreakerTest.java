package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private final TurnedClock clock = new TurnedClock();
    private final Breaker breaker = new Breaker();

    private Breaker.Answer.Go go() {
        Breaker.Answer answer = breaker.ask(clock.instant());
        assertThat(answer).isInstanceOf(Breaker.Answer.Go.class);
        return (Breaker.Answer.Go) answer;
    }

    private void calls(int failed, int succeeded) {
        for (int i = 0; i < succeeded; i++) {
            breaker.succeeded(go(), clock.instant());
        }
        for (int i = 0; i < failed; i++) {
            breaker.failed(go(), clock.instant());
        }
    }

    @Test
    void opensAtTenCallsOfWhichSeventyPercentFailed() {
        calls(6, 3);
        go();
        calls(1, 0);
        assertThat(breaker.ask(clock.instant())).isEqualTo(new Breaker.Answer.Wait(Breaker.OPEN));
    }

    @Test
    void staysClosedBelowTenCallsOrSeventyPercent() {
        calls(9, 0);
        go();
        calls(0, 5);
        calls(2, 0);
        go();
    }

    @Test
    void forgetsWhatIsOlderThanItsWindow() {
        calls(9, 0);
        clock.turn(Breaker.WINDOW);
        calls(9, 0);
        go();
        clock.turn(Duration.ofMinutes(2));
        calls(1, 0);
        assertThat(breaker.ask(clock.instant())).isInstanceOf(Breaker.Answer.Wait.class);
    }

    @Test
    void letsOneProbeThroughAndBelievesIt() {
        calls(10, 0);
        clock.turn(Breaker.OPEN);
        Breaker.Answer.Go probe = go();
        assertThat(probe.probe()).isTrue();
        assertThat(breaker.ask(clock.instant())).isEqualTo(new Breaker.Answer.Wait(Breaker.PROBING));
        breaker.failed(probe, clock.instant());
        assertThat(breaker.ask(clock.instant())).isEqualTo(new Breaker.Answer.Wait(Breaker.OPEN));
        clock.turn(Breaker.OPEN);
        breaker.succeeded(go(), clock.instant());
        calls(8, 0);
        go();
    }

    @Test
    void aProbeThatWasGivenUpMakesRoomForAnother() {
        calls(10, 0);
        clock.turn(Breaker.OPEN);
        breaker.abandoned(go());
        assertThat(go().probe()).isTrue();
    }

    @Test
    void whatBeganBeforeItOpenedDecidesNothing() {
        Breaker.Answer.Go late = go();
        calls(10, 0);
        clock.turn(Breaker.OPEN);
        Breaker.Answer.Go probe = go();
        breaker.succeeded(late, clock.instant());
        breaker.failed(late, clock.instant());
        breaker.abandoned(late);
        assertThat(breaker.ask(clock.instant())).isEqualTo(new Breaker.Answer.Wait(Breaker.PROBING));
        breaker.succeeded(probe, clock.instant());
        go();
    }

    @Test
    void aClockSetBackKeepsItOpenNoLongerThanItMust() {
        calls(10, 0);
        clock.turn(Duration.ofHours(-2));
        go();
    }
}
