package org.cdshooks.runtime.store.local;

import java.util.Optional;
import org.cdshooks.runtime.store.local.Formers.Former;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/** Reads revisions of tasks. */
final class FormerTasks {
    private FormerTasks() {}

    /**
     * Reads one.
     *
     * @param createdAt when its task was stored first
     *
     * @return the revision; empty if it is not there any more
     * @throws DamagedValueException if it is there and is not what was written
     */
    static Optional<TaskRevision> read(Backing backing, Former kept, long createdAt) {
        boolean isNow = kept.until() == TaskRevision.OPEN;
        byte[] value = backing.read(isNow ? Kind.TASK : Kind.BODY, kept.body());
        return value == null
                ? Optional.empty()
                : Optional.of(of(TaskJson.decode(isNow ? Rows.taskJson(value) : value), kept, createdAt));
    }

    static TaskRevision of(TaskRecord task, Former kept, long createdAt) {
        return new TaskRevision(task.stored(kept.since(), createdAt), kept.until(), kept.changedAt());
    }
}
