package org.cdshooks.runtime.cds;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.cdshooks.api.TaskId;

/**
 * Decides when the API's answer that it knows no hook of a task is final. The API sends its hooks inside the transaction that
 * saves their workflow, and does not know them itself until it has committed. Thread-safe.
 */
final class MissingHooks {
    /** How long a commit may take: the answer is final for an event once both it and the first such answer are as old. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration SHORTEST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofSeconds(20);
    private static final int TASKS = 10_000;

    private record Revision(TaskId task, long revision) {}

    private final InstantSource clock;

    /** When the API said first that it knows no hook of a task as it is. */
    private final Cache<Revision, Instant> first;

    MissingHooks(InstantSource clock) {
        this.clock = clock;
        this.first = Caffeine.newBuilder()
                .maximumSize(TASKS)
                .expireAfterAccess(PATIENCE.multipliedBy(5))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /**
     * Notes that the API knows no hook of a task.
     *
     * @param revision the revision of the task that was asked for: a saved workflow makes a new one
     * @param since when the event that asked came in, or when its timer was due
     * @return how long to wait before the next try; empty if the answer is final
     */
    Optional<Duration> missing(TaskId task, long revision, Instant since) {
        Instant now = clock.instant();
        Duration known = Duration.between(first.get(new Revision(task, revision), _ -> now), now);
        Duration age = Duration.between(since, now);
        boolean isYoung = !age.isNegative() && age.compareTo(PATIENCE) < 0; // a time to come is another clock's
        if (!isYoung && known.compareTo(PATIENCE) >= 0) {
            return Optional.empty();
        }
        long most = Math.clamp(known.toMillis(), SHORTEST_REST.toMillis(), LONGEST_REST.toMillis());
        return Optional.of(
                Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1)));
    }

    /** Forgets what was noted of a task: the API knows its hook. */
    void found(TaskId task, long revision) {
        first.invalidate(new Revision(task, revision));
    }
}
