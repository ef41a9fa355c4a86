package org.cdshooks.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreModel.Run;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * A few nodes that share a store, one clock, and whatever goes wrong between them: all of it chosen by one seed, so that what
 * failed once fails again. Who makes its next call is drawn anew each time.
 *
 * <p>Each answer of the store is compared with that of {@link StoreModel}. Besides, what people rely on is checked in their
 * own terms: nothing acknowledged is lost, nothing runs twice without a reason, a delivery makes one execution, and so on.
 */
public final class Simulation {
    static final Duration LEASE = Duration.ofSeconds(10);
    static final Duration WINDOW = Duration.ofSeconds(60);

    private static final List<TaskId> TASKS = List.of(new TaskId("a"), new TaskId("b"), new TaskId("c"));
    private static final String PERIOD = "period";
    private static final int COUNT_EVERY = 4;
    private static final int CHECK_EVERY = 20;
    private static final int AUDIT_EVERY = 60;

    private final World world;
    private final Random random;
    private final TurnedClock clock;
    private final StoreModel model;
    private final StringBuilder log = new StringBuilder();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Delivery> unanswered = new ArrayList<>();
    private final List<Run> acknowledged = new ArrayList<>();
    private final boolean faulty;
    private final int maxPerTask;
    private int deliveries;
    private long micros;
    private boolean nested;

    /** What somebody sends, again if there is no answer. */
    record Delivery(TaskId task, String body, Optional<String> id) {}

    /** The store that is simulated upon, empty at first. */
    public interface World {
        /**
         * Connects a node.
         *
         * @param faults what goes wrong with its calls
         * @param others what other nodes do in the middle of one of its calls, if it is one that lets them
         */
        TaskStore connect(TurnedClock clock, Faults faults, Runnable others);

        /** Looks into the store with other means than its own. */
        void audit();

        /** Whether the store belongs to one process, which can be ended and begun again. */
        boolean canRestart();

        /**
         * Ends that process and begins another.
         *
         * @param crashed whether it ends without a word; then all that was done has been made durable before
         */
        void restart(TurnedClock clock, boolean crashed);
    }

