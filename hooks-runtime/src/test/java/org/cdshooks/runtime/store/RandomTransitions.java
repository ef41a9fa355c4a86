package org.cdshooks.runtime.store;

import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * Random transitions by one caller, late and senseless ones included, each compared with a model. A failure names its seed
 * and shows what was done.
 */
public final class RandomTransitions {
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final List<String> TYPES = List.of(Samples.TYPE, "Another");
    private static final int STEPS = 29;
    private static final int OUTAGES = 2;

    private final Random random;
    private final TurnedClock clock;
    private final StoreModel model;
    private final Optional<Outages> outages;
    private final List<Claim> claims = new ArrayList<>();
    private final List<TaskRecord> records = new ArrayList<>();
    private final List<ListenRight> rights = new ArrayList<>();
    private final StringBuilder log = new StringBuilder();
    private CheckedStore store;

    /** How a store of one process ends and begins again. */
    public interface Outages {
        /** Closes the store and opens it again. */
        TaskStore restart(TaskStore store) throws Exception;

        /** Opens what a crash would leave behind just now, if all that was done is durable, and closes the store. */
        TaskStore crash(TaskStore store) throws Exception;
    }

    private RandomTransitions(long seed, TurnedClock clock, TaskStore store, Optional<Outages> outages) {
        this.random = new Random(seed);
        this.clock = clock;
        this.model = new StoreModel(clock);
        this.outages = outages;
        this.store = checked(store);
    }

    private CheckedStore checked(TaskStore opened) {
        return new CheckedStore(
                "the caller",
                opened,
                model,
                new Faults(),
                line -> log.append(line).append('\n'));
    }

    /**
     * Does so many random transitions and closes the store.
     *
     * @param store an empty store whose time is the clock
     * @param outages empty for a store that does not outlive its process
     */
    public static void run(long seed, int steps, TurnedClock clock, TaskStore store, Optional<Outages> outages) {
        RandomTransitions transitions = new RandomTransitions(seed, clock, store, outages);
        try {
            for (int i = 0; i < steps; i++) {
                transitions.step();
                transitions.store.compare();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + transitions.log, e);
        } finally {
            transitions.store.close();
        }
    }

