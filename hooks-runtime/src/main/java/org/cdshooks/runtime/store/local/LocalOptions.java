package org.cdshooks.runtime.store.local;

/**
 * What can be set of a store on disk.
 *
 * @param cacheBytes how much of the contents of tasks and executions is kept in memory
 * @param minFreeBytes how much room the disk must have, so that new work is accepted; old work goes on with less
 * @param maxPendingBytes how much may wait to be written before callers wait
 */
public record LocalOptions(long cacheBytes, long minFreeBytes, long maxPendingBytes) {
    private static final long MIB = 1 << 20;

    /** Options for an ordinary service. */
    public static final LocalOptions DEFAULT = new LocalOptions(32 * MIB, 64 * MIB, 16 * MIB);

    /**
     * Sets how much room the disk must have.
     *
     * @param bytes below this new work is refused
     * @return a copy with it
     */
    public LocalOptions minFreeBytes(long bytes) {
        return new LocalOptions(cacheBytes, bytes, maxPendingBytes);
    }
}