    private Simulation(World world, long seed) {
        this.world = world;
        this.random = new Random(seed);
        this.clock = new TurnedClock();
        this.model = new StoreModel(clock);
        this.faulty = random.nextInt(4) > 0;
        this.maxPerTask = 1 + random.nextInt(3);
        int count = 2 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            nodes.add(new SimulatedNode(this, i));
        }
        for (TaskId id : TASKS) {
            TaskRecord record = anyRecord(id);
            nodes.getFirst().store().putTask(record, firstRun(record));
        }
    }

    /**
     * Runs a simulation to its end: so many steps, then without faults until nothing is left to be done.
     *
     * @throws AssertionError if a promise is broken; it shows the whole run
     */
    public static void run(World world, long seed, int steps) {
        Simulation simulation = new Simulation(world, seed);
        try {
            for (int i = 1; i <= steps; i++) {
                simulation.step();
                if (i % COUNT_EVERY == 0) {
                    simulation.nodes.getFirst().store().counts();
                }
                if (i % CHECK_EVERY == 0) {
                    simulation.check();
                }
                if (i % AUDIT_EVERY == 0) {
                    world.audit();
                }
            }
            simulation.finish();
            world.audit();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n\n" + simulation.log, e);
        }
    }

    // ------------------------------------------------------------------------------------------------ the scheduler

    private void step() {
        if (random.nextInt(6) == 0) {
            turn();
        }
        List<SimulatedNode> awake =
                nodes.stream().filter(node -> !node.isPaused()).toList();
        if (awake.isEmpty()) {
            turn();
            return;
        }
        SimulatedNode node = awake.get(random.nextInt(awake.size()));
        if (faulty) {
            strike(node);
        }
        if (!node.isPaused()) {
            node.step();
            node.faults().arm(Faults.Kind.NONE);
        }
    }

    private void turn() {
        Duration by = Duration.ofMillis(random.nextInt(2000));
        if (faulty) {
            by = random.nextInt(12) == 0 ? LEASE.plusMillis(random.nextInt(10_000)) : by;
        } else {
            // nobody is late
            nodes.forEach(SimulatedNode::extend);
        }
        clock.turn(by);
        log.append("+ ").append(by.toMillis()).append(" ms\n");
    }

    private void strike(SimulatedNode node) {
        if (world.canRestart() && random.nextInt(50) == 0) {
            restart(random.nextBoolean());
        }
        int what = random.nextInt(100);
        if (what < 2) {
            say(node.name() + " is killed");
            node.kill();
        } else if (what < 4) {
            say(node.name() + " pauses");
            node.pause(LEASE.plusMillis(random.nextInt(5000)));
        } else if (what < 7) {
            node.faults().arm(Faults.Kind.LOST_REQUEST);
        } else if (what < 12) {
            node.faults().arm(Faults.Kind.LOST_REPLY);
        } else if (what < 17) {
            node.faults().arm(Faults.Kind.TWICE);
        }
    }

    private void restart(boolean crashed) {
        if (crashed) {
            // what returns is durable, and so is all that came before
            CheckedStore store = nodes.getFirst().store();
            TaskId id = new TaskId("z");
            store.putTask(Samples.task(id.value()), Optional.empty());
            store.removeTask(id);
        }
        say(crashed ? "all crash" : "all restart");
        world.restart(clock, crashed);
        model.restarted(crashed);
        nodes.forEach(SimulatedNode::kill);
    }

    /** Lets another node make a call in the middle of one. */
    private void preempt(SimulatedNode node) {
        if (!nested && random.nextInt(3) == 0) {
            nested = true;
            try {
                SimulatedNode other = nodes.get(random.nextInt(nodes.size()));
                if (other != node && !other.isPaused()) {
                    log.append("  meanwhile ");
                    other.step();
                }
            } finally {
                nested = false;
            }
        }
    }

    private void say(String words) {
        log.append(words).append('\n');
    }

    // ------------------------------------------------------------------------------------------------ for nodes

    CheckedStore connect(String name, Faults faults, SimulatedNode node) {
        return new CheckedStore(name, world.connect(clock, faults, () -> preempt(node)), model, faults, this::say);
    }

    Random random() {
        return random;
    }

    Instant now() {
        return clock.instant();
    }

    int maxPerTask() {
        return maxPerTask;
    }

    boolean isMaintenance() {
        return model.isMaintenance();
    }

    /** Returns a time that is asked for once only, so that there is no doubt what comes first. */
    Instant soon() {
        return now().plusMillis(1000 + random.nextInt(6000)).plusNanos(1000 * ++micros);
    }

    TaskId anyTask() {
        return TASKS.get(random.nextInt(TASKS.size()));
    }

    Optional<Run> anyRun() {
        List<Run> all = model.all(run -> true);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    Run run(ExecutionKey key) {
        return model.run(key).orElseThrow();
    }

    TaskRecord anyRecord(TaskId id) {
        TaskRecord record = Samples.task(id.value());
        TaskRecord scheduled = random.nextBoolean()
                ? record.with(PERIOD, ConfigValue.of(Integer.toString(2 + random.nextInt(8))))
                : record;
        return random.nextInt(4) == 0 ? scheduled.stopped("by hand") : scheduled;
    }

    static boolean hasSchedule(TaskRecord record) {
        return !record.stopped() && record.config().containsKey(PERIOD);
    }

    /** Returns when a task's timer rings next: each so many seconds since the epoch. */
    static Instant next(TaskRecord record, Instant after) {
        long period = Long.parseLong(record.config().get(PERIOD).value());
        return Instant.ofEpochSecond((after.getEpochSecond() / period + 1) * period);
    }

    Optional<Due> firstRun(TaskRecord record) {
        return hasSchedule(record)
                ? Optional.of(Samples.timer(record.id().value(), next(record, now())))
                : Optional.empty();
    }

    // ------------------------------------------------------------------------------------------------ senders

    Delivery nextDelivery() {
        if (!unanswered.isEmpty() && random.nextBoolean()) {
            return unanswered.remove(random.nextInt(unanswered.size()));
        }
        Optional<String> id = random.nextBoolean()
                ? Optional.empty()
                : Optional.of("id" + (random.nextInt(4) == 0 ? random.nextInt(deliveries + 1) : deliveries));
        deliveries++;
        return new Delivery(anyTask(), "d" + deliveries + " " + id.orElse(""), id);
    }

    void unanswered(Delivery delivery) {
        if (random.nextInt(5) > 0) {
            unanswered.add(delivery);
        }
    }

    void answered(AcceptResult result) {
        switch (result) {
            case AcceptResult.Stored(Execution execution) -> acknowledged.add(run(execution.key()));
            case AcceptResult.Duplicate(ExecutionKey first) -> model.run(first).ifPresent(acknowledged::add);
            case AcceptResult.NoSuchTask _, AcceptResult.Overloaded _, AcceptResult.Fenced _ -> {}
        }
    }

    // ------------------------------------------------------------------------------------------------ promises

    private void check() {
        Set<ExecutionKey> unfinished = new HashSet<>();
        nodes.getFirst().store().compare().forEach((task, all) -> {
            assertThat(all.stream().filter(each -> each.status() == ExecutionStatus.DOING))
                    .as("leases of " + task.id())
                    .hasSizeLessThanOrEqualTo(maxPerTask);
            assertThat(all.stream().filter(Simulation::isWaitingRun))
                    .as("waiting runs of the timer of " + task.id())
                    .hasSize(hasSchedule(task) ? 1 : 0);
            assertThat(all.stream().filter(each -> each.trigger().equals("timer")))
                    .as("runs of the timer of " + task.id() + ", by their nominal times")
                    .allMatch(each -> each.key().timestamp() % 1000 == 0);
            assertDeliveriesMadeOneExecution(all);
            all.stream().filter(each -> !each.status().isFinished()).forEach(each -> unfinished.add(each.key()));
        });
        acknowledged.removeIf(run -> run.removed || run.status.isFinished());
        assertThat(unfinished)
                .as("what was acknowledged and has neither ended nor been removed by order")
                .containsAll(acknowledged.stream().map(run -> run.key).toList());
        for (Run run : model.all(each -> true)) {
            assertThat(run.executed)
                    .as("how often " + run + " was executed")
                    .isLessThanOrEqualTo(1 + run.retried + run.replayed + run.lost);
        }
    }

    private static boolean isWaitingRun(Execution execution) {
        return execution.status() == ExecutionStatus.SCHEDULED
                && execution.trigger().equals("timer")
                && execution.attempt() == 0;
    }

    private static void assertDeliveriesMadeOneExecution(List<Execution> newestFirst) {
        Map<String, Long> seen = new HashMap<>();
        for (Execution each : newestFirst.reversed()) {
            String[] words = each.payload().text().split(" ");
            if (words.length == 2 && words[1].startsWith("id")) {
                Long before = seen.put(words[1], each.key().timestamp());
                assertThat(before == null || each.key().timestamp() - before >= WINDOW.toNanos() - 1000)
                        .as("delivery " + words[1] + " made one execution within the window")
                        .isTrue();
            }
        }
    }

    /** Without faults and without new work everything comes to its end. */
    private void finish() {
        say("---- the end begins");
        nodes.forEach(SimulatedNode::resume);
        CheckedStore store = nodes.getFirst().store();
        store.setMaintenance(false);
        for (Delivery delivery : List.copyOf(unanswered)) {
            answered(store.accept(
                    Samples.execution(delivery.task().value(), Samples.nanos(now()) + 1, delivery.body()),
                    delivery.id().map(id -> AcceptTerms.ANY.dedup(id, WINDOW)).orElse(AcceptTerms.ANY)));
        }
        for (TaskId id : TASKS) {
            if (store.task(id).isPresent()) {
                store.putTask(Samples.task(id.value()).stopped("the end"), Optional.empty());
            }
        }
        for (int rounds = 0; !model.all(run -> !run.status.isFinished()).isEmpty(); rounds++) {
            assertThat(rounds).as("rounds until nothing is left").isLessThan(100);
            clock.turn(Duration.ofSeconds(3));
            nodes.forEach(SimulatedNode::extend);
            nodes.forEach(SimulatedNode::finish);
        }
        check();
        StoreCounts counts = store.counts();
        assertThat(counts.waiting() + counts.queued() + counts.doing())
                .as("unfinished")
                .isZero();
        for (Run run : model.all(each -> each.is(ExecutionStatus.DONE))) {
            assertThat(run.executed > 0 || run.skipped)
                    .as(run + " was executed")
                    .isTrue();
        }
        if (!faulty) {
            assertThat(model.crashes()).as("lost leases without a fault").isZero();
        }
    }
}
