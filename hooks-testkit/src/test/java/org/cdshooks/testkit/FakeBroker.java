package org.cdshooks.testkit;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A source of messages that knows acknowledgements. */
final class FakeBroker {
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();

    void send(String message) {
        messages.add(message);
    }

    String receive() throws InterruptedException {
        return messages.take();
    }

    void acknowledge() {
        acknowledged.incrementAndGet();
    }

    long acknowledged() {
        return acknowledged.get();
    }
}
