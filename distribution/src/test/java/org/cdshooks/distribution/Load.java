package org.cdshooks.distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Senders that send one request after the other until they are ended. The seed says how many there are and what they send. */
final class Load implements AutoCloseable {
    private static final int FEWEST = 4;
    private static final int MORE = 5;
    private static final int BALLAST = 2000;

    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> senders = new ArrayList<>();

    /** Starts senders, each of them to one of the places. */
    Load(Ledger ledger, List<Place> places, String task, Random random) {
        int count = FEWEST + random.nextInt(MORE);
        for (int i = 0; i < count; i++) {
            Place place = places.get(i % places.size());
            Random own = new Random(random.nextLong());
            boolean rests = i > 0;
            senders.add(threads.submit(() -> {
                while (!over.get()) {
                    if (rests) {
                        awaitAll(places);
                    }
                    Service service = place.service();
                    try {
                        ledger.send(service, task, own.nextInt(BALLAST));
                    } catch (IOException e) {
                        // What was under way when a process died is not acknowledged.
                        place.awaitSuccessor(service);
                    }
                }
                return true;
            }));
        }
    }

    /** While a process starts only one sender goes on, or the start would get few of the processors. */
    private static void awaitAll(List<Place> places) throws InterruptedException {
        for (Place each : places) {
            each.awaitRunning();
        }
    }

    /** Ends it; fails if a sender has failed. */
    void end() throws Exception {
        over.set(true);
        for (Future<?> each : senders) {
            each.get();
        }
    }

    @Override
    public void close() {
        over.set(true);
        threads.shutdownNow();
    }
}
