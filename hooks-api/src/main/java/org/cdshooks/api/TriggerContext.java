package org.cdshooks.api;

import java.util.Optional;

/** How a trigger tells the runtime that something happened: the event emitter of a hook. Several threads may use it. */
@ProvidedByRuntime
public interface TriggerContext {

    /**
     * Stores one invocation. When this returns, the execution will be run even if every node dies.
     *
     * <p>This is where backpressure acts: while the task has as many unfinished executions as it may have, a listener
     * blocks here, and a request gets an {@link OverloadedException}.
     *
     * @param invocation what happened
     * @return the id of the execution, and whether it is that of an earlier one because the key was seen before; of a
     *     duplicate nothing is stored, not even its cursor
     * @throws InterruptedException if told to stop while waiting
     * @throws OwnershipLostException if another node runs this listener by now, or the task is gone; just let it out
     * @throws IllegalArgumentException if this invocation can never be stored, however often it is emitted
     * @throws RuntimeException of another kind if it could not be stored, such as when the store is away: what to do with
     *     what came in is then as before the call, and the same invocation may be emitted again
     * @throws OverloadedException to the receiver of a request, if the task has too many unfinished executions; let it out
     */
    Receipt emit(Invocation invocation) throws InterruptedException;

    /**
     * Returns the last cursor stored for this task.
     *
     * @return where to go on, in the hook's own words; empty if none was ever stored
     */
    Optional<String> cursor();

    /**
     * Tells whether to stop. Once true it stays true.
     *
     * @return true if told to stop
     */
    boolean isCancelled();

    /**
     * Tells operators why a request was let in, or why not: what it says is shown in the trace of the task's requests. Call
     * it before {@link #emit}, since what an invocation was let in by is stored with it. It costs little, stores nothing by
     * itself, and a trigger that is no receiver of requests need not call it.
     *
     * @param step what was looked at, in a word, such as {@code "verify"}
     * @param words what came of it, in one line, such as {@code "github: signed with secret.old"}; it must tell nothing
     *     secret, and is cut to 300 characters
     */
    @Experimental(decideBy = "1.2")
    default void explain(String step, String words) {}
}
