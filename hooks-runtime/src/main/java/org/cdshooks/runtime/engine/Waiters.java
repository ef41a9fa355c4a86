package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for the end of an execution, each on its own virtual thread. What ends on this node they are told at once; what
 * ends elsewhere they find in the store, where nodes share one. What ends otherwise (stopped by a user, removed) they find there,
 * too. Nothing of them is left once they have returned.
 */
final class Waiters {
    /** How long one sleeps at most before it looks whether its sender is still there. */
    private static final long MAX_PAUSE = 200;

    /** How often the store is asked though all is told here: a net. */
    private static final long NET = 1_000;

    private static final long FIRST_PAUSE = 10;

    /** Stores of one node may sleep for long, for they tell of everything. */
    private static final Duration SHARED = Duration.ofSeconds(30);

    private final Node node;
    private final Map<ExecutionKey, Awaited> awaited = new ConcurrentHashMap<>();

    Waiters(Node node) {
        this.node = node;
    }

    /** An execution that somebody waits for. */
    private static final class Awaited {
        private final CountDownLatch ended = new CountDownLatch(1);
        private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();

        /** Guarded by the map. */
        private int waiting;
    }

    /** An execution has ended on this node. */
    void ended(Execution execution, ExecutionStatus status) {
        Awaited of = awaited.get(execution.key());
        if (of != null) {
            of.ending.set(Ending.of(execution, status));
            of.ended.countDown();
        }
    }

    /**
     * Waits for the end of an execution.
     *
     * @param wait how long at most
     * @param goesOn whether there is still somebody to tell; asked several times a second
     * @return its end; how it stands if the time is over or there is nobody to tell
     */
    Ending await(ExecutionKey key, Duration wait, BooleanSupplier goesOn) throws InterruptedException {
        long end = node.ticks() + wait.toNanos();
        Awaited mine = awaited.compute(key, (_, there) -> {
            Awaited of = there == null ? new Awaited() : there;
            of.waiting++;
            return of;
        });
        try {
            boolean shared = node.store().maxSleep().compareTo(SHARED) < 0;
            long pause = FIRST_PAUSE;
            long sinceLook = 0;
            Ending last = look(key);
            while (!last.isEnd() && last.status() != Ending.Status.REMOVED) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - node.ticks());
                if (left <= 0 || !goesOn.getAsBoolean()) {
                    break;
                }
                if (mine.ended.await(Math.min(pause, left), TimeUnit.MILLISECONDS)) {
                    break;
                }
                sinceLook += pause;
                pause = Math.min(MAX_PAUSE, pause * 2);
                if (shared || sinceLook >= NET) {
                    last = look(key);
                    sinceLook = 0;
                }
            }
            return Optional.ofNullable(mine.ending.get()).orElse(last);
        } finally {
            awaited.computeIfPresent(key, (_, there) -> --there.waiting == 0 ? null : there);
        }
    }

    /** Returns how an execution stands. A store that is away is no answer, and the request has been stored. */
    private Ending look(ExecutionKey key) {
        try {
            return node.store()
                    .execution(key)
                    .map(execution -> Ending.of(execution, execution.status()))
                    .orElse(Ending.REMOVED);
        } catch (StoreUnavailableException e) {
            return Ending.RUNNING;
        }
    }

    /** Returns how many executions are waited for. */
    int count() {
        return awaited.size();
    }
}
