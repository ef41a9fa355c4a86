package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on executions: claims as many as there are places for, and runs each {@link Attempt} on a virtual thread. It is
 * two {@link Loop}s: {@link #dispatch} claims, {@link #watch} renews leases and ends what is late.
 */
final class Processor implements Attempt.Desk, Isolation.Host {
    /** How long the dispatcher sleeps at most while there are places: a net under the store's signals. */
    private static final Duration NET = Duration.ofSeconds(1);

    /** How many may wait for others of their task, beside those that are worked on. */
    private static final int MAX_WAITING = 1024;

    /** How long what is interrupted at the end of the service may take to come back. */
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

    private static final Duration PARKED = Duration.ofSeconds(60);
    private static final Duration STORE_RETRY = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(Processor.class);

    private final Node node;
    private final Hooks hooks;
    private final FailureLog failures;
    private final Cleaner cleaner;
    private final Waiters waiters;
    private final Gone gone;
    private final Consumer<TaskId> onSettled;
    private final Stuck stuck = new Stuck();
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
    /** How many attempts have not begun since others of their task run, or since nothing else may run beside them. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final Isolation isolation;
    private final Loop dispatcher;
    private final Loop watcher;
    private volatile boolean draining;
    private final Closing closing = new Closing();
    private volatile Instant nextWatch = Loop.NEVER;
    private Instant nextRenewal = Instant.MIN;

    /** Stops a task whose target is gone for good. */
    @FunctionalInterface
    interface Gone {
        void stop(TaskRecord task, String reason);
    }

    Processor(
            Node node,
            Hooks hooks,
            FailureLog failures,
            Cleaner cleaner,
            Waiters waiters,
            Gone gone,
            Consumer<TaskId> onSettled) {
        this.node = node;
        this.hooks = hooks;
        this.failures = failures;
        this.cleaner = cleaner;
        this.waiters = waiters;
        this.gone = gone;
        this.onSettled = onSettled;
        this.isolation = new Isolation(node, this);
        this.dispatcher = new Loop("hooks-dispatch", this::dispatch, node::steady);
        this.watcher = new Loop("hooks-watch", this::watch, node::steady);
    }

    Loop dispatcher() {
        return dispatcher;
    }

    Loop watcher() {
        return watcher;
    }

    // ------------------------------------------------------------------------------------------------ the two loops

    private Instant dispatch() {
        while (!draining) {
            Optional<Instant> isolated = isolation.pass();
            if (isolated.isPresent()) {
                return isolated.get();
            }
            int held = attempts.size();
            int places = Math.min(
                    node.config().workers() - (held - waiting.get()),
                    node.config().workers() + MAX_WAITING - held);
            if (places <= 0) {
                return Loop.NEVER; // whoever ends signals
            }
            List<Claim> claims = node.store()
                    .claim(places, node.config().workersPerTask(), node.config().lease());
            if (claims.isEmpty()) {
                Duration most = node.store().maxSleep();
                return node.steady().plus(most.compareTo(NET) < 0 ? most : NET);
            }
            claims.forEach(this::begin);
        }
        return Loop.NEVER;
    }

    private void begin(Claim claim) {
        Attempt attempt = new Attempt(claim, this);
        attempts.add(attempt);
        watchFrom(node.steady().plus(third(node.config().lease())));
        if (claim.isSuspect()) {
            waiting.incrementAndGet();
            isolation.add(attempt);
        } else {
            run(attempt);
        }
    }

    private static void run(Attempt attempt) {
        Thread.ofVirtual().name("execution-" + attempt.key().timestamp()).start(attempt);
    }

    @Override
    public boolean isQuiet() {
        return attempts.size() == waiting.get();
    }

    @Override
    public boolean runs(Attempt attempt) {
        return attempts.contains(attempt);
    }

    @Override
    public void start(Attempt suspect) {
        waiting.decrementAndGet();
        run(suspect);
    }

    @Override
    public void drop(Attempt suspect) {
        waiting.decrementAndGet();
        forget(suspect);
    }

    private Instant watch() {
        Instant now = node.steady();
        for (Attempt attempt : attempts) {
            if (attempt.watch(now)) {
                abandon(attempt);
            }
        }
        Duration third = third(node.config().lease());
        if (attempts.isEmpty()) {
            // looks once more before it sleeps for good, so that a single execution now and then need not wake it
            nextWatch = nextRenewal.equals(Instant.MIN) ? Loop.NEVER : now.plus(third);
            nextRenewal = Instant.MIN;
            return attempts.isEmpty() ? nextWatch : now;
        }
        if (nextRenewal.equals(Instant.MIN)) {
            nextRenewal = now.plus(third);
        } else if (!now.isBefore(nextRenewal)) {
            renew();
            nextRenewal = now.plus(third);
        }
        Instant next = nextRenewal;
        for (Attempt attempt : attempts) {
            Instant of = attempt.nextWatch();
            next = of.isBefore(next) ? of : next;
        }
        nextWatch = next;
        return next;
    }

    private void renew() {
        List<Claim> claims = new ArrayList<>();
        attempts.forEach(attempt -> claims.add(attempt.claim()));
        Set<Lease> lost = new HashSet<>();
        node.store().extend(claims, node.config().lease()).forEach(claim -> lost.add(Lease.of(claim)));
        attempts.forEach(attempt -> {
            if (lost.contains(Lease.of(attempt.claim()))) {
                attempt.interrupt(Watched.Why.LOST);
            }
        });
    }

    /** What tells one claim from another, whatever has become of its execution. */
    private record Lease(ExecutionKey key, long token) {
        static Lease of(Claim claim) {
            return new Lease(claim.key(), claim.token());
        }
    }

    private void abandon(Attempt attempt) {
        LOG.warn("The attempt at {} does not stop when it is interrupted; its thread is left behind", attempt.key());
        if (attempt.wasLost()) {
            forget(attempt);
            return;
        }
        Thread.ofVirtual().start(() -> {
            attempt.settleAbandoned();
            forget(attempt);
        });
    }

    private void forget(Attempt attempt) {
        attempts.remove(attempt);
        dispatcher.signal();
        if (attempts.isEmpty()) {
            synchronized (attempts) {
                attempts.notifyAll();
            }
        }
    }

    private static Duration third(Duration lease) {
        return lease.dividedBy(3);
    }

    // ------------------------------------------------------------------------------------------------ for others

    int running() {
        return Math.max(0, attempts.size() - waiting.get());
    }

    /** Returns how many are held: worked on, or waiting for others of their task. */
    int held() {
        return attempts.size();
    }

    /** Ends the work on executions that were aborted or removed. */
    void interrupt(Predicate<Attempt> which) {
        attempts.stream().filter(which).forEach(attempt -> attempt.interrupt(Watched.Why.LOST));
        watcher.signal();
    }

    /** No new claims; what was claimed and not begun goes back. */
    void drain() throws InterruptedException {
        draining = true;
        dispatcher.stop(node.limits().call());
        release(Attempt::giveUpUnbegun);
    }

    /**
     * Waits for what runs, then interrupts it and gives it back.
     *
     * @return how many were interrupted
     */
    int end(Duration grace) throws InterruptedException {
        await(grace);
        List<Attempt> left = List.copyOf(attempts);
        left.forEach(attempt -> attempt.interrupt(Watched.Why.STOPPING));
        closing.close();
        await(AFTER_INTERRUPT);
        for (Attempt attempt : attempts) {
            if (attempt.giveUp()) {
                LOG.warn("The attempt at {} does not stop when it is interrupted", attempt.key());
            }
        }
        giveBack(left);
        watcher.stop(node.limits().call());
        return left.size();
    }

    /** Waits until nothing is worked on; false if that took too long. */
    boolean await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (attempts) {
            while (!attempts.isEmpty()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                attempts.wait(left / 1_000_000 + 1);
            }
            return true;
        }
    }

    private void release(Predicate<Attempt> unbegun) {
        List<Attempt> back = attempts.stream().filter(unbegun).toList();
        giveBack(back);
        back.forEach(this::forget);
    }

    /** What has been settled after all is refused by its token. */
    private void giveBack(List<Attempt> back) {
        if (back.isEmpty()) {
            return;
        }
        try {
            node.store().release(back.stream().map(Attempt::claim).toList());
        } catch (StoreUnavailableException e) {
            LOG.warn("{} executions run again when their leases have expired: {}", back.size(), e.getMessage());
        }
    }

    // ------------------------------------------------------------------------------------------------ for attempts

    @Override
    public Node node() {
        return node;
    }

    @Override
    public Hooks hooks() {
        return hooks;
    }

    @Override
    public FailureLog failures() {
        return failures;
    }

    @Override
    public Stuck stuck() {
        return stuck;
    }

    @Override
    public <T> T patiently(Supplier<T> step) throws InterruptedException {
        while (true) {
            try {
                return step.get();
            } catch (StoreUnavailableException e) {
                if (closing.isClosed()) {
                    throw new InterruptedException("the service stops while the store is away");
                }
                closing.pause(STORE_RETRY);
            }
        }
    }

    @Override
    public Duration parkDelay() {
        return RetryPolicy.jittered(PARKED, random);
    }

    @Override
    public Duration backOff(RetryPolicy retry, int errors) {
        return retry.backOff(errors, random);
    }

    @Override
    public void awaitTurn(Attempt.Turn turn) throws InterruptedException {
        waiting.incrementAndGet();
        dispatcher.signal();
        boolean admitted = false;
        try {
            turn.await();
            isolation.admit(waiting::decrementAndGet);
            admitted = true;
        } finally {
            if (!admitted) {
                waiting.decrementAndGet();
            }
        }
    }

    @Override
    public void settled(Attempt attempt, Settlement settlement, int keepDone) {
        TaskId task = attempt.key().task();
        switch (settlement) {
            case Settlement.Done done -> {
                node.tally().done.increment();
                waiters.ended(done.execution(), ExecutionStatus.DONE);
                cleaner.finished(task, keepDone);
            }
            case Settlement.Failed failed -> {
                node.tally().failed(node.clock().instant());
                waiters.ended(failed.execution(), ExecutionStatus.FAILED);
                cleaner.finished(task, keepDone);
                failures.executionFailed(
                        attempt.key(), attempt.target(), failed.execution().lastError());
            }
            case Settlement.Retry retry -> {
                if (retry.execution().errors() > attempt.claim().execution().errors()) {
                    node.tally().retried.increment();
                }
            }
        }
        onSettled.accept(task);
    }

    @Override
    public void gone(TaskRecord task, String reason) {
        gone.stop(task, reason);
    }

    @Override
    public void ended(Attempt attempt) {
        forget(attempt);
    }

    @Override
    public void watchFrom(Instant deadline) {
        if (deadline.isBefore(nextWatch)) {
            watcher.signal();
        }
    }
}
