package org.cdshooks.runtime.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.task.TaskRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live hooks of this node: made when they are needed, kept while they are used often, stopped when they were evicted or
 * their task was changed and the last execution in them has ended. Bounded, so that a task costs no memory here by being
 * stored; only hooks that listen stay for as long as they do.
 */
final class Hooks {
    private static final int MAX_IDLE = 4096;
    private static final Duration IDLE = Duration.ofMinutes(10);

    /** What runs again as it was then is little, and ends soon. */
    private static final int MAX_FORMER = 64;

    private static final Duration FORMER_IDLE = Duration.ofMinutes(1);

    /** How long a hook type that hangs in {@code create} is not asked again for the same task: each time costs a thread. */
    private static final Duration AFTER_HANGING = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    private final HookMaker maker;
    private final Masking masking;
    private final Limits limits;
    private final Tally tally;
    private final FailureLog failures;
    private final Cache<TaskId, Slot> idle;
    private final Cache<Former, Slot> former;
    private final Map<TaskId, Slot> pinned = new ConcurrentHashMap<>();
    private final Set<LiveHook> alive = ConcurrentHashMap.newKeySet();

    Hooks(HookMaker maker, Masking masking, Limits limits, Tally tally, FailureLog failures) {
        this.maker = maker;
        this.masking = masking;
        this.limits = limits;
        this.tally = tally;
        this.failures = failures;
        this.idle = cache(MAX_IDLE, IDLE);
        this.former = cache(MAX_FORMER, FORMER_IDLE);
    }

    private <K> Cache<K, Slot> cache(int most, Duration kept) {
        return Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterAccess(kept)
                .executor(Runnable::run)
                .removalListener((@Nullable K key, @Nullable Slot slot, RemovalCause cause) -> {
                    if (slot != null) {
                        var _ = slot.made.whenComplete((live, failure) -> {
                            if (live != null) {
                                live.endUse(this::stop);
                            }
                        });
                    }
                })
                .build();
    }

    /** A revision that a task has not any more. */
    private record Former(TaskId task, long revision) {}

    /** A use of a hook; closing it ends it. */
    final class Use implements AutoCloseable {
        private final LiveHook live;

        private Use(LiveHook live) {
            this.live = live;
        }

        LiveHook live() {
            return live;
        }

        @Override
        public void close() {
            live.endUse(Hooks.this::stop);
        }
    }

    /** The place of one revision: made by whoever comes first, waited for by the others. */
    private static final class Slot {
        private final TaskRecord task;
        private final CompletableFuture<LiveHook> made = new CompletableFuture<>();
        private volatile long keptUntil = Long.MAX_VALUE;

        Slot(TaskRecord task) {
            this.task = task;
        }

        boolean isOf(TaskRecord other) {
            return task.revision() == other.revision() && task.createdAt() == other.createdAt();
        }

        boolean isFresh() {
            return keptUntil == Long.MAX_VALUE || keptUntil - System.nanoTime() > 0;
        }
    }

    /**
     * Uses the hook of a task in the given revision. May take as long as a call into a plugin may.
     *
     * @throws CannotRunException if there is none
     */
    Use use(TaskRecord task) throws CannotRunException, InterruptedException {
        Optional<String> unserved = masking.unserved(task).or(() -> masking.suspended(task));
        if (unserved.isPresent()) {
            tally.parked(task.id());
            throw new CannotRunException(CannotRunException.Cause.PARKED, unserved.get());
        }
        while (true) {
            Slot slot = slot(task);
            LiveHook live = await(slot);
            if (live.tryUse()) {
                tally.notParked(task.id());
                return new Use(live);
            }
            idle.asMap().remove(task.id(), slot); // stopped in between
            pinned.remove(task.id(), slot);
        }
    }

    /**
     * Uses the hook of a task as it was in a revision that it has not any more. May take as long as a call into a plugin may.
     *
     * @throws CannotRunException if there is none
     */
    Use useFormer(TaskRecord task) throws CannotRunException, InterruptedException {
        Optional<String> unserved = masking.unserved(task).or(() -> masking.suspended(task));
        if (unserved.isPresent()) {
            throw new CannotRunException(CannotRunException.Cause.PARKED, unserved.get());
        }
        Former key = new Former(task.id(), task.revision());
        while (true) {
            Slot slot = slot(former, key, task);
            LiveHook live = await(slot);
            if (live.tryUse()) {
                return new Use(live);
            }
            former.asMap().remove(key, slot); // stopped in between
        }
    }

