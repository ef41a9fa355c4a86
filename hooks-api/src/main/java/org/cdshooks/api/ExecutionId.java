package org.cdshooks.api;

/**
 * The id of an execution: unique in a cluster, ordered by time within a task.
 *
 * @param value an opaque text that is not blank
 */
public record ExecutionId(String value) {
    /** Checks the value. */
    public ExecutionId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("execution id is blank");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
