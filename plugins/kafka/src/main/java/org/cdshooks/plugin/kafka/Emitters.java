package org.cdshooks.plugin.kafka;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.TriggerContext;
import org.jspecify.annotations.Nullable;

/**
 * Store messages, in the order in which they come and many at the same time, so that the store can make many durable in one
 * go. What can't be stored now is tried again until it is stored: meanwhile the client's thread goes on to show the brokers
 * that this member lives.
 */
final class Emitters {
    private static final int THREADS = 64;
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);
    private static final Logger LOG = System.getLogger(Emitters.class.getName());

    private final TriggerContext context;
    private final String name;
    private final BlockingQueue<Optional<Lanes.Item>> queue = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean troubled = new AtomicBoolean();
    private volatile @Nullable RuntimeException failure;

    Emitters(TriggerContext context, String name) {
        this.context = context;
        this.name = name;
    }

    void start() {
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofVirtual().name("kafka-store-" + i).start(this::work));
        }
    }

    /** Takes a message to store. */
    void add(Lanes.Item item) {
        queue.add(Optional.of(item));
    }

    /** Lets out why nothing can be stored any more, if that is so. */
    void check() {
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
    }

    /** Lets what is being stored come to its end, for a while; then tells them to end, and waits as long again. */
    void stop(Duration atMost) {
        queue.clear();
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (int i = 0; i < threads.size(); i++) {
                queue.add(Optional.empty());
            }
            for (Thread thread : threads) {
                var _ = thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            threads.forEach(Thread::interrupt);
            end += atMost.toNanos();
            for (Thread thread : threads) {
                var _ = thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            // an empty one tells to end
            for (Optional<Lanes.Item> item = queue.take(); item.isPresent(); item = queue.take()) {
                if (!item.get().isDropped()) {
                    store(item.get());
                }
                item.get().done();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void store(Lanes.Item item) throws InterruptedException {
        Duration delay = FIRST_DELAY;
        while (true) {
            try {
                var _ = context.emit(item.invocation());
                if (troubled.compareAndSet(true, false)) {
                    LOG.log(Level.INFO, "{0}: messages are stored again", name);
                }
                return;
            } catch (OwnershipLostException e) {
                throw e;
            } catch (IllegalArgumentException e) { // never to be stored
                LOG.log(Level.WARNING, "{0}: a message can''t be stored: {1}", name, e.getMessage());
                var _ = context.emit(item.fallback());
                return;
            } catch (RuntimeException e) {
                if (troubled.compareAndSet(false, true)) {
                    LOG.log(
                            Level.WARNING,
                            "{0}: messages can''t be stored and stay with the brokers until they can: {1}",
                            name,
                            e.getMessage());
                }
                Thread.sleep(delay);
                delay = delay.multipliedBy(2).compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay.multipliedBy(2);
            }
            if (item.isDropped()) {
                return;
            }
        }
    }
}
