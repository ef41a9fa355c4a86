package org.cdshooks.runtime.http;

import java.util.Optional;

/**
 * The slot of the request that one connection serves. A request holds its slot while the server works on the request, and
 * never while the server waits for the peer: a slow peer takes up a connection, but keeps nobody else out. Used on the
 * connection's thread only.
 */
final class RequestSlot {
    private Optional<RequestSlots> slots = Optional.empty();
    private boolean held;

    /** Takes a slot for the rest of the request, and tells whether there was one. */
    boolean take(RequestSlots from) {
        end();
        slots = Optional.of(from);
        return resume();
    }

    /** The server begins to wait for the peer. */
    void pause() {
        if (held) {
            held = false;
            slots.ifPresent(RequestSlots::giveBack);
        }
    }

    /** The server goes on with its work; tells whether there was a slot for that. A request without a slot needs none. */
    boolean resume() {
        if (!held && slots.isPresent()) {
            held = slots.get().take();
            return held;
        }
        return true;
    }

    /** The answer to the request if no slot is free. */
    HttpProblem refusal() {
        return slots.map(RequestSlots::refusal).orElseGet(HttpProblem::busy);
    }

    /** The server has nothing more to do for the request. */
    void end() {
        pause();
        slots = Optional.empty();
    }
}
