package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a store: one map a {@link Kind}, from numbers to sealed values. Its library closes the file for everybody
 * when a thread is interrupted that reads or writes it, so only threads use this class that nobody interrupts, and one at a
 * time: space that a commit sets free is written again soon after, under the feet of a reader.
 */
final class DataFile {
    private static final Logger LOG = LoggerFactory.getLogger(DataFile.class);

    private static final int FORMAT = 1;
    private static final int SEAL = Integer.BYTES;
    private static final int PAGE_CACHE_MIB = 8;
    /** What a crash finds must be whole, so the space of the last two versions is left alone. */
    private static final int VERSIONS_TO_KEEP = 2;

    /** A file of this size is no waste of space, whatever is live in it. */
    static final long SMALL = 4 << 20;
    /** The library rounds lengths up by as much as a half, so this is three times what is live, or less. */
    private static final int MOST_PER_LIVE = 2;

    private static final int TIDY_FILL_RATE = 85;

    static final String WAY_OUT =
            "Restore the directory from a backup, or start once with --repair, which saves what can be read into a new"
                    + " file, keeps this one and tells what is lost";

    private final Path file;
    private final CheckedFileStore chunks;
    private final MVStore store;
    private final Map<Kind, MVMap<Long, byte[]>> maps = new EnumMap<>(Kind.class);

    private DataFile(Path file, Opened opened) {
        this.file = file;
        this.chunks = opened.chunks;
        this.store = opened.store;
        for (Kind kind : Kind.values()) {
            maps.put(
                    kind,
                    store.openMap(
                            kind.mapName(),
                            new MVMap.Builder<Long, byte[]>()
                                    .keyType(LongDataType.INSTANCE)
                                    .valueType(ByteArrayDataType.INSTANCE)));
        }
    }

    private record Opened(CheckedFileStore chunks, MVStore store) {}

    /**
     * Opens the file of a directory, or makes it.
     *
     * @throws StoreDamagedException if it is not what was acknowledged last
     * @throws StoreUnavailableException if it can't be read or written
     */
    static DataFile open(DataDirectory directory) {
        long acknowledged = directory.acknowledged();
        Path file = directory.dataFile();
        if (!directory.hasData()) {
            refuseIfLost(directory, acknowledged);
            makeEmpty(directory);
        }
        Opened opened = openStore(directory, file, acknowledged, false);
        try {
            check(file, opened, acknowledged);
            return new DataFile(file, opened);
        } catch (MVStoreException e) {
            opened.store.closeImmediately();
            throw damaged(file, e);
        } catch (RuntimeException e) {
            opened.store.closeImmediately();
            throw e;
        }
    }

    private static void refuseIfLost(DataDirectory directory, long acknowledged) {
        if (acknowledged > 0) {
            throw new StoreDamagedException(
                    directory.dataFile(),
                    "it is missing or empty, though data were acknowledged",
                    "If that is what you want, remove the file " + DataDirectory.MARK + " beside it. " + WAY_OUT,
                    null);
        }
        directory.damagedFile().ifPresent(kept -> {
            throw new StoreDamagedException(
                    directory.dataFile(),
                    "it is missing or empty, and a repair has put " + kept + " aside",
                    "Rename that file to " + DataDirectory.DATA
                            + " and start with --repair again, or move it out of the"
                            + " directory to begin without data",
                    null);
        });
    }

    /** A file appears under its name when it is whole: a crash leaves none or one that can be opened. */
    private static void makeEmpty(DataDirectory directory) {
        try {
            create(directory).close();
            directory.putNew();
        } catch (IOException e) {
            throw new StoreUnavailableException(directory.dataFile() + " can't be made: " + e, e);
        } catch (MVStoreException e) {
            throw new StoreUnavailableException(directory.dataFile() + " can't be made: " + e.getMessage(), e);
        }
    }

    /** Opens a file to save what can be read of it, whatever version it is. */
    static DataFile openDamaged(DataDirectory directory) {
        Path file = directory.dataFile();
        return new DataFile(file, openStore(directory, file, directory.acknowledged(), true));
    }

