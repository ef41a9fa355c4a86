package org.cdshooks.runtime.store;

/**
 * How far the work on a claim is, as its store knows. The phase decides what the death of the node says of the execution: the
 * store can't know which of several executions has killed a node.
 */
public enum ClaimPhase {
    /** The work has not begun: a crash says nothing of the execution, which goes back to where it was in the queue. */
    HELD,
    /**
     * The work has begun, and other executions may run on the same node. A crash makes the execution a
     * {@linkplain Claim#isSuspect suspect} after a while; any number of them never makes it FAILED.
     */
    RUNNING,
    /** The work has begun, and nothing else runs on the node: a crash is the fault of this execution. */
    ISOLATED;

    /**
     * Tells how often an execution has crashed after its node has died once more.
     *
     * @param before how often it had crashed before
     * @return the count; {@link TaskStore#MAX_CRASHES} if the execution is to become FAILED
     */
    public int crashesAfter(int before) {
        return switch (this) {
            case HELD -> before;
            case RUNNING -> Math.min(before + 1, TaskStore.MAX_CRASHES - 1);
            case ISOLATED -> before + 1;
        };
    }
}
