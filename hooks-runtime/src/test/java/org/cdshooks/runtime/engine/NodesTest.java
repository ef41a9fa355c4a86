package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NodesTest {
    private static final Duration ALIVE = Nodes.ALIVE;

    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = LocalStores.memory(clock);
    private final SharedStore.View view = new SharedStore(store).view();
    private final AtomicInteger changes = new AtomicInteger();
    private final Nodes nodes = new Nodes(
            new Node("me", view.store, World.configWith(Map.of()), World.SHORT, clock, clock::ticks, new Tally()),
            Runnable::run,
            changes::incrementAndGet);

    @AfterEach
    void close() {
        store.close();
    }

    private void turn(int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(nodes.pass(clock.instant())).isAfter(clock.instant());
        }
    }

    private static Nodes.View viewOf(String... names) {
        Map<String, Long> since = new LinkedHashMap<>();
        for (String name : names) {
            since.put(name, 0L);
        }
        return new Nodes.View(since);
    }

    @Test
    void aNodeSeesTheOthersAndIsSeenOnlyWhenItIsReady() {
        store.nodes("other", Duration.ofHours(1));
        turn(5);
        assertThat(nodes.view().names()).containsExactly("me", "other");
        assertThat(store.nodes("other", ALIVE)).containsExactly("other");

        nodes.ready();
        turn(1);

        assertThat(store.nodes("other", ALIVE)).containsExactlyInAnyOrder("me", "other");
        for (int i = 0; i < 30; i++) {
            turn(1);
            assertThat(store.nodes("other", ALIVE)).contains("me");
        }
    }

    @Test
    void aNodeThatIsNotReadyForVeryLongIsSeenNevertheless() {
        turn(59);
        assertThat(store.nodes("other", ALIVE)).containsExactly("other");
        turn(10);
        assertThat(store.nodes("other", ALIVE)).contains("me");
    }

    @Test
    void aNodeThatLeavesIsNotSeenAgain() {
        nodes.ready();
        turn(1);

        nodes.leave();
        turn(10);

        assertThat(store.nodes("other", ALIVE)).containsExactly("other");
    }

    @Test
    void whenANodeWasSeenFirstIsRememberedUntilItGoes() {
        turn(1);
        store.nodes("other", Duration.ofSeconds(20));
        turn(4);
        long first = nodes.view().since().get("other");
        Nodes.View before = nodes.view();
        store.nodes("other", Duration.ofSeconds(20));
        turn(10);
        assertThat(nodes.view()).isSameAs(before);
        int told = changes.get();
        turn(15);
        assertThat(nodes.view().names()).containsExactly("me");
        assertThat(changes.get()).isGreaterThan(told);
        store.nodes("other", Duration.ofSeconds(20));
        turn(4);
        assertThat(nodes.view().since().get("other")).isGreaterThan(first);
    }

    @Test
    void whileTheStoreIsAwayTheOthersAreTakenToBeThere() {
        store.nodes("other", Duration.ofSeconds(20));
        turn(4);
        view.away = true;
        turn(60);
        assertThat(nodes.view().names()).containsExactly("me", "other");
        view.away = false;
        turn(4);
        assertThat(nodes.view().names()).containsExactly("me");
    }

    @Test
    void allNodesAgreeOnWhoIsPreferredHoweverTheyWereSeen() {
        for (int i = 0; i < 200; i++) {
            TaskId id = new TaskId("task-" + i);
            assertThat(viewOf("a", "b", "c").preferred(id))
                    .isEqualTo(viewOf("c", "a", "b").preferred(id));
        }
    }

    @Test
    void eachOfManyNodesIsPreferredForAFairPart() {
        List<String> names = List.of("host-1-00000001", "host-1-00000002", "host-2-0000abcd", "host-3-7");
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 4000; i++) {
            counts.merge(viewOf(names.toArray(String[]::new)).preferred(new TaskId("task-" + i)), 1, Integer::sum);
        }

        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(850, 1150));
    }

    @Test
    void whenANodeGoesOnlyItsPartIsSharedOut() {
        for (int i = 0; i < 500; i++) {
            TaskId id = new TaskId("task-" + i);
            String before = viewOf("a", "b", "c").preferred(id);
            if (!before.equals("c")) {
                assertThat(viewOf("a", "b").preferred(id)).isEqualTo(before);
            }
        }
    }

    @Test
    void theNameTellsWhichMachineAndProcessItIsAndIsItsOwn() {
        assertThat(NodeName.of("build-7.example.org\n", 42, 255)).isEqualTo("build-7.example.org-42-000000ff");
        assertThat(NodeName.of("a:b {c}\u20ac", 1, 0)).isEqualTo("a-b-c--1-00000000");
        assertThat(NodeName.of(" ", 1, 0)).isEqualTo("node-1-00000000");
        assertThat(NodeName.of("x".repeat(300), 1, 0)).hasSize(40 + "-1-00000000".length());
        assertThat(NodeName.make())
                .matches("[A-Za-z0-9.-]{1,40}-" + ProcessHandle.current().pid() + "-[0-9a-f]{8}")
                .isNotEqualTo(NodeName.make());
    }
}
