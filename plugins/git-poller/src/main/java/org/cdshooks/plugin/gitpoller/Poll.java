package org.cdshooks.plugin.gitpoller;

import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.TaskExecution;

/** One way to ask what happened. */
@FunctionalInterface
interface Poll {
    /** As {@link org.cdshooks.api.Hook#execute}. */
    ExecutionResult run(TaskExecution execution, ExecutionContext context) throws Exception;
}
