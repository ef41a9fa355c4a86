package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.NextTimes;
import org.cdshooks.runtime.store.TaskStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's time, as this node knows it: what the store's clock said last, and what a clock that nobody sets has measured
 * since. All nodes plan by it, since the store judges by it what is due; so a node whose own clock is wrong does nothing too
 * early or too late. It also finds out that the node's own clock is wrong.
 */
final class StoreClock implements InstantSource {
    private static final Duration TOLERATED = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(StoreClock.class);

    private final String node;
    private final InstantSource wall;
    private final LongSupplier ticker;
    private volatile @Nullable Heard heard;
    private volatile Optional<Duration> skew = Optional.empty();

    /** What the store's clock said, and when. */
    private record Heard(Instant time, long ticks) {}

    /**
     * Makes a clock that shows the time of the machine until the store was heard.
     *
     * @param node the name of this node, for the log
     * @param wall the clock of this node's machine
     * @param ticker a clock in nanoseconds that nobody sets
     */
    StoreClock(String node, InstantSource wall, LongSupplier ticker) {
        this.node = node;
        this.wall = wall;
        this.ticker = ticker;
    }

    @Override
    public Instant instant() {
        Heard last = heard;
        return last == null ? wall.instant() : last.time().plusNanos(ticker.getAsLong() - last.ticks());
    }

    /** Asks the store when retries and leases need a node next, and hears what time it is there. */
    NextTimes ask(TaskStore store) {
        return ask(store, Set.of());
    }

    /**
     * Asks the store when it needs this node next, and hears what time it is there.
     *
     * @param types the hook types that this node has; timers of others are not for it
     */
    NextTimes ask(TaskStore store, Set<String> types) {
        long asked = ticker.getAsLong();
        NextTimes times = store.nextTimes(types);
        long half = (ticker.getAsLong() - asked) / 2;
        heard = new Heard(times.now(), asked + half);
        compare(Duration.between(times.now(), wall.instant().minusNanos(half)), Duration.ofNanos(half));
        return times;
    }

    /**
     * Returns by how much this machine's clock is ahead of the store's, or behind if negative; empty if it is right within a
     * second.
     */
    Optional<Duration> skew() {
        return skew;
    }

    private void compare(Duration ahead, Duration uncertain) {
        boolean isWrong = ahead.abs().minus(uncertain).compareTo(TOLERATED) > 0;
        boolean wasWrong = skew.isPresent();
        skew = isWrong ? Optional.of(ahead) : Optional.empty();
        if (isWrong && !wasWrong) {
            LOG.warn("{}", words(node, ahead));
        } else if (wasWrong && !isWrong) {
            LOG.info("The clock of node {} agrees with the clock of the store again", node);
        }
    }

    private static String seconds(Duration span) {
        return String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0);
    }

    /** Says what is wrong and what to do. */
    static String words(String node, Duration ahead) {
        return "The clock of node " + node + " is " + seconds(ahead.abs())
                + (ahead.isNegative() ? " behind" : " ahead of")
                + " the clock of the store. Nothing is done too early or too late because of it, but times in logs and"
                + " executions are wrong: let NTP set the clocks of this machine and of the store's machine";
    }
}
