package org.cdshooks.runtime.store;

/**
 * How much there is in the whole store.
 *
 * @param tasks tasks
 * @param waiting executions whose time has not come
 * @param queued executions that wait for a worker
 * @param doing executions under lease
 * @param failed FAILED executions
 * @param paused tasks that are paused
 * @param refused results that came too late and were refused, since this node started
 */
public record StoreCounts(long tasks, long waiting, long queued, long doing, long failed, long paused, long refused) {}