    private Slot slot(TaskRecord task) throws InterruptedException {
        Slot kept = pinned.get(task.id());
        return kept != null && kept.isOf(task) ? kept : slot(idle, task.id(), task);
    }

    private <K> Slot slot(Cache<K, Slot> cache, K key, TaskRecord task) throws InterruptedException {
        Slot kept = cache.getIfPresent(key);
        if (kept != null && kept.isOf(task) && kept.isFresh()) {
            return kept;
        }
        Slot mine = new Slot(task);
        Slot winner =
                cache.asMap().compute(key, (id, old) -> old != null && old.isOf(task) && old.isFresh() ? old : mine);
        if (winner == mine) {
            make(mine, () -> cache.asMap().remove(key, mine));
        }
        return winner;
    }

    private void make(Slot slot, Runnable forget) throws InterruptedException {
        try {
            LiveHook live = Bounded.call(limits.call(), slot.task.type(), "create", () -> maker.make(slot.task));
            alive.add(live);
            slot.made.complete(live);
        } catch (PluginFailure | RuntimeException | Error e) {
            if (e instanceof PluginFailure failure && !(e instanceof PluginSuspended)) {
                failures.callFailed(slot.task.id(), "create", failure);
            }
            boolean hangs = e.getCause() instanceof java.util.concurrent.TimeoutException;
            if (hangs) {
                slot.keptUntil = System.nanoTime() + AFTER_HANGING.toNanos();
            }
            slot.made.completeExceptionally(e);
            if (!hangs) {
                forget.run();
            }
        } catch (InterruptedException e) {
            slot.made.completeExceptionally(new IllegalStateException("interrupted while the hook was made"));
            forget.run();
            throw e;
        }
    }

    private static LiveHook await(Slot slot) throws CannotRunException, InterruptedException {
        try {
            return slot.made.get(); // whoever makes it gives up within the limit of a call
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InvalidConfigException invalid ->
                    throw new CannotRunException(
                            CannotRunException.Cause.BAD_CONFIG, "the config is wrong: " + invalid.getMessage());
                case PluginSuspended suspended ->
                    throw new CannotRunException(CannotRunException.Cause.PARKED, suspended.reason());
                case PluginFailure failure ->
                    throw new CannotRunException(
                            CannotRunException.Cause.FAILED, "the hook could not be created: " + failure.reason());
                case null, default ->
                    throw new CannotRunException(
                            CannotRunException.Cause.FAILED, "the hook could not be created: " + e.getCause());
            }
        }
    }

    /** Lets go of a hook because its task was changed or removed. */
    void changed(TaskId task) {
        idle.invalidate(task);
        tally.notParked(task);
    }

    /** Keeps the hook that a listener runs in, so that executions find the same one. */
    void pin(LiveHook live) {
        Slot slot = new Slot(live.task());
        slot.made.complete(live);
        pinned.put(live.task().id(), slot);
    }

    void unpin(LiveHook live) {
        pinned.computeIfPresent(live.task().id(), (id, slot) -> slot.isOf(live.task()) ? null : slot);
    }

    /** Stops all hooks that nobody uses, and waits for those that are being stopped. */
    void stopAll(Duration atMost) throws InterruptedException {
        idle.invalidateAll();
        former.invalidateAll();
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (alive) {
            long left = atMost.toMillis();
            while (!alive.isEmpty() && left > 0) {
                alive.wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
    }

    private void stop(LiveHook live) {
        Thread.ofVirtual().name("stop-" + live.task().id()).start(() -> {
            try {
                Bounded.call(
                        limits.call(),
                        live.config().type().door().plugin(),
                        "stop",
                        () -> live.config().type().call(type -> {
                            live.hook().stop();
                            return true;
                        }));
            } catch (PluginFailure e) {
                LOG.warn(
                        "The hook of task {} could not be stopped: {}",
                        live.task().id(),
                        e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                alive.remove(live);
                synchronized (alive) {
                    alive.notifyAll();
                }
            }
        });
    }
}
