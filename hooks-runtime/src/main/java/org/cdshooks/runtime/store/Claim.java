package org.cdshooks.runtime.store;

import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * An execution under lease.
 *
 * @param execution the execution
 * @param token tells this lease from every other one of the same execution: a result with an older token is refused
 * @param crashes how often work on it ended in a crash or a lost lease
 */
public record Claim(Execution execution, long token, int crashes) {
    /**
     * Returns what is under lease.
     *
     * @return the key
     */
    public ExecutionKey key() {
        return execution.key();
    }
}
