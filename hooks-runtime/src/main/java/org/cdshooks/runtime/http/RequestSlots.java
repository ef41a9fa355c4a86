package org.cdshooks.runtime.http;

import java.util.concurrent.Semaphore;

/** How many requests of one kind the server works on at the same time. */
final class RequestSlots {
    private final Semaphore free;

    RequestSlots(int count) {
        this.free = new Semaphore(count);
    }

    boolean take() {
        return free.tryAcquire();
    }

    void giveBack() {
        free.release();
    }
}
