package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.cdshooks.runtime.store.RandomTransitions;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomTransitionsTest {
    @TempDir
    Path temp;

    @Test
    void inMemory() {
        for (long seed = 0; seed < 250; seed++) {
            TurnedClock clock = new TurnedClock();
            RandomTransitions.run(seed, 120, clock, LocalStores.memory(clock), Optional.empty());
        }
    }

    @Test
    void onDiskWithRestartsAndCrashes() {
        for (long seed = 1000; seed < 1010; seed++) {
            TurnedClock clock = new TurnedClock();
            Directory directory = new Directory(temp.resolve("s" + seed), clock);
            RandomTransitions.run(seed, 80, clock, directory.open(), Optional.of(directory));
        }
    }

    /** The files of a store, which are others after each crash. */
    private static final class Directory implements RandomTransitions.Outages {
        private final Path first;
        private final TurnedClock clock;
        private Path now;
        private int copies;

        Directory(Path first, TurnedClock clock) {
            this.first = first;
            this.now = first;
            this.clock = clock;
        }

        TaskStore open() {
            return LocalStores.open(now, clock, LocalOptions.DEFAULT);
        }

        @Override
        public TaskStore restart(TaskStore store) {
            store.close();
            return open();
        }

        @Override
        public TaskStore crash(TaskStore store) throws IOException {
            Path copy = first.resolveSibling(first.getFileName() + "-" + copies++);
            LocalTaskStoreTest.copy(now, copy);
            store.close();
            now = copy;
            return open();
        }
    }
}
