package org.cdshooks.runtime.store.redis;

import static java.util.stream.Collectors.joining;
import static org.cdshooks.runtime.store.Samples.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.ClusterSetup;
import org.cdshooks.testbed.RedisServer;

/** What tests of faults have in common. */
final class RedisFixtures {
    private static final long BETWEEN_LOOKS = 1_000_000;

    private RedisFixtures() {}

    static RedisOptions options(ClusterSetup cluster) {
        String hosts = cluster.uris().stream()
                .map(uri -> uri.replaceAll("^redis://", "").replaceAll("/.*$", ""))
                .collect(joining(","));
        return RedisOptions.of("redis-cluster://" + hosts).prefix("{hooks}");
    }

    /** Opens a link that lets everybody in, for tests that run single scripts. */
    static Link link(RedisServer redis) {
        RedisKeys keys = new RedisKeys("hooks");
        return new RedisLink(
                RedisOptions.of(redis.uri()), keys, Script.load(keys), Admission.OPEN, word -> {}, () -> {});
    }

    /** Looks again and again until something is there. */
    static <T> T soon(Duration limit, Callable<Optional<T>> look) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end) {
            Optional<T> found = look.call();
            if (found.isPresent()) {
                return found.get();
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
        throw new AssertionError("not within " + limit);
    }

    static Optional<AcceptResult> tryToAccept(TaskStore store) {
        try {
            return Optional.of(store.accept(execution("a", 1, "x"), AcceptTerms.ANY));
        } catch (StoreUnavailableException e) {
            return Optional.empty();
        }
    }

    /** Accepts on some threads until it is ended, and keeps what was acknowledged. */
    static final class Senders {
        private final Queue<ExecutionKey> acknowledged = new ConcurrentLinkedQueue<>();
        private final AtomicLong refused = new AtomicLong();
        private final AtomicBoolean over = new AtomicBoolean();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<?>> running = new ArrayList<>();

        Senders(TaskStore store, int count) {
            for (int i = 0; i < count; i++) {
                running.add(threads.submit(() -> {
                    while (!over.get()) {
                        switch (tryToAccept(store).orElse(null)) {
                            case AcceptResult.Stored stored ->
                                acknowledged.add(stored.execution().key());
                            case null -> {
                                refused.incrementAndGet();
                                awaitRecovery(store);
                            }
                            case AcceptResult other -> throw new AssertionError("accepted as " + other);
                        }
                    }
                    return true;
                }));
            }
        }

        /** Waits until the store says that it works, so that senders do not take all processors from what recovers. */
        private void awaitRecovery(TaskStore store) {
            while (store.problem().isPresent() && !over.get()) {
                LockSupport.parkNanos(BETWEEN_LOOKS);
            }
        }

        Queue<ExecutionKey> acknowledged() {
            return acknowledged;
        }

        long refused() {
            return refused.get();
        }

        /** Ends it; fails if a sender failed. */
        void end() throws Exception {
            over.set(true);
            for (Future<?> each : running) {
                each.get();
            }
            threads.close();
        }
    }
}
