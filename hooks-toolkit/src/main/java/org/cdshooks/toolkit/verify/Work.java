package org.cdshooks.toolkit.verify;

/** Counts what one verification does, so that tests need no clock to see that it takes no longer than it should. */
final class Work {
    private long steps;
    private long hashed;
    private int comparisons;
    private long compared;

    /** That many characters or bytes were looked at. */
    void steps(long count) {
        steps += count;
    }

    /** That many bytes went through a hash. */
    void hashed(long bytes) {
        hashed += bytes;
    }

    /** Two values are being compared, all of their bytes. */
    void compared(byte[] expected, byte[] given) {
        if (expected.length != given.length) {
            throw new IllegalStateException("values of different lengths are not to be compared");
        }
        comparisons++;
        compared += given.length;
    }

    long steps() {
        return steps;
    }

    long hashed() {
        return hashed;
    }

    int comparisons() {
        return comparisons;
    }

    /** How many bytes were compared in all. */
    long compared() {
        return compared;
    }
}
