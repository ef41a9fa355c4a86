package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that run on every node, since their source shares the work. */
@Timeout(120)
final class EveryNodeTest {
    private static final TaskId TASK = new TaskId("task");

    private final Cluster cluster = new Cluster();
    private Cluster.Member one;
    private Cluster.Member two;

    @BeforeEach
    void join() {
        one = cluster.join("one");
        two = cluster.join("two");
        cluster.turn(15);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void putAndAwait(String... values) {
        put(values);
        awaitBoth();
    }

    private void put(String... values) {
        one.engine.tasks().put(TASK, "Chorus", World.values(values));
    }

    private void awaitBoth() {
        cluster.until("both listen", () -> one.listens.containsKey(TASK) && two.listens.containsKey(TASK));
    }

    private void awaitNone() {
        cluster.until("none listens", () -> one.listens.isEmpty() && two.listens.isEmpty());
    }

    private static Invocation named(String key) {
        return Invocation.of(Payload.of("text/plain", "x".getBytes(StandardCharsets.UTF_8)))
                .dedupKey(key);
    }

    @Test
    void allNodesListenAtOnceAndNothingMovesAfterwards() {
        putAndAwait();

        cluster.turn(300);

        assertThat(one.begun).containsExactly(TASK);
        assertThat(two.begun).containsExactly(TASK);
        assertThat(one.problem(TASK)).isEmpty();
    }

    @Test
    void whatAllNodesHearIsStoredAndTheSameThingOnce() throws Exception {
        putAndAwait();

        one.emit(TASK, "from one");
        two.emit(TASK, "from two");
        var first = one.listens.get(TASK).emit(named("0/1"));
        var second = two.listens.get(TASK).emit(named("0/1"));

        assertThat(first.duplicate()).isFalse();
        assertThat(second.duplicate()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
    }

    @Test
    void aNodeThatComesLaterListensBesideTheOthers() {
        putAndAwait();

        Cluster.Member three = cluster.join("three");
        cluster.until("three listens as well", () -> three.listens.containsKey(TASK));

        cluster.turn(60);
        assertThat(one.begun).containsExactly(TASK);
        assertThat(two.begun).containsExactly(TASK);
    }

    @Test
    void stoppingAndRemovingTheTaskEndsAllOfThem() {
        putAndAwait();

        two.engine.tasks().stop(TASK);
        awaitNone();
        one.engine.tasks().start(TASK);
        awaitBoth();
        one.engine.tasks().remove(TASK);
        awaitNone();
    }

    @Test
    void aNewRevisionIsListenedForByAllAndTheOldOneByNone() {
        putAndAwait("colour", "red");

        put("colour", "blue");

        cluster.until("both have begun anew", () -> one.begun.size() == 2 && two.begun.size() == 2);
        awaitBoth();
    }

    @Test
    void oneThatFailsIsBegunAnewOnItsNodeAndTheOthersGoOn() {
        two.onListen = () -> {
            throw new IOException("broker is away");
        };
        put();
        cluster.until("one listens", () -> one.listens.containsKey(TASK));
        cluster.until("two has failed", () -> !two.problem(TASK).isEmpty());
        assertThat(two.problem(TASK)).contains("on node two").contains("broker is away");

        two.onListen = () -> {};
        cluster.turn(5);

        awaitBoth();
        assertThat(one.begun).containsExactly(TASK);
        assertThat(two.problem(TASK)).isEmpty();
    }

    @Test
    void oneWhoseTaskWasRemovedUnnoticedIsToldWhenItSpeaks() {
        putAndAwait();
        TriggerContext ear = two.listens.get(TASK);
        cluster.shared.newsAreLost = true;
        one.engine.tasks().remove(TASK);

        assertThatThrownBy(() -> two.emit(ear, "hello"))
                .isInstanceOf(OwnershipLostException.class)
                .hasMessageContaining("has been removed");
        awaitNone();
    }

    @Test
    void oneThatIsCutOffFromTheStoreListensOnAndNothingIsStored() throws Exception {
        putAndAwait();
        two.view.away = true;

        assertThatThrownBy(() -> two.emit(TASK, "hello")).isInstanceOf(StoreUnavailableException.class);
        cluster.clock.advance(java.time.Duration.ofMinutes(2));
        one.engine.tick();
        two.engine.tick();
        assertThat(two.listens).containsKey(TASK);

        two.view.away = false;
        cluster.settle();
        assertThat(two.emit(TASK, "hello").duplicate()).isFalse();
        assertThat(two.begun).containsExactly(TASK);
    }
}
