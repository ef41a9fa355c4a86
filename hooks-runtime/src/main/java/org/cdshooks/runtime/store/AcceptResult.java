package org.cdshooks.runtime.store;

import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;

/** What became of an execution that was to be accepted. */
public sealed interface AcceptResult {

    /**
     * It is stored and queued.
     *
     * @param execution as stored, with the timestamp that was free
     */
    record Stored(Execution execution) implements AcceptResult {}

    /**
     * The delivery was seen before.
     *
     * @param first the execution that it made then; it may have been cleaned since
     */
    record Duplicate(ExecutionKey first) implements AcceptResult {}

    /** There is no such task. */
    record NoSuchTask() implements AcceptResult {}

    /**
     * The task has as many unfinished executions as it may have.
     *
     * @param unfinished how many
     */
    record Overloaded(int unfinished) implements AcceptResult {}

    /** The right by which the listener speaks has ended; nothing was stored. See {@link TaskStore#listen}. */
    record Fenced() implements AcceptResult {}
}
