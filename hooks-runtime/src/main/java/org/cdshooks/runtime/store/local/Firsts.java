package org.cdshooks.runtime.store.local;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * Who is to do what is done once. In memory: after a restart it is done once more at worst, as after any crash. Bounded, so
 * that of very many within their windows those that end first are forgotten early.
 */
final class Firsts {
    private static final int MAX = 200_000;

    private record First(DeliveryHash what, ExecutionKey who, long expires) {}

    private final InstantSource clock;
    private final Map<DeliveryHash, First> firsts = new HashMap<>();
    private final PriorityQueue<First> byExpiry = new PriorityQueue<>(Comparator.comparingLong(First::expires));

    Firsts(InstantSource clock) {
        this.clock = clock;
    }

    synchronized ExecutionKey firstToDo(
            DeliveryHash what, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        long now = Time.nanos(clock.instant());
        for (First end = byExpiry.peek();
                end != null && (end.expires() <= now || byExpiry.size() > MAX);
                end = byExpiry.peek()) {
            byExpiry.remove();
            firsts.remove(end.what(), end);
        }
        First before = firsts.get(what);
        if (before != null && !insteadOf.equals(Optional.of(before.who()))) {
            return before.who();
        }
        First mine = new First(what, execution, now + window.toNanos());
        firsts.put(what, mine);
        byExpiry.add(mine);
        return execution;
    }
}
