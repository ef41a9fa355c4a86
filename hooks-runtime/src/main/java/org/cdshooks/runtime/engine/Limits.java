package org.cdshooks.runtime.engine;

import java.time.Duration;

/**
 * Times that no operator sets: how long the engine waits for code that is not its own.
 *
 * @param call how long a call into a plugin may take that somebody waits for: create, triggers, validate, a schedule, stop
 * @param interruptGrace how long an interrupted attempt may take to come back before it is abandoned
 * @param listenerGrace how long a listener that was told to stop may take to come back before it is abandoned
 * @param missedGrace how late a run may be before it counts as missed under {@code MissedRuns.NONE}
 */
record Limits(Duration call, Duration interruptGrace, Duration listenerGrace, Duration missedGrace) {
    static final Limits DEFAULTS =
            new Limits(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(60));
}
