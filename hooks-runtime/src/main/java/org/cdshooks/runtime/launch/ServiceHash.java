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
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** The secret of the admin API of a service that no CDS API gives one: made once, kept in the data directory. */
final class ServiceHash {
    private static final String FILE = "service.hash";
    private static final int BYTES = 32;

    private ServiceHash() {}

    /**
     * Reads the hash, and makes it first if there is none. Two processes that do so at once agree on one.
     *
     * @param dataDir the data directory; made if it is not there
     * @return the hash
     * @throws IOException if the directory or the file can't be used; the message names it
     */
    static String readOrCreate(Path dataDir) throws IOException {
        createPrivateDirectory(dataDir);
        Path file = dataDir.resolve(FILE);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            Path fresh = write(dataDir, HexFormat.of().formatHex(random));
            try {
                // A link fails if the name is taken, where a move would replace another process's hash.
                Files.createLink(file, fresh);
            } catch (FileAlreadyExistsException e) {
                // Another process was first; its hash is the one.
            } catch (UnsupportedOperationException e) {
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        }
        String hash = Files.readString(file).strip();
        if (hash.length() < 16) {
            throw new IOException("file " + file
                    + " holds no service hash (at least 16 characters); remove it to have a new one made");
        }
        return hash;
    }

    /** Puts another hash in the place of the one that is there. */
    static void replace(Path dataDir, String hash) throws IOException {
        Files.move(write(dataDir, hash), dataDir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path write(Path dataDir, String hash) throws IOException {
        Path fresh = Files.createTempFile(dataDir, FILE, ".new", ownerOnly(dataDir, "rw-------"));
        Files.writeString(fresh, hash + "\n");
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
