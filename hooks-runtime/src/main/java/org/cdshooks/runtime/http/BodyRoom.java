package org.cdshooks.runtime.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the bodies of all requests share. Taken as bodies arrive, never as they are announced, so that a peer
 * must send what it wants the server to hold.
 */
final class BodyRoom {
    private final long max;
    private final AtomicLong used = new AtomicLong();

    BodyRoom(long max) {
        this.max = max;
    }

    /**
     * Takes room.
     *
     * @param bytes how much
     * @return whether there was that much; if not, nothing is taken
     */
    boolean take(long bytes) {
        if (used.addAndGet(bytes) <= max) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    /** Gives back what was taken. */
    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