    private void step() throws Exception {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(outages.isPresent() ? STEPS + OUTAGES : STEPS)) {
            case 0 -> put(name);
            case 1, 2, 3, 4, 5 -> accept(name);
            case 6, 7, 8 -> claims.addAll(store.claim(1 + random.nextInt(4), 1 + random.nextInt(3), LEASE));
            case 9, 10, 11 -> anyOf(claims).ifPresent(this::settle);
            case 12, 13 -> clock.turn(Duration.ofSeconds(random.nextInt(8)));
            case 14 -> ring();
            case 15 -> store.promoteRetries(1000);
            case 16 -> store.recover(1000);
            case 17 -> anyOf(claims).ifPresent(claim -> store.release(List.of(claim)));
            case 18 -> anyOf(claims).ifPresent(claim -> store.extend(List.of(claim), LEASE));
            case 19 -> anyOf(claims).ifPresent(this::checkpoint);
            case 20 -> anyExecution().ifPresent(store::replay);
            case 21 -> anyExecution().ifPresent(key -> store.abort(key, "stop"));
            case 22 -> store.clean(new TaskId(name), random.nextInt(3), random.nextInt(3));
            case 23 -> remove(name);
            case 24 -> listen(name);
            case 25 -> store.setMaintenance(random.nextInt(4) == 0);
            case 26 -> store.nodes("n" + random.nextInt(3), Duration.ofSeconds(random.nextInt(9) - 1));
            case 27 -> store.pause(new TaskId(name), random.nextBoolean() ? soon() : Instant.EPOCH);
            case 28 ->
                anyOf(claims)
                        .ifPresent(claim ->
                                store.setPhase(claim, ClaimPhase.values()[random.nextInt(ClaimPhase.values().length)]));
            case 29 -> restart(outages.orElseThrow().restart(store), false);
            case 30 -> {
                // what returns is durable, and so is all that came before
                store.putTask(task("z"), Optional.empty());
                store.removeTask(new TaskId("z"));
                restart(outages.orElseThrow().crash(store), true);
            }
            default -> throw new IllegalStateException();
        }
    }

    private void restart(TaskStore opened, boolean crashed) {
        log.append(crashed ? "crash\n" : "restart\n");
        store = checked(opened);
        model.restarted(crashed);
    }

    private <T> Optional<T> anyOf(List<T> list) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
    }

    private Optional<ExecutionKey> anyExecution() {
        return anyOf(model.all(run -> true)).map(run -> run.key);
    }

    private Instant soon() {
        return clock.instant().plusSeconds(random.nextInt(9));
    }

    private void put(String name) {
        Optional<Due> timer = random.nextBoolean() ? Optional.of(timer(name, soon())) : Optional.empty();
        TaskRecord record = task(name).stopped("by " + random.nextInt(100));
        switch (random.nextInt(3)) {
            case 0 -> records.add(store.putTask(record, timer));
            case 1 -> store.replaceTask(store.task(record.id()), record, timer).ifPresent(records::add);
            default ->
                store.replaceTask(anyOf(records).filter(seen -> seen.id().equals(record.id())), record, timer)
                        .ifPresent(records::add);
        }
    }

    private void accept(String name) {
        ExecutionKey key =
                new ExecutionKey(TYPES.get(random.nextInt(8) / 7), new TaskId(name), clock.nanos() - random.nextInt(3));
        Execution some = execution(name, 1, "x" + random.nextInt(1000));
        AcceptTerms terms = random.nextInt(3) > 0
                ? AcceptTerms.ANY
                : new AcceptTerms(
                        Optional.of("delivery " + random.nextInt(5)),
                        Duration.ofSeconds(20),
                        random.nextInt(12),
                        Optional.of("cursor " + random.nextInt(100)));
        Optional<ListenRight> right =
                anyOf(rights).filter(each -> each.task().value().equals(name));
        store.accept(
                Execution.of(key, some.trigger(), some.config(), some.payload()),
                right.map(terms::by).orElse(terms));
    }

    private void settle(Claim claim) {
        Execution after = claim.execution().begun(clock.nanos());
        store.settle(
                claim,
                switch (random.nextInt(4)) {
                    case 0 -> Settlement.done(after.delivered("answer", random.nextInt(100)));
                    case 1 ->
                        new Settlement.Done(
                                after,
                                Optional.of("cursor " + random.nextInt(100)),
                                random.nextBoolean()
                                        ? Optional.empty()
                                        : Optional.of(timer(claim.key().task().value(), soon())));
                    case 2 -> new Settlement.Failed(after.failed("no"));
                    default -> new Settlement.Retry(after.failed("not yet"), soon());
                });
    }

    private void checkpoint(Claim claim) {
        String name = claim.key().task().value();
        Optional<Due> timer = random.nextBoolean() ? Optional.of(timer(name, soon())) : Optional.empty();
        store.checkpoint(
                claim,
                new Progress(
                        claim.execution().events(List.of(Samples.event("" + random.nextInt(100)))),
                        random.nextBoolean() ? Optional.of("cursor " + random.nextInt(100)) : Optional.empty(),
                        timer,
                        anyOf(records).map(TaskRecord::revision).orElse(0L)));
    }

    private void ring() {
        for (Due due : store.dueTimers(1 + random.nextInt(2))) {
            String name = due.execution().key().task().value();
            Optional<String> skipIfBusy = random.nextBoolean() ? Optional.of("busy") : Optional.empty();
            List<Execution> missed = random.nextInt(3) > 0
                    ? List.of()
                    : List.of(timer(name, clock.instant().minusSeconds(random.nextInt(3)))
                            .execution());
            store.ring(new Ring(
                    due.execution().key(),
                    switch (random.nextInt(4)) {
                        case 0 -> new Ring.Fate.Record("missed", skipIfBusy);
                        case 1 -> new Ring.Fate.Merge();
                        default -> new Ring.Fate.Run(skipIfBusy);
                    },
                    missed,
                    random.nextInt(5) == 0 ? Optional.empty() : Optional.of(timer(name, soon())),
                    random.nextInt(3) == 0
                            ? 0
                            : model.task(new TaskId(name)).orElseThrow().record.revision() - random.nextInt(5) / 4));
        }
    }

    private void remove(String name) {
        if (random.nextInt(3) == 0) {
            store.removeTask(new TaskId(name));
        } else if (random.nextInt(3) == 0) {
            store.removeExecutions(new TaskId(name));
        }
    }

    private void listen(String name) {
        switch (random.nextInt(4)) {
            case 0 -> anyOf(rights).ifPresent(store::endListening);
            case 1 -> store.renewListening(Set.copyOf(rights), LEASE);
            default ->
                store.listen(new TaskId(name), "n" + random.nextInt(2), LEASE).ifPresent(rights::add);
        }
    }
}
