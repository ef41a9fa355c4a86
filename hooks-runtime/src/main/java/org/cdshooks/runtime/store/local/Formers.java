package org.cdshooks.runtime.store.local;

import java.util.ArrayList;
import java.util.List;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.TaskRevision;

/** What a task was before it became what it is: its revisions but the newest, oldest first. Guarded by the store's lock. */
final class Formers {
    private static final int MOST = TaskStore.KEPT_REVISIONS - 1;

    private final List<Former> all = new ArrayList<>(1);

    /**
     * One revision.
     *
     * @param id the number of its row
     * @param task the number of its task
     * @param since the first number for which it holds
     * @param until the first one for which it does not; {@link TaskRevision#OPEN} for what a task is now
     * @param changedAt when it was made, in nanoseconds since the epoch; 0 if that is not known
     * @param body the number of the row that holds its JSON
     */
    record Former(long id, long task, long since, long until, long changedAt, long body) {
        boolean holds(long number) {
            return number >= since && number < until;
        }
    }

    /** Adds a newer one, and returns what there is no room for any more. */
    List<Former> add(Former former) {
        all.add(former);
        List<Former> tooOld = all.subList(0, Math.max(0, all.size() - MOST));
        List<Former> removed = List.copyOf(tooOld);
        tooOld.clear();
        return removed;
    }

    List<Former> oldestFirst() {
        return all;
    }
}
