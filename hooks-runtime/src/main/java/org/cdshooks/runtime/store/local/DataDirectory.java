package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.cdshooks.runtime.store.StoreUnavailableException;

/**
 * The directory of a store: the lock that keeps it for one process, the names of its files, and the mark that tells which
 * version of the data was acknowledged last. All that is in it can be read by its owner only, for it holds secrets.
 * Used by the thread that owns the file.
 */
final class DataDirectory implements AutoCloseable {
    static final String DATA = "hooks.mv";
    static final String LOCK = "lock";
    static final String MARK = "acknowledged";

    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final int SLOT = Long.BYTES * 2;

    /**
     * What this process holds. It has to know without looking: on POSIX systems, closing any channel of a file gives up all
     * locks that the process has on it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;
    private final FileChannel mark;

    private DataDirectory(Path path, FileChannel lock, FileChannel mark) {
        this.path = path;
        this.lock = lock;
        this.mark = mark;
    }

    /**
     * Creates the directory if it is not there, and takes it.
     *
     * @throws StoreLockedException if it is taken
     * @throws StoreUnavailableException if it can't be used
     */
    static DataDirectory take(Path directory) {
        Path real = create(directory);
        if (!HELD.add(real)) {
            throw new StoreLockedException(real, "this process itself");
        }
        try {
            FileChannel lock = open(real.resolve(LOCK));
            FileLock held = lock.tryLock();
            if (held == null) {
                String pid = read(lock).strip();
                lock.close();
                throw new StoreLockedException(real, pid.isEmpty() ? "another process" : "process " + pid);
            }
            lock.truncate(0);
            lock.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
            return new DataDirectory(real, lock, open(real.resolve(MARK)));
        } catch (IOException e) {
            HELD.remove(real);
            throw unusable(real, e);
        } catch (RuntimeException e) {
            HELD.remove(real);
            throw e;
        }
    }

    private static Path create(Path directory) {
        try {
            Files.createDirectories(directory);
            Path real = directory.toRealPath();
            own(real, OWNER_DIRECTORY);
            return real;
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    private static StoreUnavailableException unusable(Path directory, IOException e) {
        return new StoreUnavailableException(
                "the data directory " + directory + " can't be used (" + e
                        + "): make it a directory that this user can write, or configure another one",
                e);
    }

    private static FileChannel open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
        own(file, OWNER_FILE);
        return channel;
    }

    private static void own(Path file, Set<PosixFilePermission> permissions) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && !Files.getPosixFilePermissions(file).equals(permissions)) {
            Files.setPosixFilePermissions(file, permissions);
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(32);
        channel.read(content, 0);
        return UTF_8.decode(content.flip()).toString();
    }

    Path path() {
        return path;
    }

    /** Returns the data file; it is there and belongs to the owner alone, but may be empty. */
    Path dataFile() {
        Path file = path.resolve(DATA);
        try {
            open(file).close();
        } catch (IOException e) {
            throw unusable(path, e);
        }
        return file;
    }

    /** Makes an empty file for its owner alone. */
    static void makeOwn(Path file) throws IOException {
        open(file).close();
    }

    boolean hasData() {
        try {
            Path file = path.resolve(DATA);
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    long usableSpace() throws IOException {
        return Files.getFileStore(path).getUsableSpace();
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

    void forgetAcknowledged() throws IOException {
        mark.truncate(0);
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
