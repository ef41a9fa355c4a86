package org.cdshooks.runtime.task;

/** Under which config of its task an execution runs again. */
public enum ReplayConfig {
    /** That which the task has when it runs. */
    NOW,
    /** That under which the execution was accepted. */
    THEN
}
