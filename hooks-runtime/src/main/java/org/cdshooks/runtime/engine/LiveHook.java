package org.cdshooks.runtime.engine;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.cdshooks.api.Hook;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * The hook of one revision of a task on this node. It is in use while it is in the cache and by whoever has {@linkplain
 * #tryUse used} it; when nobody does any more it is stopped, once.
 */
final class LiveHook {
    private final TaskRecord task;
    private final TaskConfig config;
    private final Hook hook;
    private final Triggers triggers;
    private final Semaphore slots;
    private final AtomicInteger uses = new AtomicInteger(1);

    /** The triggers of a hook by mechanism; the factory methods of the API allow one of each. */
    record Triggers(
            Optional<Trigger.Http> http, Optional<Trigger.Timer> timer, Optional<Trigger.Listening> listening) {}

    LiveHook(TaskRecord task, TaskConfig config, Hook hook, Triggers triggers) {
        this.task = task;
        this.config = config;
        this.hook = hook;
        this.triggers = triggers;
        this.slots = new Semaphore(config.service().workers(), true);
    }

    TaskRecord task() {
        return task;
    }

    TaskConfig config() {
        return config;
    }

    /** Returns the plugin's object; called through the door of {@link TaskConfig#type} only. */
    Hook hook() {
        return hook;
    }

    Triggers triggers() {
        return triggers;
    }

    /** Returns the places of executions that may be worked on at the same time. */
    Semaphore slots() {
        return slots;
    }

    /** Returns the task as plugins see it. */
    Task asTask() {
        return new Revision(task.id(), task.type(), task.revision(), config.hook());
    }

    /** Uses the hook, unless it has been stopped or is about to be. */
    boolean tryUse() {
        for (int now = uses.get(); now > 0; now = uses.get()) {
            if (uses.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Ends a use; the last one hands the hook to be stopped. */
    void endUse(Consumer<LiveHook> stop) {
        if (uses.decrementAndGet() == 0) {
            stop.accept(this);
        }
    }

    /** A task as plugins see it. */
    record Revision(TaskId id, String type, long revision, HookConfig config) implements Task {}
}
