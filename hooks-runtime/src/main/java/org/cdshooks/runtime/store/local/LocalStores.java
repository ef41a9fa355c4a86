package org.cdshooks.runtime.store.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;

/** Opens the stores of one process. */
public final class LocalStores {
    private LocalStores() {}

    /**
     * Opens a store that forgets everything when the process ends, whose leases are judged by the clock that judges everything
     * else, for tests.
     *
     * @param clock judges what is due, leases and deliveries
     * @return an empty store
     */
    public static TaskStore memory(InstantSource clock) {
        return new LocalTaskStore(new MemoryBacking(), clock);
    }

    /**
     * Opens a store that forgets everything when the process ends.
     *
     * @param clock judges what is due, and deliveries
     * @param steady a clock in nanoseconds that nobody sets, for leases
     * @return an empty store
     */
    public static TaskStore memory(InstantSource clock, LongSupplier steady) {
        return new LocalTaskStore(new MemoryBacking(), clock, steady);
    }

    /**
     * Opens a store on disk whose leases are judged by the clock that judges everything else, for tests.
     *
     * @param directory where it is; made if it is not there
     * @param clock judges what is due, leases and deliveries
     * @param options what can be set
     * @return the store as it was when it was last written
     */
    public static TaskStore open(Path directory, InstantSource clock, LocalOptions options) {
        return open(directory, clock, () -> Time.nanos(clock.instant()), options);
    }

    /**
     * Opens a store on disk.
     *
     * @param directory where it is; made if it is not there
     * @param clock judges what is due, and deliveries
     * @param steady a clock in nanoseconds that nobody sets, for leases
     * @param options what can be set
     * @return the store as it was when it was last written
     * @throws StoreLockedException if another process has the directory
     * @throws StoreDamagedException if it is not what was acknowledged last
     * @throws StoreUnavailableException if the directory can't be used, or was not filled to the end from another store
     */
    public static TaskStore open(Path directory, InstantSource clock, LongSupplier steady, LocalOptions options) {
        return open(Disk.REAL, directory, clock, steady, options);
    }

    static TaskStore open(Disk disk, Path directory, InstantSource clock, LongSupplier steady, LocalOptions options) {
        Backing backing = MvStoreBacking.open(disk, directory, options);
        try {
            LocalTaskStore store = new LocalTaskStore(backing, clock, steady);
            if (store.isMoving()) {
                throw new StoreUnavailableException(
                        "the data directory " + directory + " was being filled from another store and is not whole: run"
                                + " the same migration again, which begins anew, or give the service another directory",
                        false);
            }
            return store;
        } catch (RuntimeException e) {
            backing.close();
            throw e;
        }
    }

    /**
     * Tells whether a directory holds a store.
     *
     * @param directory the directory
     * @return false if it is not there, or holds none
     */
    public static boolean isThere(Path directory) {
        return Files.exists(directory.resolve(DataDirectory.DATA))
                || Files.exists(directory.resolve(DataDirectory.REPAIRED));
    }

    /**
     * Opens a store on disk to move all that it holds.
     *
     * @param directory where it is; made if it is not there
     * @param clock judges which deliveries are forgotten
     * @param options what can be set
     * @return the contents
     * @throws StoreLockedException if another process has the directory
     * @throws StoreDamagedException if it is not what was acknowledged last
     * @throws StoreUnavailableException if the directory can't be used
     */
    public static StoreContents contents(Path directory, InstantSource clock, LocalOptions options) {
        Backing backing = MvStoreBacking.open(Disk.REAL, directory, options);
        try {
            return new LocalContents("the data directory " + directory, backing, clock);
        } catch (RuntimeException e) {
            backing.close();
            throw e;
        }
    }

    /**
     * Saves what can be read of a damaged store into a new file, and keeps the old one beside it.
     *
     * @param directory where it is
     * @return what was saved and what is lost
     * @throws StoreLockedException if another process has the directory
     * @throws StoreDamagedException if nothing can be read at all
     * @throws StoreUnavailableException if the directory can't be used
     */
    public static RepairReport repair(Path directory) {
        return Repair.run(Disk.REAL, directory);
    }
}
