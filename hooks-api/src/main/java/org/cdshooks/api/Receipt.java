package org.cdshooks.api;

/**
 * What {@link TriggerContext#emit} answers once an invocation is stored.
 *
 * @param id the id of the execution; for a duplicate, of the execution that the first delivery made
 * @param duplicate whether the {@linkplain Invocation#dedupKey key} was seen before, so that nothing new was stored
 */
public record Receipt(ExecutionId id, boolean duplicate) {}
