package org.cdshooks.runtime.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cdshooks.api.TaskId;

/** Threads that were told to stop, did not, and were left behind in a plugin's code. */
final class Stuck {
    private final Map<TaskId, Integer> threads = new ConcurrentHashMap<>();

    void add(TaskId task) {
        threads.merge(task, 1, Integer::sum);
    }

    /** One has come back after all. */
    void remove(TaskId task) {
        threads.computeIfPresent(task, (id, count) -> count == 1 ? null : count - 1);
    }

    int of(TaskId task) {
        return threads.getOrDefault(task, 0);
    }

    int total() {
        return threads.values().stream().mapToInt(Integer::intValue).sum();
    }
}
