package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was done by a call whose answer never came. */
class LostRepliesTest {
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final TaskId A = new TaskId("a");
    private static final RedisKeys KEYS = new RedisKeys("hooks");
    private static RedisServer redis;

    private final TurnedClock clock = new TurnedClock();
    private final Faults faults = new Faults();
    private RespClient client;
    private RedisTaskStore store;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void openStore() {
        client = redis.connect();
        client.command("FLUSHALL");
        store = new RedisTaskStore(
                KEYS, clock, new SimulatedLink(client, KEYS, TestScripts.load(KEYS), faults, () -> {}));
        store.putTask(task("a"), Optional.empty());
    }

    @AfterEach
    void closeStore() {
        store.close();
        client.close();
    }

    private void accept(int count) {
        for (int i = 0; i < count; i++) {
            store.accept(execution("a", clock.nanos(), "" + i), AcceptTerms.ANY);
        }
    }

    private List<String> bodies(List<Claim> claims) {
        return claims.stream().map(claim -> claim.execution().payload().text()).toList();
    }

    private void loseClaim(int max) {
        faults.arm(Faults.Kind.LOST_REPLY);
        assertThatThrownBy(() -> store.claim(max, 10, LEASE)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void whatWasClaimedIsGivenByTheNextClaim() {
        accept(3);
        loseClaim(2);

        assertThat(bodies(store.claim(2, 10, LEASE))).containsExactly("0", "1");
        assertThat(bodies(store.claim(2, 10, LEASE))).containsExactly("2");
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(3, 0, 0, 3, 0));
    }

    @Test
    void whatWasClaimedIsGivenDuringMaintenanceToo() {
        accept(1);
        loseClaim(1);
        store.setMaintenance(true);

        assertThat(bodies(store.claim(1, 10, LEASE))).containsExactly("0");
    }

    @Test
    void ofWhatWasClaimedNoMoreIsGivenThanAskedForAndTheRestGoesBack() {
        accept(4);
        loseClaim(3);

        assertThat(bodies(store.claim(1, 10, LEASE))).containsExactly("0");
        List<Claim> rest = store.claim(10, 10, LEASE);
        assertThat(bodies(rest)).containsExactly("1", "2", "3");
        assertThat(rest).allMatch(claim -> claim.crashes() == 0);
    }

    @Test
    void whatWasClaimedAndHasBeenRecoveredSinceIsNotGiven() {
        accept(2);
        loseClaim(1);
        clock.turn(LEASE);
        store.recover(10);

        List<Claim> claims = store.claim(10, 10, LEASE);
        assertThat(bodies(claims)).containsExactly("1", "0");
        assertThat(claims.getLast().crashes()).isEqualTo(1);
    }

    @Test
    void whatWasClaimedOverAndOverWithoutAnAnswerIsGivenOnce() {
        accept(1);
        loseClaim(1);
        clock.turn(LEASE);
        store.recover(10);
        loseClaim(1);

        assertThat(bodies(store.claim(10, 10, LEASE))).containsExactly("0");
    }

    @Test
    void theTimerOfACheckpointIsNotPutAgainOnceItHasRung() {
        accept(2);
        List<Claim> claims = store.claim(2, 10, LEASE);
        Due first = timer("a", clock.instant().plusSeconds(1));
        Progress progress = new Progress(claims.getFirst().execution(), Optional.empty(), Optional.of(first));
        faults.arm(Faults.Kind.LOST_REPLY);
        assertThatThrownBy(() -> store.checkpoint(claims.getFirst(), progress))
                .isInstanceOf(StoreUnavailableException.class);
        clock.turn(Duration.ofSeconds(1));
        store.ring(new Ring(first.execution().key(), new Ring.Fate.Run(Optional.empty()), List.of(), Optional.empty()));

        assertThat(store.checkpoint(claims.getFirst(), progress)).isTrue();

        assertThat(store.nextDue()).isEmpty();
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(3, 0, 1, 2, 0));
    }

    @Test
    void theTimerOfACheckpointIsNotPutAgainWhenAnotherHasPutItsOwnSince() {
        accept(2);
        List<Claim> claims = store.claim(2, 10, LEASE);
        Due first = timer("a", clock.instant().plusSeconds(1));
        Due second = timer("a", clock.instant().plusSeconds(2));
        Progress progress = new Progress(claims.getFirst().execution(), Optional.empty(), Optional.of(first));
        faults.arm(Faults.Kind.LOST_REPLY);
        assertThatThrownBy(() -> store.checkpoint(claims.getFirst(), progress))
                .isInstanceOf(StoreUnavailableException.class);
        store.checkpoint(
                claims.getLast(), new Progress(claims.getLast().execution(), Optional.empty(), Optional.of(second)));

        assertThat(store.checkpoint(claims.getFirst(), progress)).isTrue();

        assertThat(store.nextDue()).contains(second.due());
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(3, 1, 0, 2, 0));
    }
}
