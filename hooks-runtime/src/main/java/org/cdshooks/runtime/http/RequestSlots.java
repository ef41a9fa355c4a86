package org.cdshooks.runtime.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many requests of one kind the server works on at the same time. */
final class RequestSlots {
    private final int count;
    private final Semaphore free;
    private volatile boolean closed;

    RequestSlots(int count) {
        this.count = count;
        this.free = new Semaphore(count);
    }

    boolean take() {
        return !closed && free.tryAcquire();
    }

    void giveBack() {
        free.release();
    }

    /** No slot is given out from now on. */
    void close() {
        closed = true;
    }

    /** Waits, once closed, until the requests that hold a slot have ended, and tells whether they did in time. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        if (!free.tryAcquire(count, atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        free.release(count);
        return true;
    }

    /** The answer to a request for which no slot is free. */
    HttpProblem refusal() {
        return closed ? HttpProblem.stopping() : HttpProblem.busy();
    }
}
