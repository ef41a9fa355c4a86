package org.cdshooks.plugin.kafka;

import java.time.Duration;

/**
 * How long a listener waits for brokers.
 *
 * @param reach for an answer when it begins
 * @param away without a connection before it says so and begins anew
 * @param firstMinute after the first partition came to it: one without a committed offset that comes later is new in the
 *     topic, and is read from its beginning
 */
record Patience(Duration reach, Duration away, Duration firstMinute) {
    static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(1));
}
