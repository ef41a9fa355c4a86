/**
 * What hook types that take webhooks have in common: the options by which a task says who may send, the check, and the name
 * of the delivery. Start at {@link org.cdshooks.toolkit.gate.WebhookGate}.
 */
@NullMarked
package org.cdshooks.toolkit.gate;

import org.jspecify.annotations.NullMarked;
