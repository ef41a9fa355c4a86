package org.cdshooks.plugin.kafka;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;

/**
 * What was read and is not committed yet, partition by partition. Used by the client's thread, save where it says otherwise.
 *
 * <p>Messages are stored many at a time, and so not in order; committed is what all before is stored of as well.
 */
final class Lanes {
    /** With so many bytes that are not stored, nothing more is read. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    /** With so many messages that are not stored, nothing more is read. */
    private static final int MAX_MESSAGES = 2_000;

    /** With so many messages behind one that is not stored, nothing more is read of a partition. */
    private static final int MAX_OF_ONE = 2_000;

    private static final Invocation NOTHING = Invocation.of(Payload.empty());

    private final Map<TopicPartition, Lane> lanes = new HashMap<>();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** One partition as long as this member has it. */
    private static final class Lane {
        final Deque<Item> items = new ArrayDeque<>();
        volatile boolean dropped;
        long committed = -1;
        long stored = -1;

        /** Lets go of what is stored, up to the first that is not. */
        void advance() {
            while (!items.isEmpty() && items.getFirst().done) {
                stored = items.removeFirst().offset + 1;
            }
        }
    }

    /** One message. */
    final class Item {
        private final Lane lane;
        private final long offset;
        private final int size;
        private final Supplier<Invocation> fallback;
        private volatile Invocation invocation;
        private volatile boolean done;

        private Item(Lane lane, long offset, int size, Invocation invocation, Supplier<Invocation> fallback) {
            this.lane = lane;
            this.offset = offset;
            this.size = size;
            this.invocation = invocation;
            this.fallback = fallback;
        }

        /** On any thread: what is to be stored. */
        Invocation invocation() {
            return invocation;
        }

        /** On any thread: what is to be stored if that can't be. */
        Invocation fallback() {
            return fallback.get();
        }

        /** On any thread: tells whether another member has its partition by now. */
        boolean isDropped() {
            return lane.dropped;
        }

        /** On any thread: it is stored, or of no interest any more. */
        void done() {
            invocation = NOTHING; // what is stuck before it in its partition may keep it here for long
            done = true;
            messages.decrementAndGet();
            bytes.addAndGet(-size);
        }
    }

    /** Takes a message that was read. */
    Item add(TopicPartition partition, long offset, int size, Invocation invocation, Supplier<Invocation> fallback) {
        Lane lane = lanes.computeIfAbsent(partition, p -> new Lane());
        Item item = new Item(lane, offset, size, invocation, fallback);
        lane.items.add(item);
        messages.incrementAndGet();
        bytes.addAndGet(size);
        return item;
    }

    /** Forgets partitions that other members have now. */
    void drop(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            Lane lane = lanes.remove(partition);
            if (lane != null) {
                lane.dropped = true;
            }
        }
    }

    /** Returns the offsets up to which all is stored, as far as that is not committed. */
    Map<TopicPartition, OffsetAndMetadata> toCommit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        lanes.forEach((partition, lane) -> {
            lane.advance();
            if (lane.stored > lane.committed) {
                offsets.put(partition, new OffsetAndMetadata(lane.stored));
            }
        });
        return offsets;
    }

    /** Takes note of what is committed. */
    void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            Lane lane = lanes.get(partition);
            if (lane != null) {
                lane.committed = Math.max(lane.committed, offset.offset());
            }
        });
    }

    boolean isBusy() {
        return messages.get() > 0;
    }

    /** Returns those of the partitions of which nothing more is to be read now. */
    Set<TopicPartition> full(Set<TopicPartition> assigned, Set<TopicPartition> paused) {
        boolean wasFull = !paused.isEmpty();
        // once full, it is so until there is half of it: else one message at a time would be read
        int share = wasFull ? 2 : 1;
        if (messages.get() >= MAX_MESSAGES / share || bytes.get() >= MAX_BYTES / share) {
            return assigned;
        }
        Set<TopicPartition> full = new HashSet<>();
        for (TopicPartition partition : assigned) {
            Lane lane = lanes.get(partition);
            if (lane != null) {
                lane.advance();
            }
            int limit = MAX_OF_ONE / (paused.contains(partition) ? 2 : 1);
            if (lane != null && lane.items.size() >= limit) {
                full.add(partition);
            }
        }
        return full;
    }
}
