package org.cdshooks.testbed;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Asks again and again until something is so, for a bounded time. */
final class Await {
    private static final Duration BETWEEN = Duration.ofMillis(10);

    private Await() {}

    /**
     * Waits until {@code attempt} gives a value.
     *
     * @param what what is waited for, to go after "until" in the message
     * @param limit for how long at most; one attempt is always made
     * @param attempt what to ask; a connection that fails and an error that Redis answers count as "not yet", anything
     *     else that it throws ends the wait
     * @param detail what else helps when it never comes, such as the end of a log
     * @return the value
     * @throws IllegalStateException if the time is up or the thread was interrupted
     */
    static <T> T value(String what, Duration limit, Supplier<Optional<T>> attempt, Supplier<String> detail) {
        long end = System.nanoTime() + limit.toNanos();
        Optional<RuntimeException> last;
        do {
            last = Optional.empty();
            try {
                Optional<T> value = attempt.get();
                if (value.isPresent()) {
                    return value.get();
                }
            } catch (UncheckedIOException | RedisError e) {
                last = Optional.of(e);
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        } while (System.nanoTime() < end && !Thread.currentThread().isInterrupted());
        String beginning = Thread.currentThread().isInterrupted() ? "Interrupted while waiting" : "Waited in vain";
        String why = last.map(e -> " The last attempt: " + e.getMessage() + ".").orElse("");
        throw new IllegalStateException(
                beginning + " until " + what + ", for at most " + limit + "." + why + "\n" + detail.get(),
                last.orElse(null));
    }

    /** As {@link #value}, for what is only true or not. */
    static void until(String what, Duration limit, BooleanSupplier attempt, Supplier<String> detail) {
        var _ = value(
                what, limit, () -> attempt.getAsBoolean() ? Optional.of(true) : Optional.<Boolean>empty(), detail);
    }
}
