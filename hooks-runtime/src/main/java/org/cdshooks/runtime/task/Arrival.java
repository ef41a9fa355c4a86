package org.cdshooks.runtime.task;

import java.util.List;

/**
 * How a request came in: what the one who asks why it was let in is told.
 *
 * @param sender the address at the other end of the connection; may be empty
 * @param steps what was looked at, in order
 */
public record Arrival(String sender, List<Step> steps) {
    /** Copies the steps. */
    public Arrival {
        steps = List.copyOf(steps);
    }

    /**
     * Something that was looked at.
     *
     * @param name what, in a word
     * @param words what came of it; nothing secret
     */
    public record Step(String name, String words) {}
}
