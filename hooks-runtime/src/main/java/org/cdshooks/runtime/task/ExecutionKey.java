package org.cdshooks.runtime.task;

import java.util.Optional;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.TaskId;

/**
 * The key of an execution, which is its identity everywhere: in stores, in the API, in what sinks send.
 *
 * @param type the name of the hook type; part of the key by the layout that CDS documents
 * @param task the task
 * @param timestamp when it was accepted or is due, in nanoseconds since the epoch; unique within the task
 */
public record ExecutionKey(String type, TaskId task, long timestamp) {
    private static final String PREFIX = "hooks:tasks:executions:";

    /** Checks the timestamp: keys of times before 1970 would not sort. */
    public ExecutionKey {
        if (timestamp < 0) {
            throw new IllegalArgumentException("timestamp is before 1970: " + timestamp);
        }
    }

    /**
     * Returns the same key with another timestamp.
     *
     * @param newTimestamp nanoseconds since the epoch
     * @return a key
     */
    public ExecutionKey at(long newTimestamp) {
        return new ExecutionKey(type, task, newTimestamp);
    }

    /**
     * Returns this key as the id that plugins and users see.
     *
     * @return {@code hooks:tasks:executions:<type>:<uuid>:<timestamp>}
     */
    public ExecutionId id() {
        return new ExecutionId(toString());
    }

    /**
     * Reads a key.
     *
     * @param text {@code hooks:tasks:executions:<type>:<uuid>:<timestamp>}
     * @return the key; empty if the text is none
     */
    public static Optional<ExecutionKey> parse(String text) {
        if (!text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        int afterType = text.indexOf(':', PREFIX.length());
        int afterTask = afterType < 0 ? -1 : text.indexOf(':', afterType + 1);
        if (afterTask < 0) {
            return Optional.empty();
        }
        String task = text.substring(afterType + 1, afterTask);
        String timestamp = text.substring(afterTask + 1);
        if (!TaskId.isValid(task)
                || timestamp.isEmpty()
                || timestamp.length() > 19
                || !timestamp.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ExecutionKey(
                    text.substring(PREFIX.length(), afterType), new TaskId(task), Long.parseLong(timestamp)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return PREFIX + type + ':' + task + ':' + timestamp;
    }
}
