package org.cdshooks.runtime.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.cdshooks.api.TaskId;

/** How many requests a second a task takes: a bucket of tokens for each task that has a rate, as large as a second's worth. */
final class RateLimiter {
    private static final double SECOND = 1e9;

    private final LongSupplier nanoTime;
    private final Cache<TaskId, Bucket> buckets =
            Caffeine.newBuilder().expireAfterAccess(Duration.ofMinutes(1)).build();

    RateLimiter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Takes a token.
     *
     * @param task the task; it exists, so what is kept is bounded by the number of tasks
     * @param rate requests a second, positive
     * @return whether there was one
     */
    boolean admits(TaskId task, int rate) {
        return buckets.get(task, _ -> new Bucket(rate, nanoTime.getAsLong())).take(rate, nanoTime.getAsLong());
    }

    private static final class Bucket {
        private double tokens;
        private long filledAt;

        Bucket(int rate, long now) {
            tokens = rate;
            filledAt = now;
        }

        synchronized boolean take(int rate, long now) {
            tokens = Math.min(rate, tokens + (now - filledAt) * rate / SECOND);
            filledAt = now;
            if (tokens < 1) {
                return false;
            }
            tokens -= 1;
            return true;
        }
    }
}
