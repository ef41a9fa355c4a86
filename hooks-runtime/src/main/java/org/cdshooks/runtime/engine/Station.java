package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.TaskRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one task listens: brings what is (a listener of some revision runs, or none) to what is wanted (one of the newest
 * revision runs if the task is started). The listener of a new revision begins when the old one has ended or was given up.
 */
final class Station {
    private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofMinutes(5);
    private static final String STUCK =
            "its listener was told to stop and did not; its thread is stuck, and what it hears is refused";
    private static final Logger LOG = LoggerFactory.getLogger(Station.class);

    private final TaskId id;
    private final Node node;
    private final Hooks hooks;
    private final Consumer<Station> forget;
    private final Runnable wakeLoop;
    private final ReentrantLock reconciling = new ReentrantLock();
    private final AtomicBoolean woken = new AtomicBoolean();

    private volatile @Nullable Listening current;
    private volatile @Nullable TaskRecord ended;
    private volatile Instant retryAt = Instant.MIN;
    private volatile @Nullable String problem;
    private volatile boolean closed;
    private int failures;

    Station(TaskId id, Node node, Hooks hooks, Consumer<Station> forget, Runnable wakeLoop) {
        this.id = id;
        this.node = node;
        this.hooks = hooks;
        this.forget = forget;
        this.wakeLoop = wakeLoop;
    }

    TaskId id() {
        return id;
    }

    Optional<String> problem() {
        Listening listening = current;
        if (listening != null && listening.isLate()) {
            return Optional.of("its listener was told to stop and has not yet");
        }
        return Optional.ofNullable(problem);
    }

    /** Looks at what is wanted, on a thread of its own. Several calls in a row are one. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            Thread.ofVirtual().name("listen-" + id + "-change").start(this::reconcile);
        }
    }

    boolean isWoken() {
        return woken.get();
    }

    private void reconcile() {
        reconciling.lock();
        try {
            woken.set(false);
            bring(closed ? Optional.empty() : node.store().task(id));
        } catch (StoreUnavailableException e) {
            retryAt = node.clock().instant().plus(FIRST_DELAY);
            wakeLoop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reconciling.unlock();
        }
    }

    private void bring(Optional<TaskRecord> task) throws InterruptedException {
        Optional<TaskRecord> wanted = task.filter(found -> !found.stopped());
        Listening running = current;
        if (running != null) {
            if (wanted.isEmpty() || !isSame(wanted.get(), running.live().task())) {
                running.cancel();
                wakeLoop.run(); // which gives it up if it does not stop
            }
            return; // its end wakes again
        }
        if (wanted.isEmpty()) {
            if (!STUCK.equals(problem)) { // which users are to see as long as it is
                problem = null;
                forget.accept(this);
            }
            return;
        }
        TaskRecord last = ended;
        boolean isNew = last == null || !isSame(wanted.get(), last);
        if (isNew) {
            failures = 0;
        } else if (retryAt.isAfter(node.clock().instant())) {
            return; // its time will come
        }
        begin(wanted.get());
    }

    private static boolean isSame(TaskRecord a, TaskRecord b) {
        return a.revision() == b.revision() && a.createdAt() == b.createdAt();
    }

    private void begin(TaskRecord task) throws InterruptedException {
        ended = task;
        retryAt = Instant.MAX;
        Hooks.Use use;
        try {
            use = hooks.use(task);
        } catch (CannotRunException e) {
            failed(e.reason());
            return;
        }
        if (use.live().triggers().listening().isEmpty()) {
            use.close();
            forget.accept(this);
            return;
        }
        Listening listening = new Listening(node, use, hooks, this::ended);
        current = listening;
        problem = null;
        if (closed) { // the order to stop may have missed it
            listening.cancel();
        }
        listening.start();
    }

    /** On the listener's thread: it has ended. */
    private void ended(Listening listening, Optional<String> failure) {
        reconciling.lock();
        try {
            if (current != listening) {
                if (STUCK.equals(problem)) { // it has come back after all
                    problem = null;
                    wake();
                }
                return;
            }
            current = null;
            if (failure.isPresent()) {
                if (listening.lasted().compareTo(MAX_DELAY) > 0) {
                    failures = 0;
                }
                failed(failure.get());
            }
        } finally {
            reconciling.unlock();
        }
        if (failure.isEmpty()) {
            wake(); // told to stop, perhaps for a new revision; if not, there is nothing more to hear
        }
    }

    private void failed(String reason) {
        failures++;
        Duration delay = RetryPolicy.jittered(
                RetryPolicy.growing(FIRST_DELAY, failures, MAX_DELAY), RandomGenerator.getDefault());
        retryAt = node.clock().instant().plus(delay);
        problem = Texts.cut("its listener failed (" + failures + (failures == 1 ? " time" : " times in a row")
                + "), is begun anew at " + retryAt + ": " + reason);
        LOG.warn("Task {}: {}", id, problem);
        wakeLoop.run();
    }

    /** On the loop: does what time brings, without waiting for anything. */
    Instant pass(Instant now) {
        Listening listening = current;
        if (listening != null) {
            Instant giveUpAt = listening.giveUpAt();
            if (now.isBefore(giveUpAt)) {
                return giveUpAt;
            }
            giveUp(listening);
            return Loop.NEVER;
        }
        Instant retry = retryAt;
        if (retry.equals(Instant.MIN) || retry.isAfter(now)) {
            return retry.equals(Instant.MIN) ? Loop.NEVER : retry;
        }
        retryAt = Instant.MIN;
        wake();
        return Loop.NEVER;
    }

    private void giveUp(Listening listening) {
        listening.fence();
        current = null;
        problem = STUCK;
        LOG.warn("Task {}: {}", id, problem);
        wake();
    }

    /** There may be room for another execution. */
    void roomAgain() {
        Listening listening = current;
        if (listening != null) {
            listening.roomAgain();
        }
    }

    /** The node stops. */
    void close() {
        closed = true;
        Listening listening = current;
        if (listening != null) {
            listening.cancel();
        }
    }

    void await(Duration atMost) throws InterruptedException {
        Listening listening = current;
        if (listening != null && !listening.await(atMost)) {
            giveUp(listening);
        }
    }
}
