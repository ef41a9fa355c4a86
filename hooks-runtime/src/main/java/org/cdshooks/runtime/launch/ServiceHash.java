package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

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
        String hash = PrivateFile.readOrCreate(dataDir, FILE, ServiceHash::random);
        if (hash.length() < 16) {
            throw new IOException("file " + dataDir.resolve(FILE)
                    + " holds no service hash (at least 16 characters); remove it to have a new one made");
        }
        return hash;
    }

    static boolean isThere(Path dataDir) {
        return Files.exists(dataDir.resolve(FILE));
    }

    private static String random() {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Puts another hash in the place of the one that is there. */
    static void replace(Path dataDir, String hash) throws IOException {
        PrivateFile.replace(dataDir, FILE, hash);
    }
}
