package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipOutputStream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.h2.mvstore.SFChunk;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file under MVStore, safe against a power failure, which may keep any part of what was written since the last force
 * and lose the rest. MVStore alone checks the head and the tail of what it finds, not what is between them, and guesses
 * from the end of the file which version is the newest.
 *
 * <p>Here each version has a {@link CommitRecord}, in turn in the first and in the second block of the file, and written
 * before the same force as the version itself. So one record always names a version that is forced. The version that the
 * newer record names is opened if its checksum holds; otherwise a power failure tore it before anybody was told of it,
 * and the version of the other record is opened. Nothing else in the file is looked at, and nothing is written before the
 * first change.
 *
 * <p>A file without records, which an earlier version of the service wrote, is opened as MVStore does, and gets a record
 * with the first change.
 */
final class CheckedFileStore extends RandomAccessStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckedFileStore.class);

    private static final int BLOCK = 4096;
    private static final int HEADER = 2 * BLOCK;
    private static final String CLEAN = "clean";

    private final String name;
    private final FileChannel channel;
    private final boolean recovers;
    private final long acknowledged;

    /** What is opened, by its record; none for a file without records. */
    private @Nullable CommitRecord chosen;

    private @Nullable CommitRecord torn;

    /** While MVStore looks for the newest version, it is shown {@link #chosen} alone. */
    private boolean choosing;

    /** Whether the file has what the rules above need, which the first change sees to. */
    private boolean prepared;

    /** The newest version that is forced, in the header block of this number. */
    private @Nullable CommitRecord forced;

    private int forcedIn;

    /** What is written and not forced. */
    private boolean unforced;

    private @Nullable CommitRecord written;

    private volatile @Nullable IOException forceFailure;

    private CheckedFileStore(
            String name, FileChannel channel, boolean readOnly, long acknowledged, Map<String, Object> config) {
        super(config);
        this.name = name;
        this.channel = channel;
        this.recovers = readOnly;
        this.acknowledged = acknowledged;
        init(name, readOnly);
    }

    /**
     * Takes an open file.
     *
     * @param acknowledged the version that is known to be forced: if it is damaged, a power failure has not done that
     * @param cacheMib how much memory pages may take
     */
    static CheckedFileStore open(String name, FileChannel channel, long acknowledged, int cacheMib) throws IOException {
        return take(new CheckedFileStore(name, channel, false, acknowledged, Map.of("cacheSize", cacheMib)));
    }

    /** Takes an open file to read what can be read: pages that can't be are empty. */
    static CheckedFileStore openToRecover(String name, FileChannel channel, long acknowledged, int cacheMib)
            throws IOException {
        return take(new CheckedFileStore(
                name, channel, true, acknowledged, Map.of("cacheSize", cacheMib, "recoveryMode", true)));
    }

    private static CheckedFileStore take(CheckedFileStore store) throws IOException {
        store.setSize(store.channel.size());
        return store;
    }

    /** Returns the version that has to be opened; empty for a file without records. */
    Optional<CommitRecord> chosen() {
        return Optional.ofNullable(chosen);
    }

    /** Returns the version that was given up since a power failure had torn it. */
    Optional<CommitRecord> torn() {
        return Optional.ofNullable(torn);
    }

    /** Tells why the file could not be forced, which can't be made good: what was written since may be lost. */
    Optional<IOException> forceFailure() {
        return Optional.ofNullable(forceFailure);
    }

    /** Returns how many bytes the pages take that the newest version needs, each rounded up. */
    long liveBytes() {
        long bytes = 0;
        for (SFChunk chunk : getChunks().values()) {
            bytes += chunk.maxLenLive;
        }
        return bytes;
    }

    // ------------------------------------------------------------------------------------------------------ opening

    @Override
    protected void readStoreHeader(boolean recoveryMode) {
        byte[] header = new byte[HEADER];
        if (size() >= HEADER) {
            super.readFully(channel, 0, HEADER).get(header);
        }
        Optional<CommitRecord> first = CommitRecord.decode(Arrays.copyOf(header, BLOCK));
        Optional<CommitRecord> second = CommitRecord.decode(Arrays.copyOfRange(header, BLOCK, HEADER));
        boolean firstIsNewer =
                first.isPresent() && (second.isEmpty() || first.get().isNewerThan(second.get()));
        CommitRecord newer = (firstIsNewer ? first : second).orElse(null);
        CommitRecord older = (firstIsNewer ? second : first).orElse(null);
        if (newer == null || newer.version() < acknowledged) {
            // No record of this service, or one that a program without records has written past.
            super.readStoreHeader(recoveryMode);
            return;
        }
        if (newer.version() > acknowledged && older != null && older.version() >= acknowledged && !isWhole(newer)) {
            torn = newer;
            newer = older;
        }
        if (recovers) {
            recover(newer, older);
        } else {
            choose(newer);
        }
    }

    private void choose(CommitRecord record) {
        chosen = record;
        choosing = true;
        try {
            super.readStoreHeader(false);
        } finally {
            choosing = false;
        }
        if (lastChunk == null || lastChunk.version != record.version()) {
            throw DataUtils.newMVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT, "version {0} is damaged", record.version());
        }
    }

    private void recover(CommitRecord newer, @Nullable CommitRecord older) {
        try {
            choose(newer);
            return;
        } catch (MVStoreException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
        try {
            if (older != null) {
                choose(older);
                return;
            }
        } catch (MVStoreException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
        chosen = null;
        super.readStoreHeader(true);
    }

    private boolean isWhole(CommitRecord record) {
        long from = record.block() * BLOCK;
        long length = (long) record.blocks() * BLOCK;
        if (from + length > size()) {
            return false;
        }
        return recordOf(record.version(), record.chunk(), record.block(), record.blocks())
                .equals(record);
    }

    private CommitRecord recordOf(long version, int chunk, long block, int blocks) {
        return CommitRecord.of(version, chunk, block, blocks, super.readFully(channel, block * BLOCK, blocks * BLOCK));
    }

    @Override
    public ByteBuffer readFully(SFChunk chunk, long pos, int len) {
        ByteBuffer found = super.readFully(channel, pos, len);
        if (choosing && chosen != null && pos == 0 && len == HEADER) {
            byte[] header = new byte[HEADER];
            found.get(0, header);
            Optional<HashMap<String, Object>> attributes = attributes(header, 0).or(() -> attributes(header, BLOCK));
            if (attributes.isPresent()) {
                return ByteBuffer.wrap(header(attributes.get(), chosen, false, chosen, chosen));
            }
        }
        return found;
    }

    /** Returns what the header in one of the two blocks says; empty if it is not whole. */
    private static Optional<HashMap<String, Object>> attributes(byte[] header, int from) {
        String text = new String(header, from, BLOCK, ISO_8859_1);
        int checksum = text.indexOf(",fletcher:");
        int end = text.indexOf('\n');
        if (checksum < 0 || end < checksum) {
            return Optional.empty();
        }
        byte[] bytes = text.substring(0, checksum).getBytes(ISO_8859_1);
        String expected = Integer.toHexString(DataUtils.getFletcher32(bytes, 0, bytes.length));
        return text.substring(checksum + ",fletcher:".length(), end).equals(expected)
                ? Optional.of(new HashMap<>(DataUtils.parseMap(text.substring(0, checksum))))
                : Optional.empty();
    }

    /** Shown as a file of nothing but its header, MVStore looks for no version but the one that the header names. */
    @Override
    public long size() {
        return choosing ? HEADER : super.size();
    }

    // ------------------------------------------------------------------------------------------------------ writing

    @Override
    protected void writeFully(SFChunk chunk, long pos, ByteBuffer src) {
        if (pos == 0) {
            writeHeader(src);
            return;
        }
        prepare();
        if (chunk == null) {
            // A chunk is copied to another place.
            write(pos, src);
            return;
        }
        if (unforced) {
            // What a version stands on has to be on the disk before it.
            sync();
        }
        CommitRecord record = CommitRecord.of(chunk.version, chunk.id, chunk.block, chunk.len, src.duplicate());
        write(pos, src);
        int place = 1 - forcedIn;
        CommitRecord before = forced == null ? record : forced;
        byte[] header = header(storeHeader, before, false, record, record);
        write((long) place * BLOCK, ByteBuffer.wrap(header, place * BLOCK, BLOCK));
        written = record;
    }

    /** MVStore names its newest version in the header before it is forced; so only what is forced is written there. */
    private void writeHeader(ByteBuffer header) {
        if (super.size() == 0) {
            write(0, header);
            prepared = true;
        } else if (storeHeader.containsKey(CLEAN) && forced != null) {
            sync();
            write(0, ByteBuffer.wrap(header(storeHeader, forced, true, forced, forced)));
        }
    }

    /**
     * Sees to it, before the first change, that the version which was opened is on the disk, with its record. A process
     * that was killed may have left it to the system to write, and after a force that failed the system believes
     * written what is not: so it is written once more.
     */
    private void prepare() {
        if (prepared) {
            return;
        }
        SFChunk last = lastChunk;
        if (last != null) {
            ByteBuffer content = super.readFully(channel, last.block * BLOCK, last.len * BLOCK);
            CommitRecord record = CommitRecord.of(last.version, last.id, last.block, last.len, content.duplicate());
            write(last.block * BLOCK, content);
            write(0, ByteBuffer.wrap(header(storeHeader, record, false, record, record)));
            written = record;
        }
        unforced = true;
        sync();
        prepared = true;
    }

    /** Makes both header blocks: the attributes, with the place of a version, and the records of each block. */
    private static byte[] header(
            Map<String, Object> attributes,
            CommitRecord named,
            boolean clean,
            CommitRecord first,
            CommitRecord second) {
        HashMap<String, Object> all = new HashMap<>(attributes);
        all.put("block", named.block());
        all.put("chunk", named.chunk());
        all.put("version", named.version());
        all.remove(CLEAN);
        if (clean) {
            all.put(CLEAN, 1);
        }
        StringBuilder text = new StringBuilder();
        DataUtils.appendMap(text, all);
        byte[] bytes = text.toString().getBytes(ISO_8859_1);
        DataUtils.appendMap(text, "fletcher", DataUtils.getFletcher32(bytes, 0, bytes.length));
        bytes = text.append('\n').toString().getBytes(ISO_8859_1);
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.put(0, bytes).put(BLOCK, bytes);
        header.put(BLOCK - CommitRecord.LENGTH, first.encode());
        header.put(HEADER - CommitRecord.LENGTH, second.encode());
        return header.array();
    }

    private void write(long pos, ByteBuffer src) {
        refuseAfterFailure();
        int length = src.remaining();
        setSize(Math.max(super.size(), pos + length));
        unforced = true;
        DataUtils.writeFully(channel, pos, src);
        writeCount.incrementAndGet();
        writeBytes.addAndGet(length);
    }

    @Override
    public void sync() {
        refuseAfterFailure();
        if (!unforced) {
            return;
        }
        try {
            channel.force(true);
        } catch (IOException e) {
            forceFailure = e;
            refuseAfterFailure();
        }
        unforced = false;
        if (written != null) {
            // The record of the version before makes room for the next one.
            forcedIn = 1 - forcedIn;
            forced = written;
            written = null;
        }
    }

    private void refuseAfterFailure() {
        if (forceFailure != null) {
            throw DataUtils.newMVStoreException(
                    DataUtils.ERROR_WRITING_FAILED, "{0} could not be forced to the disk", name, forceFailure);
        }
    }

    @Override
    public void truncate(long size) {
        refuseAfterFailure();
        try {
            writeCount.incrementAndGet();
            channel.truncate(size);
        } catch (IOException e) {
            throw DataUtils.newMVStoreException(
                    DataUtils.ERROR_WRITING_FAILED, "{0} can not be shortened to {1} bytes", name, size, e);
        }
        setSize(Math.min(super.size(), size));
    }

    // ----------------------------------------------------------------------------------------------- what is left

    @Override
    public boolean shouldSaveNow(int unsavedMemory, int autoCommitMemory) {
        return false;
    }

    @Override
    public void open(String fileName, boolean readOnly, char[] encryptionKey) {
        throw new UnsupportedOperationException("it is opened before it is given to MVStore");
    }

    @Override
    public CheckedFileStore open(String fileName, boolean readOnly) {
        throw new UnsupportedOperationException("it is opened before it is given to MVStore");
    }

    @Override
    public void backup(ZipOutputStream out) {
        throw new UnsupportedOperationException("the directory is copied while the service is stopped");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw DataUtils.newMVStoreException(DataUtils.ERROR_WRITING_FAILED, "{0} can not be closed", name, e);
        } finally {
            super.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
