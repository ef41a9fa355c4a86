package org.cdshooks.runtime.engine;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.cdshooks.api.TaskId;

/**
 * Makes what reads a task and then writes it one step on this node. Striped; so nothing but the store is called while a
 * lock is held, and never a plugin.
 */
final class TaskLocks {
    private final ReentrantLock[] stripes = new ReentrantLock[256];

    TaskLocks() {
        Arrays.setAll(stripes, i -> new ReentrantLock());
    }

    <T> T locked(TaskId task, Supplier<T> step) {
        int hash = task.value().hashCode();
        ReentrantLock lock = stripes[(hash ^ hash >>> 16) & stripes.length - 1];
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }
}
