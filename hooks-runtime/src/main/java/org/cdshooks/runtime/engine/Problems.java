package org.cdshooks.runtime.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.cdshooks.api.TaskId;

/** Why tasks can't run now, as far as this node has seen it. Bounded; a change of the task clears its problem. */
final class Problems {
    private final Cache<TaskId, String> problems =
            Caffeine.newBuilder().maximumSize(10_000).build();

    void put(TaskId task, String problem) {
        problems.put(task, problem);
    }

    void clear(TaskId task) {
        problems.invalidate(task);
    }

    Optional<String> of(TaskId task) {
        return Optional.ofNullable(problems.getIfPresent(task));
    }
}
