package org.cdshooks.runtime.store.local;

import java.util.Comparator;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.jspecify.annotations.Nullable;

/**
 * What is kept in memory of an execution: where it is, and under which number its body is stored. Guarded by the store's
 * lock; the index alone changes the place.
 */
final class Entry {
    /** By time, and within the same time in the order of arrival. */
    static final Comparator<Entry> BY_TIME =
            Comparator.<Entry>comparingLong(entry -> entry.until).thenComparingLong(entry -> entry.id);

    /** The places. Their letters are part of the stored form. */
    enum Place {
        /** The waiting run of the task's timer. */
        TIMER('t', ExecutionStatus.SCHEDULED),
        /** Waits for another attempt. */
        RETRY('r', ExecutionStatus.SCHEDULED),
        QUEUE('q', ExecutionStatus.ENQUEUED),
        LEASE('l', ExecutionStatus.DOING),
        DONE('d', ExecutionStatus.DONE),
        FAILED('f', ExecutionStatus.FAILED);

        private final char letter;
        private final ExecutionStatus status;

        Place(char letter, ExecutionStatus status) {
            this.letter = letter;
            this.status = status;
        }

        byte letter() {
            return (byte) letter;
        }

        /** Finds the place with a letter; null if there is none. */
        static @Nullable Place of(byte letter) {
            for (Place place : values()) {
                if (place.letter == letter) {
                    return place;
                }
            }
            return null;
        }

        ExecutionStatus status() {
            return status;
        }

        boolean isFinished() {
            return status.isFinished();
        }
    }

    final TaskEntry task;
    final long id;
    final String type;
    final String trigger;
    final long timestamp;

    Place place;
    /** When it is due, or when its lease ends, in nanoseconds since the epoch; means nothing in other places. */
    long until;
    /** Its place in the queue of the task; kept under a lease, so that it can be given back to where it was. */
    long order;
    /** The number of its body. A body never changes under its number. */
    long body;

    /** The ticket of the accept or replay that has queued it; no worker gets it before that is durable. */
    long ticket;

    long token;
    /** Means nothing but under a lease. */
    ClaimPhase phase = ClaimPhase.RUNNING;

    int crashes;

    Entry(TaskEntry task, long id, String type, String trigger, long timestamp, Place place) {
        this.task = task;
        this.id = id;
        this.type = type;
        this.trigger = trigger;
        this.timestamp = timestamp;
        this.place = place;
    }

    ExecutionKey key() {
        return new ExecutionKey(type, task.id, timestamp);
    }

    boolean isFinished() {
        return place.isFinished();
    }

    /** Whether it was parked because its worker crashed too often; its body tells nothing of that. */
    boolean isCrashed() {
        return place == Place.FAILED && crashes >= TaskStore.MAX_CRASHES;
    }
}