    /** Makes a file under the name of what is unfinished. */
    static DataFile create(DataDirectory directory) {
        Path file = directory.unfinished();
        DataFile created = new DataFile(file, openStore(directory, file, 0, false));
        created.store.setStoreVersion(FORMAT);
        return created;
    }

    private static Opened openStore(DataDirectory directory, Path file, long acknowledged, boolean readOnly) {
        FileChannel channel = null;
        try {
            channel = readOnly
                    ? directory.disk().openToRead(file)
                    : directory.disk().open(file);
            if (channel.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
                throw new StoreUnavailableException(file + " is in use by another program", false);
            }
            CheckedFileStore chunks = readOnly
                    ? CheckedFileStore.openToRecover(file.toString(), channel, acknowledged, PAGE_CACHE_MIB)
                    : CheckedFileStore.open(file.toString(), channel, acknowledged, PAGE_CACHE_MIB);
            MVStore store = new MVStore.Builder()
                    .adoptFileStore(chunks)
                    // The committer alone commits: nothing half done is ever written.
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
            if (!readOnly) {
                store.setRetentionTime(0);
                store.setVersionsToKeep(VERSIONS_TO_KEEP);
            }
            return new Opened(chunks, store);
        } catch (IOException | OverlappingFileLockException e) {
            close(channel);
            throw new StoreUnavailableException(
                    file + " can't be opened (" + e + "): make it readable and writable for this user", e);
        } catch (StoreUnavailableException e) {
            close(channel);
            throw e;
        } catch (RuntimeException e) {
            // The library checks little of what it reads first, and falls over what is no file of its own.
            close(channel);
            throw damaged(file, e);
        }
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.warn("a file can't be closed: {}", e.toString());
        }
    }

    private static void check(Path file, Opened opened, long acknowledged) {
        MVStore store = opened.store;
        if (store.getStoreVersion() != FORMAT) {
            throw new StoreDamagedException(
                    file,
                    "it is not a file of this service, or one of another version (format " + store.getStoreVersion()
                            + ", expected " + FORMAT + ")",
                    "Give the service a data directory of its own",
                    null);
        }
        if (store.getCurrentVersion() < acknowledged) {
            throw new StoreDamagedException(
                    file,
                    "its end is missing: version " + acknowledged + " was acknowledged, the newest whole one is "
                            + store.getCurrentVersion(),
                    "If you restored an older copy on purpose, remove the file " + DataDirectory.MARK + " beside it. "
                            + WAY_OUT,
                    null);
        }
    }

    private static StoreDamagedException damaged(Path file, RuntimeException e) {
        return new StoreDamagedException(file, String.valueOf(e.getMessage()), WAY_OUT, e);
    }

    /** Reads all values but bodies; whatever is wrong with one of them is an error. */
    void load(Backing.Loader loader) {
        for (Kind kind : Kind.values()) {
            if (kind == Kind.BODY) {
                continue;
            }
            try {
                Cursor<Long, byte[]> cursor = map(kind).cursor(null);
                while (cursor.hasNext()) {
                    long number = cursor.next();
                    loader.load(kind, number, unseal(kind, number, cursor.getValue()));
                }
            } catch (StoreUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new StoreDamagedException(file, kind.mapName() + " can't be read (" + e + ")", WAY_OUT, e);
            }
        }
    }

    byte @Nullable [] read(Kind kind, long number) {
        byte[] sealed;
        try {
            sealed = map(kind).get(number);
        } catch (MVStoreException e) {
            if (store.isClosed()) {
                throw new StoreUnavailableException("the data file is closed", e);
            }
            throw new DamagedValueException(String.valueOf(e.getMessage()), e);
        }
        return sealed == null ? null : unseal(kind, number, sealed);
    }

    /**
     * Writes a batch, all or nothing.
     *
     * @return the version to {@linkplain DataDirectory#acknowledge acknowledge} after {@link #sync}
     */
    long commit(Batch batch) {
        for (Kind kind : Kind.values()) {
            Map<Long, byte @Nullable []> values = batch.of(kind);
            long[] numbers =
                    values.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
            for (long number : numbers) {
                byte[] value = values.get(number);
                if (value == null) {
                    remove(kind, number);
                } else {
                    map(kind).put(number, seal(kind, number, value));
                }
            }
        }
        return commit();
    }

    /** Writes a version, also if nothing is new in it. */
    private long commit() {
        if (!store.hasUnsavedChanges()) {
            store.setStoreVersion(FORMAT);
        }
        store.commit();
        return store.getCurrentVersion();
    }

    private void remove(Kind kind, long number) {
        try {
            map(kind).remove(number);
        } catch (MVStoreException e) {
            if (kind != Kind.BODY || store.isClosed()) {
                throw e;
            }
            // Bodies are never changed, so a page that can't be read any more is only in the way of removing what is on
            // it.
            LOG.warn("body {} can't be removed from a damaged part of {}: {}", number, file, e.getMessage());
        }
    }

    void sync() {
        store.sync();
    }

    /**
     * Writes anew what is left in parts of the file that are mostly free, so that the space can be used again.
     *
     * @param fillRate how full a part has to be in percent to be left alone
     * @param bytes about how much to write at most
     * @return the version, as of {@link #commit}
     */
    long compact(int fillRate, int bytes) {
        return store.compact(fillRate, bytes) ? commit() : store.getCurrentVersion();
    }

    /** Tells whether the file is so much larger than what is live in it that it should be made smaller. */
    boolean isWasteful() {
        return size() > Math.max(SMALL, MOST_PER_LIVE * chunks.liveBytes());
    }

    long size() {
        return chunks.size();
    }

    /** Returns about how many bytes are needed; rather more than fewer. */
    long liveBytes() {
        return chunks.liveBytes();
    }

    /**
     * Makes a step towards a smaller file: copies what is left in parts that are not full, and otherwise moves parts from
     * the end of the file to where there is room.
     *
     * @param bytes about how much to write at most
     * @return the version, as of {@link #commit}
     */
    long tidy(int bytes) {
        boolean copied = store.compact(TIDY_FILL_RATE, bytes);
        long version = commit();
        if (!copied) {
            chunks.compactMoveChunks(TIDY_FILL_RATE, bytes, store);
            version = store.getCurrentVersion();
        }
        return version;
    }

    /** Tells in words that a power failure had torn the newest version, so that the one before was opened. */
    Optional<String> givenUp() {
        return chunks.torn()
                .map(torn ->
                        "version " + torn.version() + " was torn, as a power failure leaves it behind, and was given"
                                + " up for the version before, which is whole: nothing in it had been acknowledged");
    }

    /** Tells whether the disk has failed to keep what it was given, so that nobody knows what is on it. */
    boolean couldNotBeForced() {
        return chunks.forceFailure().isPresent();
    }

    /** Tells whether it is closed: the library closes a file that it could not write. */
    boolean isClosed() {
        return store.isClosed();
    }

    void close() {
        store.close();
    }

    void abandon() {
        store.closeImmediately();
    }

    @SuppressWarnings("NullAway") // every kind has its map since the constructor
    MVMap<Long, byte[]> map(Kind kind) {
        return maps.get(kind);
    }

    /** The library checks the head of what it reads, not the values: these carry a checksum of their own. */
    static byte[] seal(Kind kind, long number, byte[] value) {
        return ByteBuffer.allocate(SEAL + value.length)
                .putInt(checksum(kind, number, value, 0))
                .put(value)
                .array();
    }

    static byte[] unseal(Kind kind, long number, byte[] sealed) {
        if (sealed.length < SEAL || ByteBuffer.wrap(sealed).getInt() != checksum(kind, number, sealed, SEAL)) {
            throw new DamagedValueException("its checksum is wrong", null);
        }
        byte[] value = new byte[sealed.length - SEAL];
        System.arraycopy(sealed, SEAL, value, 0, value.length);
        return value;
    }

    private static int checksum(Kind kind, long number, byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(kind.letter());
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }
}
