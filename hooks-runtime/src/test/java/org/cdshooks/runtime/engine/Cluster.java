package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.cdshooks.api.HookType;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;

/** Nodes that share a store. A test turns the clock of all of them and does their loops. */
final class Cluster implements AutoCloseable {
    final TurnedClock clock = new TurnedClock();
    final TaskStore store = LocalStores.memory(clock);
    final SharedStore shared = new SharedStore(store);
    final List<Member> members = new ArrayList<>();

    /** Tasks for which two nodes have listened at the same time. */
    final Set<TaskId> doubled = ConcurrentHashMap.newKeySet();

    private final Map<TaskId, AtomicInteger> listening = new ConcurrentHashMap<>();

    /** One node. */
    final class Member {
        final String name;
        final SharedStore.View view = shared.view();
        final FakeSink sink = new FakeSink("fake");
        final FakeType ear = new FakeType("Ear", task -> List.of(Trigger.listener(context -> listen(task, context))));
        /** Listens on every node. */
        final FakeType chorus = new FakeType(
                "Chorus",
                task -> List.of(
                        Trigger.listener(context -> hear(task.id(), context)).onEveryNode()));

        final FakeType web = FakeType.http("Web");
        final FakeType clockwork =
                new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMinutes(1)))));

        /** The tasks for which this node listens now. */
        final Map<TaskId, TriggerContext> listens = new ConcurrentHashMap<>();

        /** The tasks for which this node has begun to listen, in order. */
        final List<TaskId> begun = new CopyOnWriteArrayList<>();

        volatile FakeType.Action onListen = () -> {};
        final Engine engine;

        /** By how much the clock of this node's machine is wrong. */
        volatile Duration skew = Duration.ZERO;

        /** Whether the process does something: one that has died, or been stopped by its machine, does not. */
        boolean runs = true;

        Member(String name, boolean hasEar, Duration skew) {
            this.name = name;
            this.skew = skew;
            Node node = new Node(
                    name,
                    view.store,
                    World.configWith(Map.of("sink", "fake")),
                    World.SHORT,
                    () -> clock.instant().plus(this.skew),
                    clock::ticks,
                    new Tally());
            List<HookType> types = hasEar ? List.of(ear, chorus, web, clockwork) : List.of(web);
            engine = new Engine(node, PluginRegistry.of(types, List.of(sink)), Map.of(), true);
            engine.start();
        }

        private void listen(Task task, TriggerContext context) throws Exception {
            TaskId id = task.id();
            if (listening.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet() > 1) {
                doubled.add(id);
            }
            try {
                hear(id, context);
            } finally {
                listening.get(id).decrementAndGet();
            }
        }

        private void hear(TaskId id, TriggerContext context) throws Exception {
            begun.add(id);
            listens.put(id, context);
            try {
                onListen.run();
                new CountDownLatch(1).await();
            } finally {
                listens.remove(id);
            }
        }

        /** Emits as the listener would that this node has now. */
        Receipt emit(TaskId id, String text) throws InterruptedException {
            return emit(listens.get(id), text);
        }

        Receipt emit(TriggerContext context, String text) throws InterruptedException {
            return context.emit(
                    Invocation.of(Payload.of("text/plain", text.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        }

        /** From now on the process does nothing any more, and nobody is told. */
        void die() {
            runs = false;
        }

        void stop() {
            runs = false;
            engine.stop(Duration.ofSeconds(1));
        }

        String problem(TaskId id) {
            return engine.tasks().find(id).orElseThrow().problem().orElse("");
        }

        @Override
        public String toString() {
            return name + " listens for "
                    + new TreeSet<>(listens.keySet().stream().map(TaskId::value).toList());
        }
    }

    Member join(String name) {
        return join(name, Duration.ZERO);
    }

    /** A node joins whose clock is wrong. */
    Member join(String name, Duration skew) {
        return add(new Member(name, true, skew));
    }

    Member joinWithoutEar(String name) {
        return add(new Member(name, false, Duration.ZERO));
    }

    private Member add(Member member) {
        members.add(member);
        settle();
        return member;
    }

    /** Finds the node that is to listen for a task when all of them are settled. */
    Member preferred(TaskId id) {
        Map<String, Long> since = new java.util.HashMap<>();
        members.stream().filter(member -> member.runs).forEach(member -> since.put(member.name, 0L));
        String name = new Nodes.View(since).preferred(id);
        return members.stream()
                .filter(member -> member.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Finds a task that a node is to listen for. */
    TaskId taskOf(Member member) {
        for (int i = 0; ; i++) {
            TaskId id = new TaskId("of-" + member.name + "-" + i);
            if (preferred(id) == member) {
                return id;
            }
        }
    }

    /** Turns the clock second by second, so that everything happens in its time. */
    void turn(int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            settle();
        }
    }

    /** Does what is to be done now. */
    void settle() {
        tick();
        World.until("all is quiet: " + members, () -> running().stream().allMatch(member -> member.engine.isQuiet()));
    }

    private void tick() {
        running().forEach(member -> member.engine.tick());
    }

    private List<Member> running() {
        return members.stream().filter(member -> member.runs).toList();
    }

    /** Does what is to be done now until something is so. */
    void until(String what, BooleanSupplier condition) {
        World.until(what + ": " + members, () -> {
            tick();
            return condition.getAsBoolean();
        });
    }

    /** Lists all that nodes listen for that run. */
    List<TaskId> listened() {
        return running().stream()
                .flatMap(member -> member.listens.keySet().stream())
                .toList();
    }

    @Override
    public void close() {
        shared.newsAreLost = true;
        members.forEach(member -> {
            member.view.away = false;
            member.engine.stop(Duration.ofMillis(500));
        });
        store.close();
    }
}
