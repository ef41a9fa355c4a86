package org.cdshooks.runtime.store;

import org.cdshooks.api.TaskId;

/**
 * The right to listen for a task, which one node has at a time.
 *
 * @param task the task
 * @param node the node that has it
 * @param epoch tells it from every earlier right of the same task: what is said with an older one is refused
 */
public record ListenRight(TaskId task, String node, long epoch) {}
