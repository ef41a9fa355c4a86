package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that does its part of the work whenever it is signalled or the time has come that the part itself named, and
 * sleeps exactly until then. It is a platform thread, so that plugins that keep all carriers of virtual threads busy
 * can't stop timers and leases. It survives whatever the part throws.
 *
 * <p>A test does not start it and calls {@link #pass} instead.
 */
final class Loop {
    /** What a part returns that waits for a signal and for nothing else. */
    static final Instant NEVER = Instant.MAX;

    /** The longest sleep: it bounds how late timers are if the store's clock is set. */
    private static final long MAX_PARK = TimeUnit.SECONDS.toNanos(60);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** A part of the engine's work. */
    @FunctionalInterface
    interface Part {
        /**
         * Does what there is to do now.
         *
         * @return when to come again, by the clock of the loop; a time that has passed means at once
         */
        Instant pass();
    }

    private final String name;
    private final Part part;
    private final InstantSource clock;
    private final Duration gap;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private volatile boolean stopped;
    private volatile @Nullable Thread thread;
    private boolean failing;

    /**
     * Makes a loop.
     *
     * @param clock a clock that nobody sets, by which the part says when it is to come again
     */
    Loop(String name, Part part, InstantSource clock) {
        this(name, part, clock, Duration.ZERO);
    }

    /**
     * Makes a loop for a part that is signalled much more often than there is something for it to do.
     *
     * @param gap how long it sleeps at least between two passes
     */
    Loop(String name, Part part, InstantSource clock, Duration gap) {
        this.name = name;
        this.part = part;
        this.clock = clock;
        this.gap = gap;
    }

    void start() {
        Thread unstarted = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread = unstarted; // before it runs: a signal that finds no thread to wake would be the last one that is heard
        unstarted.start();
    }

    /** Wakes the loop. Cheap, from any thread, also if it is awake or was never started. */
    void signal() {
        if (!signalled.get() && signalled.compareAndSet(false, true)) {
            LockSupport.unpark(thread);
        }
    }

    /** Does one pass on the caller's thread. */
    Instant pass() {
        return part.pass();
    }

    /** Ends the loop and waits for the pass that is under way. */
    void stop(Duration atMost) throws InterruptedException {
        stopped = true;
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
            if (!running.join(atMost)) {
                LOG.warn("{} did not end within {}", name, atMost);
            }
        }
    }

    private void run() {
        while (!stopped) {
            signalled.set(false);
            Instant next = guardedPass();
            if (next.isAfter(clock.instant())) {
                rest(gap);
            }
            long nanos = nanosUntil(next);
            if (nanos > 0 && !signalled.get() && !stopped) {
                LockSupport.parkNanos(this, nanos);
            }
        }
    }

    private Instant guardedPass() {
        try {
            Instant next = part.pass();
            if (failing) {
                failing = false;
                LOG.info("{} goes on", name);
            }
            return next;
        } catch (StoreUnavailableException e) {
            if (!failing) {
                LOG.warn("{} waits for the store: {}", name, e.getMessage());
            }
        } catch (Throwable e) { // whatever it is: timers and leases must go on
            LOG.error("{} failed and goes on in {}", name, AFTER_FAILURE, e);
        }
        failing = true;
        rest(AFTER_FAILURE);
        return clock.instant();
    }

    /** Sleeps whatever is signalled. */
    private void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !stopped; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    private long nanosUntil(Instant next) {
        Instant now = clock.instant();
        if (!next.isAfter(now)) {
            return 0;
        }
        return next.isAfter(now.plusNanos(MAX_PARK))
                ? MAX_PARK
                : Duration.between(now, next).toNanos();
    }
}
