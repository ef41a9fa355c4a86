package org.cdshooks.runtime.store.local;

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
            Directory directory = new Directory(temp.resolve("s" + seed));
            RandomTransitions.run(seed, 80, clock, directory.open(clock), Optional.of(new RandomTransitions.Outages() {
                @Override
                public TaskStore restart(TaskStore store) {
                    return directory.restart(store, clock);
                }

                @Override
                public TaskStore crash(TaskStore store) throws Exception {
                    return directory.crash(store, clock);
                }
            }));
        }
    }
}
