package org.cdshooks.runtime.store.redis;

import io.lettuce.core.RedisFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks on one connection whether replicas have what was written on it. Redis holds a connection up while it answers that,
 * so there is one question at a time, and it is for all that was written before it: who comes while one is under way shares
 * the next.
 */
final class ReplicaGate {
    private final Supplier<RedisFuture<Long>> ask;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean asking;
    private @Nullable CompletableFuture<Long> next;

    ReplicaGate(Supplier<RedisFuture<Long>> ask) {
        this.ask = ask;
    }

    /** Returns how many replicas have what was written before this call. */
    CompletableFuture<Long> await() {
        CompletableFuture<Long> mine;
        lock.lock();
        try {
            if (asking) {
                if (next == null) {
                    next = new CompletableFuture<>();
                }
                return next;
            }
            asking = true;
            mine = new CompletableFuture<>();
        } finally {
            lock.unlock();
        }
        ask(mine);
        return mine;
    }

    private void ask(CompletableFuture<Long> answer) {
        CompletableFuture<Long> asked;
        try {
            asked = ask.get().toCompletableFuture();
        } catch (RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        var _ = asked.whenComplete((replicas, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                answer.complete(replicas);
            }
            askNext();
        });
    }

    private void askNext() {
        CompletableFuture<Long> following;
        lock.lock();
        try {
            following = next;
            next = null;
            asking = following != null;
        } finally {
            lock.unlock();
        }
        if (following != null) {
            ask(following);
        }
    }
}
