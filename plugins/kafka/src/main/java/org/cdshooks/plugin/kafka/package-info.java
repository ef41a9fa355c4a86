/**
 * The hook type {@code Kafka}: each message of a topic becomes one execution, and its offset is committed only when that is
 * stored. Start at {@link org.cdshooks.plugin.kafka.KafkaHookType}; how messages flow is in {@link
 * org.cdshooks.plugin.kafka.Consumption}.
 */
@NullMarked
package org.cdshooks.plugin.kafka;

import org.jspecify.annotations.NullMarked;
