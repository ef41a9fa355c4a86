package org.cdshooks.runtime.store.local;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What has gathered to be written in one commit. The last change of a value wins, and what both appears and vanishes within
 * a batch is never written. Guarded by the monitor of the backing until it is in flight; then it does not change any more.
 */
final class Batch {
    private static final int OVERHEAD = 64;

    final long ticket;
    /** Tells those who wait for it now. Replaced when they are told that it can't be written yet. */
    private CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    /** By kind and number; null stands for what is to be removed. */
    private final Map<Kind, Map<Long, byte @Nullable []>> values = new EnumMap<>(Kind.class);

    private long bytes;
    private boolean empty = true;

    Batch(long ticket) {
        this.ticket = ticket;
        for (Kind kind : Kind.values()) {
            values.put(kind, new HashMap<>());
        }
    }

    void add(Change change) {
        Map<Long, byte @Nullable []> ofKind = of(change.kind());
        byte[] value = change.value();
        empty = false;
        if (value == null && change.kind().isReadLater() && ofKind.get(change.number()) != null) {
            // Its number is new with this batch, so there is nothing to remove.
            ofKind.remove(change.number());
            return;
        }
        ofKind.put(change.number(), value);
        bytes += OVERHEAD + (value == null ? 0 : value.length);
    }

    CompletableFuture<@Nullable Void> done() {
        return done;
    }

    /** Returns what those wait for who wait now; who comes later waits for something else. */
    CompletableFuture<@Nullable Void> part() {
        CompletableFuture<@Nullable Void> before = done;
        done = new CompletableFuture<>();
        return before;
    }

    @SuppressWarnings("NullAway") // every kind has its map since the constructor
    Map<Long, byte @Nullable []> of(Kind kind) {
        return values.get(kind);
    }

    boolean isEmpty() {
        return empty;
    }

    /** About how much memory it holds; what has vanished within it still counts. */
    long bytes() {
        return bytes;
    }
}
