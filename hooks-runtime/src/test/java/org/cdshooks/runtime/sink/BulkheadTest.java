package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private final TurnedClock clock = new TurnedClock();
    private final Bulkhead bulkhead = new Bulkhead(clock);

    private Bulkhead.Call call(String origin) throws InterruptedException {
        Bulkhead.Admission admission = bulkhead.admit(origin);
        assertThat(admission).isInstanceOf(Bulkhead.Call.class);
        return (Bulkhead.Call) admission;
    }

    @Test
    void hasAShareForEachTargetAndABoundForAll() throws InterruptedException {
        List<Bulkhead.Call> calls = new ArrayList<>();
        while (calls.size() < Bulkhead.IN_ALL) {
            calls.add(call("http://host" + calls.size() / Bulkhead.PER_TARGET));
        }
        assertThat(bulkhead.admit("http://host0"))
                .isInstanceOfSatisfying(
                        Bulkhead.Refused.class,
                        refused -> assertThat(refused.reason()).contains("20 calls to http://host0"));
        assertThat(bulkhead.admit("http://other"))
                .isInstanceOfSatisfying(
                        Bulkhead.Refused.class,
                        refused -> assertThat(refused.reason()).contains("256 calls"));

        calls.getFirst().close();
        call("http://other").close();
        calls.removeFirst();
        calls.forEach(Bulkhead.Call::close);
        for (int i = 0; i < Bulkhead.PER_TARGET; i++) {
            call("http://other");
        }
        assertThat(bulkhead.admit("http://other")).isInstanceOf(Bulkhead.Refused.class);
    }

    @Test
    void aRefusalByTheBreakerTakesNoPlace() throws InterruptedException {
        for (int i = 0; i < Breaker.MIN_CALLS; i++) {
            try (Bulkhead.Call call = call("http://down")) {
                call.failed();
            }
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(bulkhead.admit("http://down")).isInstanceOf(Bulkhead.Refused.class);
        }
        call("http://up").close();
        clock.turn(Breaker.OPEN);
        try (Bulkhead.Call probe = call("http://down")) {
            probe.succeeded();
        }
        call("http://down").close();
    }

    @Test
    void aCallWithoutOutcomeTellsNothingOfTheTarget() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            call("http://host").close();
        }
        call("http://host").close();
    }

    @Test
    void forgetsTargetsThatNobodyCalls() throws InterruptedException {
        for (int i = 0; i < Breaker.MIN_CALLS; i++) {
            try (Bulkhead.Call call = call("http://down")) {
                call.failed();
            }
        }
        clock.turn(Duration.ofMinutes(11));
        assertThat(((Bulkhead.Call) bulkhead.admit("http://down"))).isNotNull();
    }

    @Test
    void anOpenCircuitIsToldEvenWhenAllPlacesAreTaken() throws InterruptedException {
        List<Bulkhead.Call> hanging = new ArrayList<>();
        while (hanging.size() < Bulkhead.PER_TARGET) {
            hanging.add(call("http://down"));
        }
        hanging.forEach(Bulkhead.Call::failed);
        assertThat(bulkhead.admit("http://down"))
                .isInstanceOfSatisfying(
                        Bulkhead.Refused.class,
                        refused -> assertThat(refused.reason()).contains("circuit open"));
    }

    @Test
    void whoIsInterruptedWhileWaitingTakesNoPlaceAndIsNotTakenForARefusal() throws InterruptedException {
        List<Bulkhead.Call> calls = new ArrayList<>();
        while (calls.size() < Bulkhead.IN_ALL) {
            calls.add(call("http://host" + calls.size() / Bulkhead.PER_TARGET));
        }
        for (int i = 0; i < Bulkhead.PER_TARGET; i++) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> bulkhead.admit("http://other")).isInstanceOf(InterruptedException.class);
        }
        calls.forEach(Bulkhead.Call::close);
        call("http://other").close();
    }
}
