package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.runtime.store.Seeds;
import org.cdshooks.runtime.store.Simulation;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Simulated nodes in one process. See {@link Simulation}. */
class LocalSimulationTest {
    private static final int STEPS = 250;

    @TempDir
    Path temp;

    @Test
    void inMemory() {
        Seeds.run(getClass(), "inMemory", 300, seed -> Simulation.run(new InMemory(), seed, STEPS));
    }

    @Test
    void onDisk() {
        Seeds.run(getClass(), "onDisk", 50, seed -> {
            try (OnDisk world = new OnDisk(new Directory(temp.resolve("s" + seed)))) {
                Simulation.run(world, seed, STEPS);
            }
        });
    }

    private static final class InMemory implements Simulation.World {
        private TaskStore store;

        @Override
        public TaskStore connect(TurnedClock clock, Faults faults, Runnable others) {
            if (store == null) {
                store = LocalStores.memory(clock);
            }
            return faults.into(store);
        }

        @Override
        public void audit() {}

        @Override
        public boolean canRestart() {
            return false;
        }

        @Override
        public void restart(TurnedClock clock, boolean crashed) {
            throw new IllegalStateException("nothing would be left");
        }
    }

    private static final class OnDisk implements Simulation.World, AutoCloseable {
        private final Directory directory;
        private TaskStore store;

        OnDisk(Directory directory) {
            this.directory = directory;
        }

        @Override
        public TaskStore connect(TurnedClock clock, Faults faults, Runnable others) {
            if (store == null) {
                store = directory.open(clock);
            }
            return faults.into(store);
        }

        @Override
        public void audit() {}

        @Override
        public boolean canRestart() {
            return true;
        }

        @Override
        public void restart(TurnedClock clock, boolean crashed) {
            try {
                store = crashed ? directory.crash(store, clock) : directory.restart(store, clock);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            if (store != null) {
                store.close();
            }
        }
    }
}
