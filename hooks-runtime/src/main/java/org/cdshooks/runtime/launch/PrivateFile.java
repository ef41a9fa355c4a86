package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Supplier;

/** Files of one line that only their owner may read: made once, kept in the data directory. */
final class PrivateFile {
    private PrivateFile() {}

    /**
     * Reads a file, and makes it first if it is not there. Two processes that do so at once agree on one.
     *
     * @param dir the directory; made if it is not there
     * @param name the name of the file
     * @param text what it says if it is made
     * @return what it says, without blanks around it
     * @throws IOException if the directory or the file can't be used; the message names it
     */
    static String readOrCreate(Path dir, String name, Supplier<String> text) throws IOException {
        createPrivateDirectory(dir);
        Path file = dir.resolve(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            Path fresh = write(dir, name, text.get());
            try {
                // A link fails if the name is taken, where a move would replace what another process has made.
                Files.createLink(file, fresh);
            } catch (FileAlreadyExistsException e) {
                // Another process was first; its file is the one.
            } catch (UnsupportedOperationException e) {
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        }
        return Files.readString(file).strip();
    }

    /** Puts another file in the place of the one that is there. */
    static void replace(Path dir, String name, String text) throws IOException {
        Files.move(write(dir, name, text), dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path write(Path dir, String name, String text) throws IOException {
        Path fresh = Files.createTempFile(dir, name, ".new", ownerOnly(dir, "rw-------"));
        Files.writeString(fresh, text + "\n");
        return fresh;
    }

    static void createPrivateDirectory(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            Path parent = dir.toAbsolutePath().getParent();
            if (parent == null) {
                throw new IOException(dir + " is no directory");
            }
            Files.createDirectories(parent);
            try {
                Files.createDirectory(dir, ownerOnly(parent, "rwx------"));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(dir)) {
                    throw new IOException(dir + " is a file, not a directory", e);
                }
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path near, String permissions) throws IOException {
        if (!Files.getFileStore(near).supportsFileAttributeView("posix")) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set)};
    }
}
