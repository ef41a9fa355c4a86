package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of a store: the lock that keeps it for one process, the names of its files, and the mark that tells which
 * version of the data was acknowledged last. All that is in it can be read by its owner only, for it holds secrets.
 * Used by the thread that owns the file.
 */
final class DataDirectory implements AutoCloseable {
    static final String DATA = "hooks.mv";
    static final String LOCK = "lock";
    static final String MARK = "acknowledged";

    /** A data file that is being made, here or by a repair: of no use to anybody after a crash. */
    private static final String UNFINISHED = DATA + ".new";
    /** What a repair has saved, whole and forced: from now on it is the data. */
    static final String REPAIRED = DATA + ".saved";

    private static final String DAMAGED = DATA + ".damaged-";

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
    private static final int SLOT = Long.BYTES * 2;

    /**
     * What this process holds. It has to know without looking: on POSIX systems, closing any channel of a file gives up all
     * locks that the process has on it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Disk disk;
    private final Path path;
    private final FileChannel lock;
    private final FileChannel mark;

    private DataDirectory(Disk disk, Path path, FileChannel lock, FileChannel mark) {
        this.disk = disk;
        this.path = path;
        this.lock = lock;
        this.mark = mark;
    }

    /**
     * Creates the directory if it is not there, and takes it. A repair that a crash cut short is brought to its end.
     *
     * @throws StoreLockedException if it is taken
     * @throws StoreUnavailableException if it can't be used
     */
    static DataDirectory take(Disk disk, Path directory) {
        Path real;
        try {
            real = disk.createDirectory(directory);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        if (!HELD.add(real)) {
            throw new StoreLockedException(real, "this process itself");
        }
        DataDirectory taken = null;
        try {
            taken = lock(disk, real);
            taken.endRepair();
            disk.delete(real.resolve(UNFINISHED));
            disk.forceDirectory(real);
            return taken;
        } catch (IOException e) {
            giveBack(taken, real);
            throw unusable(real, e);
        } catch (RuntimeException e) {
            giveBack(taken, real);
            throw e;
        }
    }

    private static DataDirectory lock(Disk disk, Path real) throws IOException {
        FileChannel lock = disk.open(real.resolve(LOCK));
        FileLock held = lock.tryLock();
        if (held == null) {
            String pid = read(lock).strip();
            lock.close();
            throw new StoreLockedException(real, pid.isEmpty() ? "another process" : "process " + pid);
        }
        lock.truncate(0);
        lock.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
        return new DataDirectory(disk, real, lock, disk.open(real.resolve(MARK)));
    }

    private static void giveBack(@Nullable DataDirectory taken, Path real) {
        if (taken != null) {
            taken.close();
        }
        HELD.remove(real);
    }

    private static StoreUnavailableException unusable(Path directory, IOException e) {
        return new StoreUnavailableException(
                "the data directory " + directory + " can't be used (" + e
                        + "): make it a directory that this user can write, or configure another one",
                e);
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(32);
        channel.read(content, 0);
        return UTF_8.decode(content.flip()).toString();
    }

    Path path() {
        return path;
    }

    Disk disk() {
        return disk;
    }

    Path dataFile() {
        return path.resolve(DATA);
    }

    /** Where a data file is made, until it is whole. */
    Path unfinished() {
        return path.resolve(UNFINISHED);
    }

    boolean hasData() {
        try {
            return disk.exists(dataFile()) && disk.size(dataFile()) > 0;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Makes what was made under {@link #unfinished} the data file, which there was none of. */
    void putNew() throws IOException {
        disk.move(unfinished(), dataFile());
        disk.forceDirectory(path);
    }

    /**
     * Makes what was made under {@link #unfinished} the data file, and keeps the damaged one beside it. A crash in between
     * leaves all or nothing of that to the next start.
     *
     * @return where the damaged file is now
     */
    Path putRepaired() throws IOException {
        disk.move(unfinished(), path.resolve(REPAIRED));
        disk.forceDirectory(path);
        return endRepair();
    }

    private Path endRepair() throws IOException {
        Path damaged = path.resolve(DAMAGED + System.currentTimeMillis());
        if (!disk.exists(path.resolve(REPAIRED))) {
            return damaged;
        }
        if (disk.exists(dataFile())) {
            disk.move(dataFile(), damaged);
        }
        mark.truncate(0);
        mark.force(true);
        disk.forceDirectory(path);
        disk.move(path.resolve(REPAIRED), dataFile());
        disk.forceDirectory(path);
        LOG.info("{} is what the repair has saved; the damaged file is kept beside it", dataFile());
        return damaged;
    }

    /** Returns a file that an earlier repair has put aside; empty if there is none. */
    Optional<Path> damagedFile() {
        try {
            return disk.list(path).stream()
                    .filter(file -> file.getFileName().toString().startsWith(DAMAGED))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    long usableSpace() throws IOException {
        return disk.usableSpace(path);
    }

    /**
     * Notes which version is acknowledged. It is not forced: after a power failure the mark may be older than the data,
     * never newer, since the data were forced before.
     */
    void acknowledge(long version) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT).putLong(version).putLong(checksum(version));
        // Two slots in turn, so that there is always a whole one.
        mark.write(slot.flip(), (version & 1) * SLOT);
    }

    /** Returns which version was acknowledged last; 0 if nothing tells. */
    long acknowledged() {
        try {
            ByteBuffer slots = ByteBuffer.allocate(2 * SLOT);
            mark.read(slots, 0);
            slots.flip();
            long newest = 0;
            while (slots.remaining() >= SLOT) {
                long version = slots.getLong();
                if (slots.getLong() == checksum(version)) {
                    newest = Math.max(newest, version);
                }
            }
            return newest;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static long checksum(long version) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(version).flip());
        return ~crc.getValue();
    }

    @Override
    public void close() {
        try (lock;
                mark) {
            lock.truncate(0);
        } catch (IOException e) {
            throw unusable(path, e);
        } finally {
            HELD.remove(path);
        }
    }
}
