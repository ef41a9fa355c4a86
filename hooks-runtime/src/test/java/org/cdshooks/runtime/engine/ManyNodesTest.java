package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several nodes on one store: who listens, and how each hears of what the others do. */
@Timeout(120)
final class ManyNodesTest {
    private static final TaskId TASK = new TaskId("task");

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
        assertThat(cluster.doubled).as("never do two nodes listen for one task").isEmpty();
    }

    private static void put(Cluster.Member member, TaskId id, String... values) {
        member.engine.tasks().put(id, "Ear", World.values(values));
    }

    private List<TaskId> putMany(Cluster.Member member, int count) {
        List<TaskId> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TaskId id = new TaskId("task-" + i);
            put(member, id);
            ids.add(id);
        }
        return ids;
    }

    private Map<TaskId, Cluster.Member> owners() {
        Map<TaskId, Cluster.Member> owners = new HashMap<>();
        for (Cluster.Member member : cluster.members) {
            if (member.runs) {
                member.listens.keySet().forEach(id -> owners.put(id, member));
            }
        }
        return owners;
    }

    private void awaitListening(Cluster.Member member, TaskId id) {
        cluster.until(member.name + " listens for " + id, () -> member.listens.containsKey(id));
    }

    // ------------------------------------------------------------------------------------------------ who listens

    @Test
    void aNodeThatIsAloneListensAtOnce() {
        Cluster.Member one = cluster.join("one");

        put(one, TASK);

        awaitListening(one, TASK);
    }

    @Test
    void theOneNodeThatShouldListensWhereverTheTaskIsPut() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        TaskId ofTwo = cluster.taskOf(two);

        put(two, ofOne);
        put(two, ofTwo);

        awaitListening(one, ofOne);
        awaitListening(two, ofTwo);
        cluster.turn(60);
        assertThat(one.begun).containsExactly(ofOne);
        assertThat(two.begun).containsExactly(ofTwo);
    }

    @Test
    void aHundredListenersAreSpreadOverThreeNodesAndThenNothingMoves() {
        Cluster.Member one = cluster.join("one");
        List<TaskId> ids = putMany(one, 100);
        cluster.until("one listens for all", () -> one.listens.size() == 100);
        Cluster.Member two = cluster.join("two");
        Cluster.Member three = cluster.join("three");

        cluster.turn(9);
        assertThat(one.listens).as("who has just come may go again").hasSize(100);
        cluster.turn(21);

        assertThat(cluster.listened()).containsExactlyInAnyOrderElementsOf(ids);
        for (Cluster.Member member : List.of(one, two, three)) {
            assertThat(member.listens.size()).as(member.name).isBetween(20, 50);
        }
        int begun = one.begun.size() + two.begun.size() + three.begun.size();
        assertThat(begun).isEqualTo(100 + two.listens.size() + three.listens.size());
        cluster.turn(300);
        assertThat(one.begun.size() + two.begun.size() + three.begun.size()).isEqualTo(begun);
    }

    @Test
    void whenANodeJoinsOnlyWhatItGetsMoves() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        putMany(one, 60);
        cluster.until("all are listened for", () -> cluster.listened().size() == 60);
        Map<TaskId, Cluster.Member> before = owners();

        Cluster.Member three = cluster.join("three");
        cluster.turn(30);

        Map<TaskId, Cluster.Member> after = owners();
        assertThat(after).hasSize(60);
        assertThat(three.listens.size()).isBetween(10, 35);
        after.forEach((id, owner) -> assertThat(owner).isIn(before.get(id), three));
        assertThat(one.begun.size() + two.begun.size()).isEqualTo(60);
    }

    @Test
    void whenANodeStopsOnlyWhatItHadMovesAndSoon() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        Cluster.Member three = cluster.join("three");
        cluster.turn(15);
        putMany(one, 60);
        cluster.until("all are listened for", () -> cluster.listened().size() == 60);
        Map<TaskId, Cluster.Member> before = owners();

        three.stop();
        assertThat(three.listens).isEmpty();
        cluster.turn(6);

        Map<TaskId, Cluster.Member> after = owners();
        assertThat(after).hasSize(60);
        before.forEach((id, owner) -> assertThat(after.get(id) == owner).isEqualTo(owner != three));
        assertThat(one.begun.size() + two.begun.size()).isEqualTo(60);
    }

    @Test
    void whatADeadNodeHadMovesWhenItsRightsHaveEndedAndWhatItSaysLateIsRefused() throws Exception {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        put(one, ofOne);
        awaitListening(one, ofOne);
        TriggerContext late = one.listens.get(ofOne);
        assertThat(one.emit(ofOne, "in time").duplicate()).isFalse();

        one.die();
        cluster.turn(19);
        assertThat(two.listens).as("its right has not ended").isEmpty();
        assertThat(one.emit(late, "nobody else listens").duplicate()).isFalse();
        one.listens.remove(ofOne);
        cluster.turn(21);

        awaitListening(two, ofOne);
        cluster.doubled.clear(); // the dead one does not know better
        assertThatThrownBy(() -> one.emit(late, "too late"))
                .isInstanceOf(OwnershipLostException.class)
                .hasMessageContaining(ofOne.value());
        assertThat(two.emit(ofOne, "heard by two").duplicate()).isFalse();
        assertThat(cluster.store.executions(ofOne, Long.MAX_VALUE, 10))
                .extracting(execution -> execution.payload().text())
                .containsExactlyInAnyOrder("in time", "nobody else listens", "heard by two");
    }

    @Test
    void allThatADeadNodeHadRunsElsewhereSoonAfterItsRightsHaveEnded() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        Cluster.Member three = cluster.join("three");
        cluster.turn(15);
        putMany(one, 60);
        cluster.until("all are listened for", () -> cluster.listened().size() == 60);
        cluster.turn(30);

        three.die();
        cluster.turn(33);

        cluster.until("all are listened for", () -> cluster.listened().size() == 60);
        assertThat(one.begun.size() + two.begun.size()).isEqualTo(60);
        cluster.doubled.clear(); // the dead one does not know better
    }

    @Test
    void aNodeThatWasAsleepStopsItsListenerWhenItWakes() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        put(one, ofOne);
        awaitListening(one, ofOne);

        one.die();
        cluster.turn(40);
        awaitListening(two, ofOne);
        cluster.doubled.clear(); // until it wakes
        one.runs = true;
        cluster.settle();

        cluster.until("one has stopped", () -> one.listens.isEmpty());
        assertThat(one.problem(ofOne)).isEmpty();
        cluster.turn(60);
        assertThat(one.listens).as("it is alive again, so it gets its own back").containsKey(ofOne);
        assertThat(two.listens).isEmpty();
    }

    @Test
    void aNodeThatCanNotRenewItsRightStopsBeforeAnotherBegins() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        put(one, ofOne);
        awaitListening(one, ofOne);
        cluster.turn(5); // the node renews its rights every 10 s, so now

        one.view.away = true;
        cluster.turn(24);
        assertThat(one.listens).hasSize(1);
        cluster.turn(1);
        assertThat(one.listens).isEmpty();
        assertThat(two.listens).isEmpty();
        cluster.turn(9);
        assertThat(two.listens).hasSize(1);

        one.view.away = false;
        cluster.turn(40);
        assertThat(one.listens).hasSize(1);
        assertThat(one.problem(ofOne)).isEmpty();
    }

    @Test
    void whileTheStoreIsAwayForAllItIsSaidWhyNobodyListens() {
        Cluster.Member one = cluster.join("one");
        put(one, TASK);
        awaitListening(one, TASK);
        one.view.away = true;
        cluster.turn(26);
        assertThat(one.listens).isEmpty();

        one.view.away = false;
        assertThat(one.problem(TASK)).contains("could not be renewed").contains("when the store can be reached");
        cluster.turn(10);
        assertThat(one.listens).hasSize(1);
        assertThat(one.problem(TASK)).isEmpty();
    }

    @Test
    void aShortOutageOfTheStoreDisturbsNoListener() {
        Cluster.Member one = cluster.join("one");
        put(one, TASK);
        awaitListening(one, TASK);
        for (int i = 0; i < 5; i++) {
            one.view.away = true;
            cluster.turn(14);
            one.view.away = false;
            cluster.turn(3);
        }

        assertThat(one.begun).hasSize(1);
    }

    @Test
    void whatANodeDoesNotTakeComesBackAndStays() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member deaf = cluster.joinWithoutEar("deaf");
        cluster.turn(15);
        TaskId ofDeaf = cluster.taskOf(deaf);

        put(one, ofDeaf);
        cluster.turn(4);
        assertThat(one.listens).as("the other one has its chance").isEmpty();
        cluster.turn(5);
        awaitListening(one, ofDeaf);
        cluster.turn(120);
        assertThat(one.begun).hasSize(1);

        cluster.join("other");
        cluster.turn(120);
        assertThat(cluster.listened()).containsExactly(ofDeaf);
        assertThat(one.begun.size()).isLessThanOrEqualTo(2);
    }

    @Test
    void whatFailsOnOneNodeIsTriedByAnotherAndStaysThere() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        one.onListen = () -> {
            throw new IOException("can't reach the broker from here");
        };

        put(one, ofOne);
        cluster.until("one shows why", () -> one.problem(ofOne).contains("on node one"));
        assertThat(one.problem(ofOne)).contains("can't reach the broker from here");
        cluster.turn(60);

        assertThat(one.begun.size()).isBetween(3, 8);
        assertThat(two.listens).containsKey(ofOne);
        assertThat(one.problem(ofOne)).isEmpty();
        assertThat(two.problem(ofOne)).isEmpty();
        cluster.turn(600);
        assertThat(two.begun).hasSize(1);
    }

    @Test
    void aListenerThatDoesNotStopWhenItIsToHandOverIsGivenUpAndTheOtherBegins() throws Exception {
        Cluster.Member one = cluster.join("one");
        CountDownLatch end = new CountDownLatch(1);
        one.onListen = () -> {
            while (end.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted(); // swallows the order
            }
            throw new InterruptedException("after all");
        };
        TaskId moving;
        try {
            List<TaskId> ids = putMany(one, 8);
            cluster.until("one listens", () -> one.listens.size() == 8);
            Cluster.Member two = cluster.join("two");
            moving = ids.stream()
                    .filter(id -> cluster.preferred(id) == two)
                    .findFirst()
                    .orElseThrow();
            TriggerContext stuck = one.listens.get(moving);

            for (int i = 0; i < 60 && !two.listens.containsKey(moving); i++) {
                cluster.clock.advance(Duration.ofSeconds(1));
                cluster.members.forEach(member -> member.engine.tick());
                World.until(() -> two.engine.isQuiet());
            }

            awaitListening(two, moving);
            assertThat(one.problem(moving)).contains("stuck");
            assertThatThrownBy(() -> one.emit(stuck, "late")).isInstanceOf(OwnershipLostException.class);
            cluster.doubled.clear(); // which is why it is refused
        } finally {
            end.countDown(); // whatever happens: it must not spin on under other tests
        }
        World.until(() -> one.problem(moving).isEmpty());
    }

    @Test
    void aNodeThatStopsGivesItsRightsBack() {
        Cluster.Member one = cluster.join("one");
        put(one, TASK);
        awaitListening(one, TASK);
        assertThat(cluster.store.listen(TASK, "other", Duration.ofSeconds(1))).isEmpty();

        one.stop();

        assertThat(cluster.store.listen(TASK, "other", Duration.ofSeconds(1))).isPresent();
        assertThat(cluster.store.nodes("other", Duration.ofSeconds(1))).containsExactly("other");
    }

    @Test
    void aNodeThatStopsGivesTheRightOfAListenerBackThatIsToBeginAnew() {
        Cluster.Member one = cluster.join("one");
        one.onListen = () -> {
            throw new IOException("broker is away");
        };
        put(one, TASK);
        cluster.until("it has failed", () -> one.problem(TASK).contains("(1 time)"));
        assertThat(cluster.store.listen(TASK, "other", Duration.ofSeconds(1))).isEmpty();

        one.stop();

        assertThat(cluster.store.listen(TASK, "other", Duration.ofSeconds(1))).isPresent();
    }

    // ------------------------------------------------------------------------------------------------ news of others

    @Test
    void aChangeOnOneNodeIsHeardByTheOneThatListens() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        put(one, ofOne);
        awaitListening(one, ofOne);

        put(two, ofOne, "colour", "blue");
        cluster.until("one listens under the new config", () -> one.begun.size() == 2 && one.listens.size() == 1);
        assertThat(one.ear.created.getLast().config().get(FakeType.COLOUR)).isEqualTo("blue");

        assertThat(two.engine.tasks().stop(ofOne)).isPresent();
        cluster.until("one has stopped", () -> one.listens.isEmpty());
        assertThat(two.engine.tasks().start(ofOne)).isPresent();
        awaitListening(one, ofOne);
        assertThat(two.engine.tasks().remove(ofOne)).isPresent();
        cluster.until("one has stopped", () -> one.listens.isEmpty());
        assertThat(two.begun).isEmpty();
    }

    @Test
    void theStatusKnowsWhichTasksAnotherNodeHasStopped() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        one.engine.tasks().put(TASK, "Web", Map.of());
        two.engine.tasks().stop(TASK);
        cluster.settle();
        World.until(() -> one.engine.status().stopped().contains(TASK));

        two.engine.tasks().start(TASK);
        cluster.settle();
        World.until(() -> one.engine.status().stopped().isEmpty());
    }

    @Test
    void aTaskThatAnotherNodeRemovesHasNoEndpointAnyMore() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        one.engine.tasks().put(TASK, "Web", Map.of());
        assertThat(one.engine.endpoints().find(TASK)).isPresent();

        assertThat(two.engine.tasks().remove(TASK)).isPresent();
        cluster.settle();

        assertThat(one.engine.endpoints().find(TASK)).isEmpty();
    }

    @Test
    void whatIsNotToldIsFoundWhenNewsWereMissedButNotLookedForAllTheTime() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId first = cluster.taskOf(one);
        put(one, first);
        awaitListening(one, first);
        TaskId second = new TaskId("x-" + first.value());
        while (cluster.preferred(second) != one) {
            second = new TaskId("x" + second.value());
        }
        TaskId unheard = second;
        cluster.shared.newsAreLost = true;
        put(two, unheard);
        assertThat(two.engine.tasks().stop(first)).isPresent();
        cluster.turn(2);
        assertThat(one.listens).containsOnlyKeys(first);

        AtomicInteger walks = new AtomicInteger();
        Runnable count = new Runnable() {
            @Override
            public void run() {
                walks.incrementAndGet();
                cluster.shared.before.put("tasks", this);
            }
        };
        cluster.shared.before.put("tasks", count);
        for (int i = 0; i < 20; i++) {
            one.view.tellThatNewsWereMissed();
            cluster.settle();
        }
        cluster.until("one listens for what is new", () -> one.listens.keySet().equals(java.util.Set.of(unheard)));
        assertThat(walks).hasValueBetween(1, 1);
        cluster.turn(11);
        assertThat(walks).as("what was missed during the walk").hasValue(2);
        cluster.turn(60);
        assertThat(walks).hasValue(2);
    }

    @Test
    void aTaskThatIsRemovedWhileANodeLooksAtAllKeepsItFromNone() {
        for (int i = 0; i < 500; i++) {
            cluster.store.putTask(TaskRecord.of(new TaskId("web-" + i), "Web", Map.of()), Optional.empty());
            cluster.clock.advance(Duration.ofNanos(1));
        }
        cluster.store.putTask(TaskRecord.of(TASK, "Ear", Map.of()), Optional.empty());
        cluster.shared.before.put(
                "tasks",
                () -> cluster.shared.before.put("tasks", () -> {
                    cluster.store.removeTask(new TaskId("web-499"));
                }));

        Cluster.Member one = cluster.join("one");

        awaitListening(one, TASK);
    }

    @Test
    void twoNodesThatChangeATaskAtOnceDoNotUndoEachOther() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        one.engine.tasks().put(TASK, "Web", World.values("colour", "red"));
        cluster.shared.before.put(
                "replaceTask", () -> two.engine.tasks().put(TASK, "Web", World.values("colour", "blue")));

        assertThat(one.engine.tasks().stop(TASK)).isPresent();

        TaskRecord task = cluster.store.task(TASK).orElseThrow();
        assertThat(task.stopped()).isTrue();
        assertThat(task.config().get("colour")).isEqualTo(ConfigValue.of("blue"));
    }

    @Test
    void aTaskThatAnotherNodeRemovesWhileItIsStoppedStaysRemoved() {
        Cluster.Member one = cluster.join("one");
        one.engine.tasks().put(TASK, "Web", Map.of());
        cluster.shared.before.put("replaceTask", () -> cluster.store.removeTask(TASK));

        assertThat(one.engine.tasks().stop(TASK)).isEmpty();

        assertThat(cluster.store.task(TASK)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ all together

    /** Defect A13 of CDS. */
    @Test
    void maintenanceStopsTheWorkOnAllNodesAndNothingElse() throws Exception {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        one.engine.tasks().put(TASK, "Web", Map.of());

        one.engine.maintenance(true);
        cluster.turn(4);
        assertThat(one.engine.status().maintenance()).isTrue();
        assertThat(two.engine.status().maintenance()).isTrue();
        for (Cluster.Member member : List.of(one, two)) {
            assertThat(member.engine
                            .endpoints()
                            .find(TASK)
                            .orElseThrow()
                            .receive(World.call("from " + member.name, Map.of()))
                            .status())
                    .isEqualTo(200);
        }
        TaskId ofTwo = cluster.taskOf(two);
        put(one, ofTwo);
        awaitListening(two, ofTwo);
        assertThat(two.emit(ofTwo, "heard").duplicate()).isFalse();
        cluster.turn(60);
        assertThat(one.sink.seen).isEmpty();
        assertThat(two.sink.seen).isEmpty();
        assertThat(cluster.store.counts().queued()).isEqualTo(3);

        two.engine.maintenance(false);
        cluster.until("all is delivered", () -> one.sink.seen.size() + two.sink.seen.size() == 3);
        cluster.turn(4);
        assertThat(one.engine.status().maintenance()).isFalse();
    }

    @Test
    void theStatusTellsWhoIsThere() {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(4);
        assertThat(one.engine.status().nodes()).containsExactly("one", "two");
        assertThat(one.engine.status().node()).isEqualTo("one");

        two.die();
        cluster.turn(14);
        assertThat(one.engine.status().nodes()).containsExactly("one");
    }

    @Test
    void workThatADeadNodeHadIsDoneByAnother() throws Exception {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        CountDownLatch never = new CountDownLatch(1);
        one.web.execute = (execution, context) -> {
            never.await();
            return org.cdshooks.api.ExecutionResult.completed();
        };
        one.engine.tasks().put(TASK, "Web", Map.of());
        two.runs = false;
        var _ = one.engine.endpoints().find(TASK).orElseThrow().receive(World.call("x", Map.of()));
        cluster.until("one works on it", () -> cluster.store.counts().doing() == 1);

        one.die();
        two.runs = true;
        cluster.turn(9);
        assertThat(two.sink.seen).isEmpty();
        cluster.turn(1);

        cluster.until("two has done it", () -> two.sink.seen.size() == 1);
        never.countDown();
        World.until(
                "the late result is refused",
                () -> cluster.store.counts().refused() > 0
                        || cluster.store.counts().doing() == 0);
        assertThat(Optional.of(one.sink.seen.size() + two.sink.seen.size())).contains(1);
    }
}
