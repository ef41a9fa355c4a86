/**
 * The hook type {@code RabbitMQ}: each message of a queue becomes one execution, and is acknowledged only when that is
 * stored. Start at {@link org.cdshooks.plugin.rabbitmq.RabbitMqHookType}.
 */
@NullMarked
package org.cdshooks.plugin.rabbitmq;

import org.jspecify.annotations.NullMarked;
