package org.cdshooks.runtime.task;

import org.cdshooks.api.HookEvent;

/**
 * One event of an execution and whether it has arrived. Stored before the first delivery of several, so that a retry
 * sends only what has not arrived, and the same values each time.
 *
 * @param event the event
 * @param delivered whether a sink has taken it
 */
public record OutgoingEvent(HookEvent event, boolean delivered) {}
