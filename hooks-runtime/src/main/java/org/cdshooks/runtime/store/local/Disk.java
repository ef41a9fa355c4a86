package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * The calls of the local store to the file system. Tests put a disk under the store that fails on demand, or that loses
 * in a power failure what was not forced.
 */
interface Disk {
    /** The file system of the machine. */
    Disk REAL = new RealDisk();

    /** Creates a directory and its parents if they are missing, for their owner alone, and returns its real path. */
    Path createDirectory(Path directory) throws IOException;

    /** Opens a file for its owner alone to be read and written, and creates the file if it is missing. */
    FileChannel open(Path file) throws IOException;

    FileChannel openToRead(Path file) throws IOException;

    boolean exists(Path file);

    long size(Path file) throws IOException;

    /** Returns the files of a directory. */
    List<Path> list(Path directory) throws IOException;

    /** Renames a file in one step; a file that has the new name already is replaced. */
    void move(Path from, Path to) throws IOException;

    /** Deletes a file if it exists. */
    void delete(Path file) throws IOException;

    /** Forces the names in a directory to the disk: forcing a file does not force its name. */
    void forceDirectory(Path directory) throws IOException;

    long usableSpace(Path directory) throws IOException;
}
