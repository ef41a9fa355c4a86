package org.cdshooks.runtime.store.local;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.task.ExecutionKey;
import org.jspecify.annotations.Nullable;

/**
 * Which execution has claimed which idempotency key. A part of {@link Transitions}: guarded by the store's lock, and what is to
 * be written goes into the same list.
 */
final class Firsts {
    /** The number of claims is bounded: a new claim beyond that drops the one that expires first. */
    private static final int MAX = 200_000;

    /** How many expired claims each new one drops: more than one, so that none is left over for long. */
    private static final int DROPPED = 4;

    private final List<Change> changes;
    private final LongSupplier numbers;
    private final LongSupplier now;
    private final Map<DeliveryHash, First> firsts = new HashMap<>();
    private final TreeSet<First> byExpiry = new TreeSet<>(First.BY_EXPIRY);

    /**
     * The claim of an idempotency key.
     *
     * @param id the number of its row
     * @param key the hash of scope and key
     * @param owner the execution that has claimed the key
     * @param expires when the claim is forgotten, in nanoseconds since the epoch
     */
    record First(long id, DeliveryHash key, ExecutionKey owner, long expires) {
        static final Comparator<First> BY_EXPIRY =
                Comparator.comparingLong(First::expires).thenComparingLong(First::id);
    }

    Firsts(List<Change> changes, LongSupplier numbers, LongSupplier now) {
        this.changes = changes;
        this.numbers = numbers;
        this.now = now;
    }

    /** Takes a claim over that was stored before. */
    void add(First first) {
        firsts.put(first.key(), first);
        byExpiry.add(first);
    }

    ExecutionKey firstToDo(
            DeliveryHash key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        @Nullable First before = firsts.get(key);
        if (before != null && before.expires() > now.getAsLong() && !insteadOf.equals(Optional.of(before.owner()))) {
            return before.owner();
        }
        if (before != null) {
            drop(before);
        }
        First mine = new First(numbers.getAsLong(), key, execution, Time.plus(now.getAsLong(), window));
        add(mine);
        changes.add(new Change(Kind.IDEMPOTENCY_KEY, mine.id(), Rows.first(mine)));
        dropExpired(DROPPED);
        while (byExpiry.size() > MAX) {
            drop(byExpiry.first());
        }
        return execution;
    }

    void dropExpired(int max) {
        for (int i = 0; i < max && !byExpiry.isEmpty() && byExpiry.first().expires() <= now.getAsLong(); i++) {
            drop(byExpiry.first());
        }
    }

    private void drop(First first) {
        changes.add(new Change(Kind.IDEMPOTENCY_KEY, first.id(), null));
        byExpiry.remove(first);
        firsts.remove(first.key());
    }
}
