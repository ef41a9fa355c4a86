package org.cdshooks.runtime.store;

import static org.cdshooks.runtime.store.Simulation.LEASE;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreModel.Run;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * One node, as a machine that makes one call of the store in each step and remembers the rest: so anything can happen in
 * between. It does what the engine does, also when the store is away: what can be tried again is tried again.
 */
final class SimulatedNode {
    private static final int WORKERS = 3;
    private static final int MANY = 1000;

    private final Simulation simulation;
    private final Random random;
    private final int number;

    /** How often this node has been killed. What follows is forgotten then. */
    private int lives;

    private Faults faults;
    private CheckedStore store;
    private Instant resumes = Instant.MIN;
    private final List<Attempt> attempts = new ArrayList<>();
    private final Deque<Planned> rings = new ArrayDeque<>();
    private final Map<TaskId, ListenRight> rights = new HashMap<>();
    private Optional<Change> change = Optional.empty();

    /** The work on one claim. */
    private static final class Attempt {
        final Claim claim;
        final Run run;
        Execution execution;
        Optional<TaskRecord> seen = Optional.empty();
        Optional<Progress> progress = Optional.empty();
        Optional<Settlement> settlement = Optional.empty();

        Attempt(Claim claim, Run run) {
            this.claim = claim;
            this.run = run;
            this.execution = claim.execution();
        }

        boolean isBegun() {
            return seen.isPresent();
        }
    }

    /** A timer that is to be rung, as it was seen. */
    private record Planned(Due due, Optional<TaskRecord> seen) {}

    /** A task that somebody wants to change, as it was seen. */
    private record Change(TaskId id, Optional<TaskRecord> seen) {}

    SimulatedNode(Simulation simulation, int number) {
        this.simulation = simulation;
        this.random = simulation.random();
        this.number = number;
        begin();
    }

    private void begin() {
        faults = new Faults();
        store = simulation.connect(name(), faults, this);
    }

    String name() {
        return "n" + number + "." + lives;
    }

    /** Forgets everything and comes back as another one. */
    void kill() {
        attempts.clear();
        rings.clear();
        rights.clear();
        change = Optional.empty();
        lives++;
        begin();
    }

    void pause(Duration time) {
        resumes = simulation.now().plus(time);
    }

    void resume() {
        resumes = Instant.MIN;
    }

    boolean isPaused() {
        return resumes.isAfter(simulation.now());
    }

    Faults faults() {
        return faults;
    }

    CheckedStore store() {
        return store;
    }

    // ------------------------------------------------------------------------------------------------ one step

    void step() {
        try {
            int what = random.nextInt(100);
            if (what < 18) {
                send();
            } else if (what < 32) {
                claim();
            } else if (what < 62) {
                work();
            } else if (what < 66) {
                extend();
            } else if (what < 76) {
                ring();
            } else if (what < 79) {
                store.promoteRetries(1 + random.nextInt(3));
            } else if (what < 81) {
                store.recover(MANY);
            } else if (what < 83) {
                store.clean(simulation.anyTask(), 1 + random.nextInt(3), 1 + random.nextInt(3));
            } else if (what < 88) {
                change();
            } else if (what < 91) {
                order();
            } else if (what < 99) {
                listen();
            } else {
                store.nodes(name(), LEASE);
            }
        } catch (StoreUnavailableException e) {
            // said by the log; whoever does not try again waits for its next turn
        }
    }

    private void send() {
        Simulation.Delivery delivery = simulation.nextDelivery();
        AcceptTerms terms = AcceptTerms.ANY;
        if (delivery.id().isPresent()) {
            terms = terms.dedup(delivery.id().get(), Simulation.WINDOW);
        }
        if (random.nextInt(4) == 0) {
            terms = new AcceptTerms(
                    terms.dedupKey(), terms.dedupWindow(), 3 + random.nextInt(5), terms.cursor(), terms.right());
        }
        try {
            simulation.answered(store.accept(execution(delivery.task(), delivery.body()), terms));
        } catch (StoreUnavailableException e) {
            simulation.unanswered(delivery);
        }
    }

