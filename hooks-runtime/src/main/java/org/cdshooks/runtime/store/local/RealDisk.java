package org.cdshooks.runtime.store.local;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The file system of the machine. */
final class RealDisk implements Disk {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    @Override
    public Path createDirectory(Path directory) throws IOException {
        Path existing = directory.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        Files.createDirectories(directory);
        Path real = directory.toRealPath();
        own(real, OWNER_DIRECTORY);
        // The name of each new directory stands in its parent.
        Path created = real;
        while (existing != null && !Files.isSameFile(created, existing) && created.getParent() != null) {
            created = created.getParent();
            forceDirectory(created);
        }
        return real;
    }

    @Override
    public FileChannel open(Path file) throws IOException {
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

    @Override
    public FileChannel openToRead(Path file) throws IOException {
        return FileChannel.open(file, READ);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public long size(Path file) throws IOException {
        return Files.size(file);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        if (File.separatorChar == '\\') {
            // Windows opens no directory as a file, and writes names with the file.
            return;
        }
        try (FileChannel names = FileChannel.open(directory, READ)) {
            names.force(true);
        }
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }
}
