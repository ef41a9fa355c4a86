package org.cdshooks.runtime.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.HeldRequest;
import org.cdshooks.runtime.task.RequestJson;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TurnedAway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is noted and kept of requests, behind those who answer them: they put it into a bounded queue, never wait, and
 * one thread stores all that has gathered. Of each task some are taken a second, so that nobody can fill the store or hide
 * the requests of others; the rest is counted, and the last of them is noted with the count when it is quiet again.
 */
final class RequestWriter {
    /** What a quarantined request is sealed as. */
    static final String SEALED_AS = "quarantine";

    /** How large the body of a request may be that is kept. */
    static final int MAX_BODY = 256 << 10;

    /** How many a second are taken of one task; large ones count for several. */
    private static final double RATE = 10;

    private static final double BYTES_OF_ONE = 32 << 10;
    private static final int QUEUE = 1_000;
    private static final long QUEUE_BYTES = 16L << 20;
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(RequestWriter.class);

    private final TaskStore store;
    private final Seal seal;
    private final Node node;
    private final LongSupplier ticker;
    private final Loop loop;
    private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Cache<TaskId, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterAccess(Duration.ofMinutes(10))
            .build();
    private final Set<TaskId> owing = ConcurrentHashMap.newKeySet();
    final LongAdder held = new LongAdder();
    final LongAdder leftOut = new LongAdder();

    private record Item(TaskId task, TurnedAway what, Optional<Requests.Refused> refused, int bytes) {}

    RequestWriter(Node node, Seal seal) {
        this.store = node.store();
        this.seal = seal;
        this.node = node;
        this.ticker = node.ticker();
        this.loop = new Loop("hooks-requests", this::pass, node::steady, Duration.ofMillis(100));
    }

    Loop loop() {
        return loop;
    }

    /** Ends the loop, and writes what is left. */
    void end(Duration atMost) throws InterruptedException {
        loop.stop(atMost);
        try {
            var _ = pass();
        } catch (StoreUnavailableException e) {
            LOG.debug("What was left to note of requests is lost: {}", e.getMessage());
        }
    }

    /** Takes a request, or counts it. Never waits. */
    void offer(TaskId task, TurnedAway what, Optional<Requests.Refused> refused) {
        int bytes = refused.map(Requests.Refused::bytes).orElse(0);
        Bucket bucket = buckets.get(task, id -> new Bucket(ticker.getAsLong()));
        Optional<TurnedAway> taken = bucket.take(ticker.getAsLong(), what, 1 + bytes / BYTES_OF_ONE);
        if (taken.isPresent() && enqueue(new Item(task, taken.get(), refused, bytes))) {
            loop.signal();
            return;
        }
        leftOut.increment();
        if (taken.isPresent()) {
            bucket.leaveOut(taken.get());
        }
        if (owing.size() < QUEUE) {
            owing.add(task);
        }
        loop.signal();
    }

    private boolean enqueue(Item item) {
        if (queuedBytes.addAndGet(item.bytes()) <= QUEUE_BYTES && queue.offer(item)) {
            return true;
        }
        queuedBytes.addAndGet(-item.bytes());
        return false;
    }

    /** Stores all that has gathered. What the store does not take is lost. */
    synchronized Instant pass() {
        for (TaskId task : List.copyOf(owing)) {
            owing.remove(task); // before it is looked at: who is left out meanwhile puts it in again
            Bucket bucket = buckets.getIfPresent(task);
            Optional<TurnedAway> last = bucket == null ? Optional.empty() : bucket.last(ticker.getAsLong());
            last.ifPresent(what -> enqueue(new Item(task, what, Optional.empty(), 0)));
            if (bucket != null && bucket.isOwing()) {
                owing.add(task);
            }
        }
        List<Item> items = new ArrayList<>();
        queue.drainTo(items);
        List<RequestLog.Entry> traced = new ArrayList<>();
        List<RequestLog.Entry> kept = new ArrayList<>();
        for (Item item : items) {
            queuedBytes.addAndGet(-item.bytes());
            traced.add(new RequestLog.Entry(item.task(), item.what().at(), RequestJson.encode(item.what())));
            item.refused().ifPresent(refused -> kept.add(sealed(item, refused.call())));
        }
        append(RequestLog.Kind.TRACE, traced);
        append(RequestLog.Kind.QUARANTINE, kept);
        return owing.isEmpty() ? Loop.NEVER : node.steady().plus(SOON);
    }

    private void append(RequestLog.Kind kind, List<RequestLog.Entry> entries) {
        if (!entries.isEmpty()) {
            store.requests().append(kind, entries);
        }
    }

    private RequestLog.Entry sealed(Item item, HttpCall call) {
        held.increment();
        TurnedAway what = item.what();
        byte[] clear = RequestJson.encode(new HeldRequest(
                what.at(),
                what.sender(),
                call.method(),
                call.path(),
                call.query(),
                call.headers(),
                call.body(),
                what.status(),
                what.reason()));
        return new RequestLog.Entry(item.task(), what.at(), seal.seal(item.task(), SEALED_AS, clear));
    }

    /** How many requests of one task are taken. */
    private static final class Bucket {
        private double tokens = RATE;
        private long filledAt;
        private long count;
        private @Nullable TurnedAway waiting;

        Bucket(long now) {
            filledAt = now;
        }

        synchronized Optional<TurnedAway> take(long now, TurnedAway what, double cost) {
            fill(now);
            if (tokens < 1) {
                count++;
                waiting = what;
                return Optional.empty();
            }
            tokens -= cost;
            TurnedAway taken = what.leftOut(count);
            count = 0;
            waiting = null;
            return Optional.of(taken);
        }

        /** Takes back what found no room. */
        synchronized void leaveOut(TurnedAway taken) {
            count += taken.leftOut() + 1;
            waiting = taken;
        }

        /** Returns the last one that was left out, once one more may be taken. */
        synchronized Optional<TurnedAway> last(long now) {
            fill(now);
            TurnedAway last = waiting;
            if (last == null || tokens < 1) {
                return Optional.empty();
            }
            tokens--;
            TurnedAway taken = last.leftOut(count - 1);
            count = 0;
            waiting = null;
            return Optional.of(taken);
        }

        synchronized boolean isOwing() {
            return waiting != null;
        }

        private void fill(long now) {
            tokens = Math.min(RATE, tokens + (now - filledAt) * RATE / 1e9);
            filledAt = now;
        }
    }
}
