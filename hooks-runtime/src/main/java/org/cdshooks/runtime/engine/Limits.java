package org.cdshooks.runtime.engine;

import java.time.Duration;

/**
 * Times that no operator sets: how long the engine waits for code that is not its own, and for other nodes.
 *
 * @param call how long a call into a plugin may take that somebody waits for: create, triggers, validate, a schedule, stop
 * @param interruptGrace how long an interrupted attempt may take to come back before it is abandoned
 * @param listenerGrace how long a listener that was told to stop may take to come back before it is abandoned
 * @param missedGrace how late a run may be before it counts as missed under {@code MissedRuns.NONE}
 * @param listenLease how long the right to listen for a task lasts; it is renewed every third of it, and when the node that
 *     has it dies, so long nobody listens
 */
record Limits(
        Duration call, Duration interruptGrace, Duration listenerGrace, Duration missedGrace, Duration listenLease) {
    static final Limits DEFAULTS = new Limits(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));
}
