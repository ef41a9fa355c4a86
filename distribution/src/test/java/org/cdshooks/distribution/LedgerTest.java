package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import org.cdshooks.distribution.StoreView.Unfinished;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ledger lets explained repeats pass, and no others. */
final class LedgerTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private Ledger ledger;

    @BeforeEach
    void open() throws Exception {
        ledger = new Ledger();
    }

    @AfterEach
    void close() {
        ledger.close();
        http.close();
    }

    private void deliver(int id) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(ledger.url()))
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + id + "\"}"))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(204);
    }

    private void kill(Integer... unfinished) {
        ledger.killed(ledger.now(), new Unfinished(Set.of(unfinished), Set.of()));
    }

    @Test
    void whatWasInFlightAtAKillMayComeOnceMore() throws Exception {
        deliver(1);
        kill(1);
        deliver(1);

        assertThat(ledger.repeats()).isEqualTo(1);
        assertThat(ledger.unexplained()).isEmpty();
    }

    @Test
    void whatHadItsEndBeforeAKillMayNotComeOnceMoreHoweverSoonAfterIt() throws Exception {
        deliver(1);
        deliver(2);
        kill(2);
        deliver(1);

        assertThat(ledger.unexplained()).singleElement().asString().startsWith("execution 1 came");
    }

    @Test
    void whatCameTwiceBeforeAKillIsNotExplainedByIt() throws Exception {
        deliver(1);
        deliver(1);
        kill(1);

        assertThat(ledger.unexplained()).hasSize(1);
    }

    @Test
    void oneKillExplainsOneRepeat() throws Exception {
        deliver(1);
        kill(1);
        deliver(1);
        deliver(1);

        assertThat(ledger.unexplained()).hasSize(1);

        kill(1);
        deliver(1);

        assertThat(ledger.repeats()).isEqualTo(3);
        assertThat(ledger.unexplained()).hasSize(1);
    }

    @Test
    void whatStillWaitsToComeAgainWhenAnotherKillComesMayComeOnceMoreOnly() throws Exception {
        deliver(1);
        kill(1);
        kill(1);
        deliver(1);
        deliver(1);

        assertThat(ledger.unexplained()).hasSize(1);
    }

    @Test
    void whatOnlyWaitedAtAKillWasNotInFlight() throws Exception {
        kill(1);
        deliver(1);
        deliver(1);

        assertThat(ledger.mostInFlight()).isZero();
        assertThat(ledger.unexplained()).hasSize(1);
    }

    @Test
    void whatWasUnderLeaseOfAPausedNodeMayComeOnceMoreThoughItsCallHadNotBegun() throws Exception {
        ledger.paused(ledger.now(), new Unfinished(Set.of(1, 2), Set.of(1)));
        deliver(1);
        deliver(1);
        deliver(2);
        deliver(2);

        assertThat(ledger.unexplained()).singleElement().asString().startsWith("execution 2 came");
    }
}
