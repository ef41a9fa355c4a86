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
     * Tells whether a crash has hit the execution so often that the next one may be its fault. A suspect is to run
     * {@linkplain ClaimPhase#ISOLATED isolated}.
     *
     * @return true if it is a suspect
     */
    public boolean isSuspect() {
        return isSuspect(crashes);
    }

    /**
     * Tells whether an execution with so many crashes is a suspect.
     *
     * @param crashes how often work on it ended in a crash or a lost lease
     * @return true if it is
     */
    public static boolean isSuspect(int crashes) {
        return crashes >= TaskStore.MAX_CRASHES - 1;
    }

    /**
     * Returns what is under lease.
     *
     * @return the key
     */
    public ExecutionKey key() {
        return execution.key();
    }
}
