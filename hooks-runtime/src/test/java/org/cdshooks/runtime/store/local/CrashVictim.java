package org.cdshooks.runtime.store.local;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;

/** A process that works on a store until it is killed, and tells on its standard output what was acknowledged to it. */
final class CrashVictim {
    private static final int THREADS = 64;

    private CrashVictim() {}

    public static void main(String[] args) {
        String round = args[1];
        PrintStream out = System.out;
        TaskStore store = LocalStores.open(Path.of(args[0]), InstantSource.system(), LocalOptions.DEFAULT);
        for (int i = 0; i < 4; i++) {
            store.putTask(Samples.task("t" + i), Optional.empty());
        }
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            threads.execute(() -> {
                try {
                    work(store, round + "-" + thread, new Random(thread), out);
                } catch (StoreUnavailableException e) {
                    out.print("F " + store.problem().isPresent() + " " + e.getMessage() + "\n");
                }
            });
        }
        // Ends by being killed; nobody is waited for longer than a minute.
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Runtime.getRuntime().halt(7);
    }

    private static void work(TaskStore store, String name, Random random, PrintStream out) {
        for (int n = 0; ; n++) {
            if (random.nextInt(3) > 0) {
                String body = name + "-" + n + "-" + "x".repeat(random.nextInt(2000));
                AcceptResult result = store.accept(
                        Samples.execution("t" + random.nextInt(4), System.currentTimeMillis() * 1_000_000, body),
                        AcceptTerms.ANY.dedup(body, Duration.ofMinutes(5)));
                if (result instanceof AcceptResult.Stored(var stored)) {
                    // One line in one write, so that a kill can cut the last one only.
                    out.print("A " + stored.key().task() + " " + stored.key().timestamp() + " " + body.length() + " "
                            + name + "-" + n + "\n");
                }
            } else {
                for (Claim claim : store.claim(2, 1000, Duration.ofSeconds(60))) {
                    switch (random.nextInt(4)) {
                        case 0 -> {}
                        case 1 ->
                            store.settle(
                                    claim,
                                    new Settlement.Failed(claim.execution().failed("no")));
                        default -> store.settle(claim, Settlement.done(claim.execution()));
                    }
                }
            }
        }
    }
}
