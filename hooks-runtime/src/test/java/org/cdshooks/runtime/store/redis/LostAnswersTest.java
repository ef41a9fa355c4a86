package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.redis.RedisFixtures.soon;
import static org.cdshooks.runtime.store.redis.RedisFixtures.tryToAccept;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.testbed.FaultProxy;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is between the store and Redis loses, delays and cuts. */
class LostAnswersTest {
    private static final Duration BACK = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final TaskId A = new TaskId("a");

    private final RedisServer redis = RedisServer.start();
    private final FaultProxy proxy = FaultProxy.to(redis.port());
    private final TaskStore store = RedisStores.open(RedisOptions.of("redis://127.0.0.1:" + proxy.port()));
    private final TaskStore direct = RedisStores.open(RedisOptions.of(redis.uri()));

    @BeforeEach
    void putTask() {
        store.putTask(task("a"), Optional.empty());
    }

    @AfterEach
    void close() {
        store.close();
        direct.close();
        proxy.close();
        redis.close();
    }

    private AcceptResult acceptAgain() throws Exception {
        return soon(BACK, () -> tryToAccept(store));
    }

    @Test
    void anAnswerThatIsLostWasNotAcknowledgedAndWhatWasDoneIsThere() throws Exception {
        proxy.dropReplies(true);
        assertThatThrownBy(() -> store.accept(execution("a", 7, "x"), AcceptTerms.ANY))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("did not answer within 2 s");
        proxy.dropReplies(false);

        assertThat(direct.counts(A).queued()).isEqualTo(1);
        assertThat(acceptAgain()).isInstanceOf(AcceptResult.Stored.class);
        assertThat(direct.counts(A).queued()).isEqualTo(2);
    }

    @Test
    void aDeliveryWhoseAnswerWasLostIsADuplicateWhenItComesAgain() throws Exception {
        AcceptTerms terms = AcceptTerms.ANY.dedup("d", Duration.ofMinutes(5));
        proxy.dropReplies(true);
        assertThatThrownBy(() -> store.accept(execution("a", 7, "x"), terms))
                .isInstanceOf(StoreUnavailableException.class);
        proxy.dropReplies(false);

        AcceptResult again = soon(BACK, () -> {
            try {
                return Optional.of(store.accept(execution("a", 8, "x"), terms));
            } catch (StoreUnavailableException e) {
                return Optional.empty();
            }
        });
        assertThat(again)
                .isEqualTo(new AcceptResult.Duplicate(execution("a", 7, "").key()));
        assertThat(direct.counts(A).total()).isEqualTo(1);
    }

    /** Defect A8 of CDS. */
    @Test
    void whatWasClaimedWithoutAnAnswerIsGivenToTheNextClaim() throws Exception {
        for (int i = 1; i <= 3; i++) {
            direct.accept(execution("a", i, "" + i), AcceptTerms.ANY);
        }
        proxy.dropReplies(true);
        assertThatThrownBy(() -> store.claim(2, 10, LEASE)).isInstanceOf(StoreUnavailableException.class);
        assertThat(direct.counts(A).doing()).isEqualTo(2);
        proxy.dropReplies(false);

        List<Claim> claims = soon(BACK, () -> {
            try {
                return Optional.of(store.claim(2, 10, LEASE));
            } catch (StoreUnavailableException e) {
                return Optional.empty();
            }
        });
        assertThat(claims)
                .extracting(claim -> claim.execution().payload().text())
                .containsExactly("1", "2");
        assertThat(claims).allSatisfy(claim -> {
            assertThat(claim.crashes()).isZero();
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();
        });
        assertThat(store.claim(2, 10, LEASE)).hasSize(1);
    }

    @Test
    void cutConnectionsComeBackByThemselves() throws Exception {
        for (int i = 0; i < 5; i++) {
            proxy.cut();
            assertThatThrownBy(() -> store.accept(execution("a", 7, "x"), AcceptTerms.ANY))
                    .isInstanceOf(StoreUnavailableException.class);
            proxy.mend();
            assertThat(acceptAgain()).isInstanceOf(AcceptResult.Stored.class);
        }
    }

    @Test
    void aConnectionThatSwallowsEverythingIsGivenUpForANewOne() throws Exception {
        proxy.halfOpen();
        assertThatThrownBy(() -> store.accept(execution("a", 7, "x"), AcceptTerms.ANY))
                .isInstanceOf(StoreUnavailableException.class);
        proxy.mend();

        assertThat(acceptAgain()).isInstanceOf(AcceptResult.Stored.class);
    }

    @Test
    void changesThatMayHaveBeenMissedAreSaidSo() throws Exception {
        AtomicInteger missed = new AtomicInteger();
        AtomicInteger changed = new AtomicInteger();
        store.onTaskChange(new TaskChangeListener() {
            @Override
            public void changed(TaskId id) {
                changed.incrementAndGet();
            }

            @Override
            public void missed() {
                missed.incrementAndGet();
            }
        });
        direct.putTask(task("b"), Optional.empty());
        soon(BACK, () -> changed.get() == 1 ? Optional.of(true) : Optional.empty());
        store.putTask(task("c"), Optional.empty()); // one's own changes are no news

        proxy.cut();
        direct.putTask(task("d"), Optional.empty());
        proxy.mend();

        soon(BACK, () -> missed.get() > 0 ? Optional.of(true) : Optional.empty());
        direct.removeTask(new TaskId("d"));
        soon(BACK, () -> changed.get() == 2 ? Optional.of(true) : Optional.empty());
    }

    @Test
    void workIsToldToOtherNodes() throws Exception {
        assertThat(store.claim(1, 1, LEASE)).isEmpty();
        AtomicInteger told = new AtomicInteger();
        store.onWork(told::incrementAndGet);

        direct.accept(execution("a", 1, "x"), AcceptTerms.ANY);

        soon(BACK, () -> told.get() > 0 ? Optional.of(true) : Optional.empty());
    }
}
