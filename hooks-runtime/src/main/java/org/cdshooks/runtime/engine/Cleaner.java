package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;

/**
 * The cleaner: removes finished executions that are too many, and erases what removed tasks have left. It looks at tasks of which something has ended since it
 * looked last, each once a second at most, so it costs what was done and not what is stored.
 */
final class Cleaner {
    private static final Duration REST = Duration.ofSeconds(1);

    private final Node node;
    private final Map<TaskId, Integer> touched = new ConcurrentHashMap<>();
    private final Loop loop;
    private Instant rested = Instant.MIN;

    Cleaner(Node node) {
        this.node = node;
        this.loop = new Loop("hooks-clean", this::pass, node::steady);
    }

    Loop loop() {
        return loop;
    }

    /**
     * An execution of a task has ended.
     *
     * @param keepDone how many DONE ones stay; {@link Integer#MAX_VALUE} if whoever says so doesn't know, and others may
     */
    void finished(TaskId task, int keepDone) {
        boolean isKnown = keepDone != Integer.MAX_VALUE;
        if ((isKnown ? touched.put(task, keepDone) : touched.putIfAbsent(task, keepDone)) == null) {
            loop.signal();
        }
    }

    private Instant pass() {
        Instant now = node.steady();
        boolean more = node.store().eraseRemoved();
        Instant next = cleanAll(now);
        Instant look = more ? now : now.plus(node.store().maxSleep()); // another node may have died while it erased
        return look.isBefore(next) ? look : next;
    }

    private Instant cleanAll(Instant now) {
        if (touched.isEmpty()) {
            return Loop.NEVER;
        }
        if (now.isBefore(rested)) {
            return rested;
        }
        for (TaskId task : List.copyOf(touched.keySet())) {
            Integer keepDone = touched.remove(task); // first, so that what ends meanwhile is seen the next time
            if (keepDone != null) {
                clean(task, keepDone);
            }
        }
        rested = now.plus(REST);
        return touched.isEmpty() ? Loop.NEVER : rested;
    }

    private void clean(TaskId task, int keepDone) {
        try {
            node.store().clean(task, keepDone, node.config().failedHistory());
        } catch (StoreUnavailableException e) {
            touched.putIfAbsent(task, keepDone);
            throw e;
        }
    }
}
