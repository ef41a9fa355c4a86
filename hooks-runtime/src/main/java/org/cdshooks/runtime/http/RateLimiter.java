package org.cdshooks.runtime.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many requests a second somebody sends: a bucket of tokens for each, as large as a second's worth.
 *
 * @param <K> who: a task, or a network of peers
 */
final class RateLimiter<K> {
    private static final double SECOND = 1e9;

    private final LongSupplier nanoTime;
    private final Cache<K, Bucket> buckets;

    RateLimiter(LongSupplier nanoTime, long maxBuckets) {
        this.nanoTime = nanoTime;
        this.buckets = Caffeine.newBuilder()
                .expireAfterAccess(Duration.ofMinutes(1))
                .maximumSize(maxBuckets)
                .build();
    }

    /**
     * Takes a token, and tells whether there was one.
     *
     * @param rate requests a second, positive
     */
    boolean admits(K who, int rate) {
        return buckets.get(who, _ -> new Bucket(rate, nanoTime.getAsLong())).take(rate, nanoTime.getAsLong());
    }

    /** How many buckets are kept. */
    long size() {
        buckets.cleanUp();
        return buckets.estimatedSize();
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
