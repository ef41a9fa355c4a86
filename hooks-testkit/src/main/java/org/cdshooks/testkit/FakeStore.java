package org.cdshooks.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;

/** What is stored for one task: executions, cursor, dedup keys; and whether it takes more. For several threads. */
final class FakeStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final String idPrefix;
    private final Map<ExecutionId, RecordedExecution> executions = new LinkedHashMap<>();
    private final Map<String, ExecutionId> seen = new HashMap<>();
    private Optional<String> cursor;
    private boolean overloaded;
    private boolean lost;
    private int waiting;
    private int heard;

    FakeStore(String idPrefix, Optional<String> cursor) {
        this.idPrefix = idPrefix;
        this.cursor = cursor;
    }

    ExecutionId add(String trigger, Instant dueAt, Payload payload, RecordedExecution.State state) {
        lock.lock();
        try {
            ExecutionId id = new ExecutionId(idPrefix + (executions.size() + 1));
            executions.put(id, RecordedExecution.of(id, trigger, dueAt, payload, state));
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** As {@code emit} of a request: it does not wait. */
    Receipt offer(String trigger, Instant now, Invocation invocation) {
        lock.lock();
        try {
            if (overloaded) {
                throw new OverloadedException("the task has too many unfinished executions, as the test asked for");
            }
            return store(trigger, now, invocation);
        } finally {
            lock.unlock();
        }
    }

    /** As {@code emit} of a listener: it waits for room, and is refused when another node owns the listener. */
    Receipt put(String trigger, Instant now, Invocation invocation, BooleanSupplier refused)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting++;
            changed.signalAll();
            try {
                while (overloaded && !lost && !refused.getAsBoolean()) {
                    changed.await();
                }
            } finally {
                waiting--;
            }
            if (lost || refused.getAsBoolean()) {
                throw new OwnershipLostException("this node no longer owns the listener of " + idPrefix);
            }
            Receipt receipt = store(trigger, now, invocation);
            heard++;
            changed.signalAll();
            return receipt;
        } finally {
            lock.unlock();
        }
    }

    private Receipt store(String trigger, Instant now, Invocation invocation) {
        Optional<ExecutionId> earlier = invocation.dedupKey().map(seen::get);
        if (earlier.isPresent()) {
            return new Receipt(earlier.get(), true);
        }
        ExecutionId id = add(trigger, now, invocation.payload(), RecordedExecution.State.PENDING);
        invocation.dedupKey().ifPresent(key -> seen.put(key, id));
        invocation.cursor().ifPresent(next -> cursor = Optional.of(next));
        return new Receipt(id, false);
    }

    void update(ExecutionId id, UnaryOperator<RecordedExecution> change) {
        locked(() -> executions.computeIfPresent(id, (key, old) -> change.apply(old)));
    }

    void cursor(String next) {
        locked(() -> cursor = Optional.of(next));
    }

    void overloaded(boolean value) {
        locked(() -> overloaded = value);
    }

    void loseOwnership() {
        locked(() -> lost = true);
    }

    /** Wakes those that wait, since something they look at outside of the store has changed. */
    void wakeUp() {
        locked(() -> {});
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                // looks again now and then: not all that is waited for is signalled
                long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(50));
                left -= slice - Math.max(0, changed.awaitNanos(slice));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** How many emits of the listener have been answered, duplicates among them. */
    int heard() {
        lock.lock();
        try {
            return heard;
        } finally {
            lock.unlock();
        }
    }

    /** How many emits of the listener wait for room. */
    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    Optional<String> cursor() {
        lock.lock();
        try {
            return cursor;
        } finally {
            lock.unlock();
        }
    }

    List<RecordedExecution> executions() {
        lock.lock();
        try {
            return new ArrayList<>(executions.values());
        } finally {
            lock.unlock();
        }
    }

    List<RecordedExecution> pending() {
        return executions().stream()
                .filter(execution -> execution.state() == RecordedExecution.State.PENDING)
                .toList();
    }
}
