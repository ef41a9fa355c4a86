package org.cdshooks.runtime.store.local;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps values on the heap for as long as the process lives. */
final class MemoryBacking implements Backing {
    private static final Condition WORKING = new Condition.Working();

    private final Map<Long, byte[]> values = new ConcurrentHashMap<>();

    @Override
    public void load(Loader loader) {
        // Nothing outlives a process.
    }

    @Override
    public void awaitRoom() {
        // Written at once.
    }

    @Override
    public long write(List<Change> changes) {
        for (Change change : changes) {
            byte[] value = change.value();
            if (!change.kind().isReadLater()) {
                continue;
            }
            if (value == null) {
                values.remove(change.number());
            } else {
                values.put(change.number(), value);
            }
        }
        return 0;
    }

    @Override
    public void await(long ticket) {
        // As durable as it gets.
    }

    @Override
    public long durable() {
        return Long.MAX_VALUE;
    }

    @Override
    public byte @Nullable [] read(Kind kind, long number) {
        return values.get(number);
    }

    @Override
    public Condition condition() {
        return WORKING;
    }

    @Override
    public String durability() {
        return "everything is in memory: all tasks and executions are lost when the process ends";
    }

    @Override
    public void close() {
        values.clear();
    }
}
