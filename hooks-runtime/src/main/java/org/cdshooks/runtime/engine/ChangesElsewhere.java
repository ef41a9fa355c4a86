package org.cdshooks.runtime.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.TaskChangeListener;

/**
 * Takes notes of the tasks that other nodes have changed, each once however often it has changed, and hands them on when the
 * loop comes by: whoever tells it of them must not be kept.
 */
final class ChangesElsewhere implements TaskChangeListener {
    private final Set<TaskId> noted = ConcurrentHashMap.newKeySet();
    private final Runnable wakeLoop;
    private volatile boolean missed;

    ChangesElsewhere(Runnable wakeLoop) {
        this.wakeLoop = wakeLoop;
    }

    @Override
    public void changed(TaskId id) {
        if (noted.add(id)) {
            wakeLoop.run();
        }
    }

    @Override
    public void missed() {
        missed = true;
        wakeLoop.run();
    }

    /** On the loop: hands on what was noted. */
    void pass(Consumer<TaskId> onChange, Runnable onMissed) {
        if (missed) {
            missed = false; // first, so that what is missed meanwhile is seen the next time
            onMissed.run();
        }
        for (TaskId id : Set.copyOf(noted)) {
            noted.remove(id);
            onChange.accept(id);
        }
    }
}
