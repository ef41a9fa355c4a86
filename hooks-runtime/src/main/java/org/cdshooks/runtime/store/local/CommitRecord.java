package org.cdshooks.runtime.store.local;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Where a version of the data file stands, and a checksum over all of its bytes: what a power failure has torn is told
 * from what is whole. A record stands at the end of one of the two header blocks of the file.
 *
 * @param version the version
 * @param chunk the number of the chunk that the version was written in
 * @param block the block at which the chunk begins
 * @param blocks how many blocks the chunk has
 * @param checksum CRC-32C of these blocks
 */
record CommitRecord(long version, int chunk, long block, int blocks, int checksum) {
    private static final int BYTES = 3 * Integer.BYTES + 2 * Long.BYTES + Integer.BYTES;

    /**
     * How many bytes of a header block a record takes. Each byte holds four bits: MVStore takes bytes up to the blank at
     * the end of its header for padding, so that the file can still be opened without this service.
     */
    static final int LENGTH = 2 * BYTES;

    static CommitRecord of(long version, int chunk, long block, int blocks, ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return new CommitRecord(version, chunk, block, blocks, (int) crc.getValue());
    }

    boolean isNewerThan(CommitRecord other) {
        return version > other.version;
    }

    byte[] encode() {
        ByteBuffer plain = ByteBuffer.allocate(BYTES)
                .putLong(version)
                .putLong(block)
                .putInt(chunk)
                .putInt(blocks)
                .putInt(checksum);
        plain.putInt(ofItself(plain));
        byte[] halves = new byte[LENGTH];
        for (int i = 0; i < BYTES; i++) {
            halves[2 * i] = (byte) (plain.get(i) >> 4 & 0xF);
            halves[2 * i + 1] = (byte) (plain.get(i) & 0xF);
        }
        return halves;
    }

    /** Reads what stands at the end of a header block; empty if there is no whole record. */
    static Optional<CommitRecord> decode(byte[] block) {
        int from = block.length - LENGTH;
        ByteBuffer plain = ByteBuffer.allocate(BYTES);
        for (int i = 0; i < BYTES; i++) {
            byte high = block[from + 2 * i];
            byte low = block[from + 2 * i + 1];
            if ((high & 0xF0) != 0 || (low & 0xF0) != 0) {
                return Optional.empty();
            }
            plain.put((byte) (high << 4 | low));
        }
        plain.flip();
        CommitRecord record = new CommitRecord(
                plain.getLong(0), plain.getInt(16), plain.getLong(8), plain.getInt(20), plain.getInt(24));
        boolean whole = plain.getInt(28) == ofItself(plain);
        return whole && record.block > 1 && record.blocks > 0 ? Optional.of(record) : Optional.empty();
    }

    private static int ofItself(ByteBuffer plain) {
        CRC32C crc = new CRC32C();
        crc.update('R');
        crc.update(plain.slice(0, BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
