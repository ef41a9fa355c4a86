package org.cdshooks.runtime.sink;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Keeps one bad target from harming the others: each has its share of the calls under way, and a {@link Breaker}.
 * Nobody waits here for longer than a moment; who can't go now is told when to come again. Thread-safe, and bounded in size.
 */
public final class Bulkhead {
    static final int PER_TARGET = 20;
    static final int IN_ALL = 256;

    private static final long MOMENT_MILLIS = 500;

    private static final int TARGETS = 10_000;
    private static final Duration FORGET_AFTER = Duration.ofMinutes(10);

    private final InstantSource clock;
    private final int perTarget;
    private final Semaphore all = new Semaphore(IN_ALL);
    private final Cache<String, Share> shares;

    Bulkhead(InstantSource clock) {
        this(clock, PER_TARGET);
    }

    /**
     * Makes one.
     *
     * @param clock the clock
     * @param perTarget how many calls to one target may be under way
     */
    public Bulkhead(InstantSource clock, int perTarget) {
        this.clock = clock;
        this.perTarget = perTarget;
        this.shares = Caffeine.newBuilder()
                .maximumSize(TARGETS)
                .expireAfterAccess(FORGET_AFTER)
                .ticker(() -> nanos(clock.instant()))
                .executor(Runnable::run)
                .build();
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }

    private record Share(Semaphore calls, Breaker breaker) {
        Share(int perTarget) {
            this(new Semaphore(perTarget), new Breaker());
        }
    }

    /** Whether a call may be made now. */
    public sealed interface Admission permits Call, Refused {}

    /**
     * It may not.
     *
     * @param reason for the user
     * @param after when to ask again
     */
    public record Refused(String reason, Duration after) implements Admission {}

    /** It may: a place is taken until this is closed. What is closed without an outcome tells nothing of the target. */
    public final class Call implements Admission, AutoCloseable {
        private final Share share;
        private final Breaker.Answer.Go go;
        private boolean recorded;

        private Call(Share share, Breaker.Answer.Go go) {
            this.share = share;
            this.go = go;
        }

        /** Says that the target works, whatever it thought of the call. */
        public void succeeded() {
            recorded = true;
            share.breaker.succeeded(go, clock.instant());
        }

        /** Says that the target doesn't work. */
        public void failed() {
            recorded = true;
            share.breaker.failed(go, clock.instant());
        }

        @Override
        public void close() {
            if (!recorded) {
                share.breaker.abandoned(go);
            }
            all.release();
            share.calls.release();
        }
    }

    /** Waits a moment for a place, since calls to a target that is well are over in one; then the event is put off. */
    private static boolean acquired(Semaphore places) throws InterruptedException {
        return places.tryAcquire(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Asks for a place.
     *
     * @param origin scheme, host and port of the target
     * @return a call, to be closed, or a refusal
     * @throws InterruptedException if the caller is told to end while it waits; no place is taken then
     */
    public Admission admit(String origin) throws InterruptedException {
        Share share = shares.get(origin, absent -> new Share(perTarget));
        var shut = share.breaker.shutFor(clock.instant());
        if (shut.isPresent()) { // nobody waits for a place at a target that is not called
            return open(origin, shut.get());
        }
        if (!acquired(share.calls)) {
            return new Refused(perTarget + " calls to " + origin + " are under way", soon());
        }
        boolean called = false;
        boolean placed = false;
        try {
            placed = acquired(all);
            if (!placed) {
                return new Refused(IN_ALL + " calls are under way", soon());
            }
            return switch (share.breaker.ask(clock.instant())) {
                case Breaker.Answer.Go allowed -> {
                    called = true;
                    yield new Call(share, allowed);
                }
                case Breaker.Answer.Wait(Duration after) -> open(origin, after);
            };
        } finally {
            if (!called) {
                if (placed) {
                    all.release();
                }
                share.calls.release();
            }
        }
    }

    private static Refused open(String origin, Duration after) {
        return new Refused("circuit open: most of the last calls to " + origin + " failed", after);
    }

    /** About a second, spread so that those who were sent away don't come back together. */
    private static Duration soon() {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(500, 1500));
    }
}
