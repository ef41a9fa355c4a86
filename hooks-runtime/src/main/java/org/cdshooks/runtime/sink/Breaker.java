package org.cdshooks.runtime.sink;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * A circuit breaker for one target: after too many failures it lets nothing through for a while, then one call as a
 * probe. Counts in slots, so its size doesn't grow with the calls. Thread-safe.
 */
final class Breaker {
    static final Duration WINDOW = Duration.ofMinutes(5);
    static final Duration OPEN = Duration.ofSeconds(30);
    static final int MIN_CALLS = 10;
    static final int FAILURE_PERCENT = 70;

    /** How soon to ask again while a probe is under way. */
    static final Duration PROBING = Duration.ofSeconds(2);

    private static final int SLOTS = 10;
    private static final long SLOT_MILLIS = WINDOW.toMillis() / SLOTS;

    /** What a call is told before it is made. */
    sealed interface Answer {
        /**
         * The call may be made, and its outcome is to be recorded.
         *
         * @param probe whether it alone decides what follows
         * @param round which closed or half-open phase it belongs to; what ends in a later one no longer counts
         */
        record Go(boolean probe, long round) implements Answer {}

        /**
         * The call must not be made.
         *
         * @param after when to ask again
         */
        record Wait(Duration after) implements Answer {}
    }

    private enum State {
        CLOSED,
        OPEN,
        PROBING
    }

    private final long[] slots = new long[SLOTS];
    private final int[] calls = new int[SLOTS];
    private final int[] failures = new int[SLOTS];
    private State state = State.CLOSED;
    private Instant openUntil = Instant.EPOCH;
    private long round;

    /** Returns how long no call may be made; empty if one may. Asking takes nothing. */
    synchronized Optional<Duration> shutFor(Instant now) {
        return switch (state) {
            case CLOSED -> Optional.empty();
            case PROBING -> Optional.of(PROBING);
            // More than the whole time is left only if the clock was set back.
            case OPEN ->
                Optional.of(Duration.between(now, openUntil))
                        .filter(left -> left.isPositive() && left.compareTo(OPEN) <= 0);
        };
    }

    synchronized Answer ask(Instant now) {
        Optional<Duration> shut = shutFor(now);
        if (shut.isPresent()) {
            return new Answer.Wait(shut.get());
        }
        if (state == State.CLOSED) {
            return new Answer.Go(false, round);
        }
        state = State.PROBING;
        round++;
        return new Answer.Go(true, round);
    }

    synchronized void succeeded(Answer.Go call, Instant now) {
        if (call.round() != round) {
            return;
        }
        if (state == State.PROBING) {
            forget();
            state = State.CLOSED;
        }
        count(now, false);
    }

    synchronized void failed(Answer.Go call, Instant now) {
        if (call.round() != round) {
            return;
        }
        if (state == State.PROBING) {
            open(now);
            return;
        }
        count(now, true);
        if (mostFail(now)) {
            open(now);
        }
    }

    /** Says that a call was given up and tells nothing of the target. */
    synchronized void abandoned(Answer.Go call) {
        if (call.round() == round && state == State.PROBING) {
            state = State.OPEN;
            openUntil = Instant.EPOCH;
        }
    }

    private void open(Instant now) {
        state = State.OPEN;
        openUntil = now.plus(OPEN);
        round++;
        forget();
    }

    private void forget() {
        Arrays.fill(calls, 0);
        Arrays.fill(failures, 0);
    }

    private void count(Instant now, boolean failure) {
        long slot = Math.floorDiv(now.toEpochMilli(), SLOT_MILLIS);
        int index = Math.floorMod(slot, SLOTS);
        if (slots[index] != slot) {
            slots[index] = slot;
            calls[index] = 0;
            failures[index] = 0;
        }
        calls[index]++;
        failures[index] += failure ? 1 : 0;
    }

    private boolean mostFail(Instant now) {
        long newest = Math.floorDiv(now.toEpochMilli(), SLOT_MILLIS);
        long all = 0;
        long failed = 0;
        for (int i = 0; i < SLOTS; i++) {
            if (slots[i] > newest - SLOTS && slots[i] <= newest) {
                all += calls[i];
                failed += failures[i];
            }
        }
        return all >= MIN_CALLS && failed * 100 >= all * FAILURE_PERCENT;
    }
}
