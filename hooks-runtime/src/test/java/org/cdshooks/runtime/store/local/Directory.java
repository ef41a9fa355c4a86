package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.file.Path;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;

/** The files of a store, which are others after each crash. */
final class Directory {
    private final Path first;
    private Path now;
    private int copies;

    Directory(Path first) {
        this.first = first;
        this.now = first;
    }

    TaskStore open(TurnedClock clock) {
        return LocalStores.open(now, clock, LocalOptions.DEFAULT);
    }

    /** Closes the store and opens it again. */
    TaskStore restart(TaskStore store, TurnedClock clock) {
        store.close();
        return open(clock);
    }

    /** Opens what a crash would leave behind just now, if all that was done is durable, and closes the store. */
    TaskStore crash(TaskStore store, TurnedClock clock) throws IOException {
        Path copy = first.resolveSibling(first.getFileName() + "-" + copies++);
        LocalTaskStoreTest.copy(now, copy);
        store.close();
        now = copy;
        return open(clock);
    }
}
