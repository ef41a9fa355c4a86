package org.cdshooks.runtime.store;

import org.cdshooks.api.TaskId;

/** Hears of changes of tasks that other nodes have made. */
public interface TaskChangeListener {
    /** For whoever does not want to hear of changes. */
    TaskChangeListener NOBODY = new TaskChangeListener() {
        @Override
        public void changed(TaskId id) {}

        @Override
        public void missed() {}
    };

    /**
     * A task has been put or removed.
     *
     * @param id the task
     */
    void changed(TaskId id);

    /** Changes may have been missed, since the store was away: any task may have changed. */
    void missed();
}
