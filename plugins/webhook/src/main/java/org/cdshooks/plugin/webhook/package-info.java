/**
 * The hook type {@code Webhook}: a request to a task's endpoint becomes one event with the values of its query and of its
 * body. Start at {@link org.cdshooks.plugin.webhook.WebhookType}.
 */
@NullMarked
package org.cdshooks.plugin.webhook;

import org.jspecify.annotations.NullMarked;
