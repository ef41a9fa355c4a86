package org.cdshooks.runtime.store.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.TaskStore;

/**
 * Measures a store on disk; no test. Arguments: a directory that is empty or not there, and {@code load} (accepts, then
 * accepts with settling beside, 64 virtual threads, 1 KiB) or {@code open} (100,000 tasks with a timer each).
 */
final class LocalStoreLoad {
    private static final int THREADS = 64;
    private static final int ACCEPTS = 200_000;
    private static final int TASKS = 100_000;
    private static final InstantSource CLOCK = InstantSource.system();

    private LocalStoreLoad() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        if (args[1].equals("open")) {
            open(directory);
            return;
        }
        try (TaskStore store = LocalStores.open(directory, CLOCK, LocalOptions.DEFAULT)) {
            for (int i = 0; i < 10; i++) {
                store.putTask(Samples.task("t" + i), Optional.empty());
            }
            for (int round = 0; round < 3; round++) {
                rate("accept", ACCEPTS / 4, () -> parallel(ACCEPTS / 4, i -> accept(store, i)));
                rate("claim and settle", ACCEPTS / 4, () -> drain(store, ACCEPTS / 4));
                clean(store);
                size(directory);
            }
            for (int round = 0; round < 3; round++) {
                Thread worker = Thread.ofVirtual().start(() -> drain(store, ACCEPTS / 4));
                rate("accept, settled beside", ACCEPTS / 4, () -> {
                    parallel(ACCEPTS / 4, i -> accept(store, i));
                    join(worker);
                });
                clean(store);
                size(directory);
            }
            for (int second = 0; second < 5; second++) {
                Thread.sleep(1000);
                size(directory);
            }
        }
        size(directory);
    }

    private static void accept(TaskStore store, int i) {
        Instant now = CLOCK.instant();
        store.accept(Samples.execution("t" + i % 10, Samples.nanos(now), "x".repeat(1024)), AcceptTerms.ANY);
    }

    private static void drain(TaskStore store, int count) {
        for (int settled = 0; settled < count; ) {
            List<Claim> claims = store.claim(64, 1000, Duration.ofSeconds(60));
            for (Claim claim : claims) {
                store.settle(claim, Settlement.done(claim.execution().delivered("answer", 1)));
            }
            settled += claims.size();
            if (claims.isEmpty()) {
                LockSupport.parkNanos(50_000);
            }
            if (settled % 1000 < 64) {
                clean(store);
            }
        }
    }

    private static void clean(TaskStore store) {
        for (int i = 0; i < 10; i++) {
            store.clean(new TaskId("t" + i), 10, 10);
        }
    }

    private static void open(Path directory) throws Exception {
        if (!Files.exists(directory)) {
            try (TaskStore store = LocalStores.open(directory, CLOCK, LocalOptions.DEFAULT)) {
                Instant far = CLOCK.instant().plus(Duration.ofDays(300));
                rate(
                        "put task with timer",
                        TASKS,
                        () -> parallel(
                                TASKS,
                                i -> store.putTask(
                                        Samples.task("0123456789abcdef0123456789ab-" + i),
                                        Optional.of(Samples.timer(
                                                "0123456789abcdef0123456789ab-" + i, far.plusNanos(i))))));
            }
            size(directory);
        }
        long before = heap();
        long start = System.nanoTime();
        try (TaskStore store = LocalStores.open(directory, CLOCK, LocalOptions.DEFAULT)) {
            long opened = System.nanoTime();
            System.out.printf(
                    "opened %d tasks in %d ms, heap %d MiB%n",
                    store.counts().tasks(), (opened - start) / 1_000_000, (heap() - before) >> 20);
        }
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private interface Work {
        void of(int number);
    }

    private static void parallel(int count, Work work) {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < THREADS; i++) {
                threads.execute(() -> {
                    for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                        work.of(number);
                    }
                });
            }
        }
    }

    private static void rate(String what, int count, Runnable run) {
        long start = System.nanoTime();
        Duration cpu = cpu();
        run.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        // The share of a processor that others leave varies; what one operation takes of it does not.
        double micros = cpu().minus(cpu).toNanos() / 1e3 / count;
        System.out.printf("%-24s %,9.0f /s, %5.1f us CPU each%n", what, count / seconds, micros);
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static void size(Path directory) throws Exception {
        System.out.printf("file %d KiB%n", Files.size(directory.resolve(DataDirectory.DATA)) >> 10);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