    /** A request comes between two microseconds, so that it takes no timer's place. */
    private Execution execution(TaskId task, String body) {
        return Samples.execution(task.value(), Samples.nanos(simulation.now()) + 1, body);
    }

    private void claim() {
        if (attempts.size() < WORKERS) {
            for (Claim claim : store.claim(WORKERS - attempts.size(), simulation.maxPerTask(), LEASE)) {
                attempts.add(new Attempt(claim, simulation.run(claim.key())));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ attempts

    private void work() {
        if (!attempts.isEmpty()) {
            work(attempts.get(random.nextInt(attempts.size())));
        }
    }

    private void work(Attempt attempt) {
        if (!attempt.isBegun()) {
            begin(attempt);
        } else if (attempt.settlement.isPresent()) {
            settle(attempt);
        } else if (attempt.progress.isPresent()) {
            checkpoint(attempt);
        } else if (random.nextInt(4) == 0) {
            attempt.execution = attempt.execution.events(List.of(Samples.event("of " + attempt.execution.attempt())));
            attempt.progress = Optional.of(progress(attempt));
            checkpoint(attempt);
        } else {
            attempt.settlement = Optional.of(
                    settlement(attempt.execution, attempt.claim.key().task()));
            settle(attempt);
        }
    }

    private void begin(Attempt attempt) {
        if (random.nextInt(8) == 0) {
            attempts.remove(attempt);
            store.release(List.of(attempt.claim)); // if that fails it runs again when the lease is over
            return;
        }
        if (random.nextInt(6) == 0 && !store.setPhase(attempt.claim, ClaimPhase.HELD)) {
            attempts.remove(attempt);
            return;
        }
        if (!store.setPhase(attempt.claim, attempt.claim.isSuspect() ? ClaimPhase.ISOLATED : ClaimPhase.RUNNING)) {
            attempts.remove(attempt);
            return;
        }
        attempt.seen = store.task(attempt.claim.key().task());
        if (attempt.seen.isEmpty()) {
            attempts.remove(attempt);
            return;
        }
        attempt.run.executed++;
        attempt.execution = attempt.execution.begun(Samples.nanos(simulation.now()));
    }

    /** Now and then the hook says itself when its timer rings next. */
    private Progress progress(Attempt attempt) {
        TaskRecord seen = attempt.seen.orElseThrow();
        Optional<Due> timer = Simulation.hasSchedule(seen) && random.nextBoolean()
                ? Optional.of(Samples.timer(seen.id().value(), simulation.soon()))
                : Optional.empty();
        return new Progress(attempt.execution, cursor(), timer, seen.revision());
    }

    private Optional<String> cursor() {
        return random.nextBoolean() ? Optional.of("cursor " + random.nextInt(100)) : Optional.empty();
    }

    private void checkpoint(Attempt attempt) {
        if (store.checkpoint(attempt.claim, attempt.progress.orElseThrow())) {
            attempt.progress = Optional.empty();
        } else {
            attempts.remove(attempt);
        }
    }

    private Settlement settlement(Execution execution, TaskId task) {
        int how = random.nextInt(10);
        if (how < 6) {
            return new Settlement.Done(
                    execution.delivered(task.value(), random.nextInt(100)), cursor(), Optional.empty());
        }
        return how < 9
                ? new Settlement.Retry(execution.failed("not yet"), simulation.soon())
                : new Settlement.Failed(execution.failed("no"));
    }

    private void settle(Attempt attempt) {
        store.settle(attempt.claim, attempt.settlement.orElseThrow());
        attempts.remove(attempt);
    }

    void extend() {
        if (!attempts.isEmpty()) {
            List<Claim> lost =
                    store.extend(attempts.stream().map(attempt -> attempt.claim).toList(), LEASE);
            attempts.removeIf(attempt -> lost.contains(attempt.claim));
        }
    }

    // ------------------------------------------------------------------------------------------------ timers

    private void ring() {
        Planned first = rings.poll();
        if (first == null) {
            store.dueTimers(3).forEach(due -> rings.add(new Planned(due, Optional.empty())));
        } else if (first.seen().isEmpty()) {
            store.task(first.due().execution().key().task())
                    .ifPresent(seen -> rings.addFirst(new Planned(first.due(), Optional.of(seen))));
        } else {
            ring(first.due(), first.seen().get());
        }
    }

    private void ring(Due due, TaskRecord seen) {
        if (!Simulation.hasSchedule(seen)) {
            store.ring(new Ring(
                    due.execution().key(),
                    new Ring.Fate.Record("stopped", Optional.empty()),
                    List.of(),
                    Optional.empty(),
                    seen.revision()));
            return;
        }
        String name = seen.id().value();
        List<Instant> missed = new ArrayList<>();
        Instant next = Simulation.next(seen, due.due());
        while (!next.isAfter(simulation.now())) {
            missed.add(next);
            next = Simulation.next(seen, next);
        }
        // the newest ones that were missed
        List<Instant> catchUp = missed.subList(Math.max(0, missed.size() - random.nextInt(3)), missed.size());
        Optional<String> skipIfBusy = random.nextBoolean() ? Optional.of("busy") : Optional.empty();
        store.ring(new Ring(
                due.execution().key(),
                catchUp.isEmpty() || random.nextBoolean()
                        ? new Ring.Fate.Run(skipIfBusy)
                        : new Ring.Fate.Record("missed", skipIfBusy),
                catchUp.stream()
                        .map(time -> Samples.timer(name, time).execution())
                        .toList(),
                Optional.of(Samples.timer(name, next)),
                seen.revision()));
    }

    // ------------------------------------------------------------------------------------------------ people

    private void change() {
        if (change.isEmpty()) {
            TaskId id = simulation.anyTask();
            change = Optional.of(new Change(id, store.task(id)));
            return;
        }
        Change wanted = change.get();
        change = Optional.empty();
        int what = random.nextInt(10);
        if (what == 0 && wanted.seen().isPresent()) {
            store.removeTask(wanted.id());
            return;
        }
        if (what == 1) {
            store.removeExecutions(wanted.id());
            return;
        }
        TaskRecord record = simulation.anyRecord(wanted.id());
        Optional<Due> timer = simulation.firstRun(record);
        if (what == 2) {
            store.putTask(record, timer);
        } else {
            store.replaceTask(wanted.seen(), record, timer);
        }
    }

    private void order() {
        Optional<Run> any = simulation.anyRun();
        switch (random.nextInt(6)) {
            case 4 -> store.pause(simulation.anyTask(), simulation.soon());
            case 5 -> store.pause(simulation.anyTask(), Instant.EPOCH);
            case 0 -> store.setMaintenance(!simulation.isMaintenance() && random.nextInt(3) == 0);
            case 1 -> any.ifPresent(run -> store.abort(run.key, "stopped by hand"));
            default ->
                any.ifPresent(
                        run -> store.replay(run.key, random.nextBoolean() ? ReplayConfig.NOW : ReplayConfig.THEN));
        }
    }

    private void listen() {
        TaskId id = simulation.anyTask();
        ListenRight right = rights.get(id);
        int what = random.nextInt(7);
        if (right != null && what == 0) {
            rights.remove(id);
            store.endListening(right);
        } else if (right != null && what < 4) {
            speak(right);
        } else if (what == 4) {
            store.renewListening(rights.values(), LEASE).forEach(over -> rights.remove(over.task()));
        } else {
            Optional<ListenRight> given = store.listen(id, name(), LEASE);
            rights.remove(id);
            given.ifPresent(now -> rights.put(id, now));
        }
    }

    private void speak(ListenRight right) {
        AcceptTerms terms = new AcceptTerms(
                Optional.empty(), Duration.ZERO, 20, Optional.of("heard " + random.nextInt(100)), Optional.of(right));
        AcceptResult result = store.accept(execution(right.task(), "heard by " + name()), terms);
        simulation.answered(result);
        if (result instanceof AcceptResult.Fenced) {
            rights.remove(right.task());
        }
    }

    // ------------------------------------------------------------------------------------------------ at the end

    /** Goes through everything that is left once, without a fault. */
    void finish() {
        store.recover(MANY);
        store.promoteRetries(MANY);
        claim();
        while (!attempts.isEmpty()) {
            for (Attempt attempt : List.copyOf(attempts)) {
                work(attempt);
            }
        }
    }
}
