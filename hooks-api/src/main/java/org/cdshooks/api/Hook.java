package org.cdshooks.api;

import java.util.List;

/**
 * One task, ready to fire: what triggers it, and what an execution of it does.
 *
 * <p>The two halves are apart so that the runtime can store what came in before anything is done
 * with it. A trigger only captures; {@link #execute} interprets, on any node, and again if it fails.
 */
@ImplementedByPlugins
public interface Hook {

    /**
     * Returns what makes this hook fire. An empty list means that only the API does. Of which mechanisms
     * they are follows from the task's config and the services of the context alone: the runtime
     * remembers whether a task listens until one of these or the plugin's jars change.
     *
     * @return the triggers, the same on every call
     */
    List<Trigger> triggers();

    /**
     * Turns one execution into events. Called at least once per execution and possibly again after a
     * crash, so effects outside the result should be idempotent by {@link TaskExecution#id}. Two
     * executions of one task may run at the same time, and an execution emitted under an older revision
     * of the task is executed under the newest.
     *
     * <p>When the execution is cancelled its thread is interrupted; let the {@link
     * InterruptedException} out.
     *
     * @param execution what fired and with which payload
     * @param context the deadline and the cancellation of this attempt
     * @return what came of it; nothing is delivered before this method returns
     * @throws Exception if the attempt failed and a later one may succeed; it is retried with growing
     *     delays. For a failure that no retry mends return {@link ExecutionResult#rejected}.
     */
    ExecutionResult execute(TaskExecution execution, ExecutionContext context) throws Exception;

    /**
     * Releases what this hook holds. Called once, after its triggers and executions on this node have
     * ended: when the task is stopped, changed, deleted or the node shuts down.
     *
     * @throws Exception if something could not be released; logged
     */
    default void stop() throws Exception {}
}
