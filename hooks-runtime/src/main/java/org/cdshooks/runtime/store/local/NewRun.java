package org.cdshooks.runtime.store.local;

import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;

/**
 * An execution that is to be stored, encoded before the lock is taken.
 *
 * @param execution the execution
 * @param body its JSON
 * @param due when it is due, in nanoseconds since the epoch; means nothing if it is queued
 */
@SuppressWarnings("ArrayRecordComponent") // values are handed on, never compared
record NewRun(Execution execution, byte[] body, long due) {

    static NewRun of(Execution execution) {
        return new NewRun(execution, ExecutionJson.encode(execution), 0);
    }

    static NewRun of(Due due) {
        return new NewRun(due.execution(), ExecutionJson.encode(due.execution()), Time.nanos(due.due()));
    }
}
