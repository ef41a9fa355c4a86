package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.task.Seal;

/**
 * The keys that encrypt the secrets of tasks in the store. Those that are configured come first. A store that one process
 * has gets a key of its own at the first start, beside it in the data directory; nodes that share a Redis need the same
 * keys, so there is none but the configured ones.
 */
final class SecretsKeys {
    /** The file in the data directory. */
    static final String FILE = "secrets.key";

    private SecretsKeys() {}

    /**
     * Returns the seal of a store in a data directory.
     *
     * @param configured the configured keys
     * @param dataDir the data directory, which gets a key if there is none in it and none is configured
     * @return a seal that has a key
     * @throws IOException if the file can't be used; the message names it
     */
    static Seal ofDirectory(List<byte[]> configured, Path dataDir) throws IOException {
        List<byte[]> keys = new ArrayList<>(configured);
        Path file = dataDir.resolve(FILE);
        if (configured.isEmpty() || Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            String text = PrivateFile.readOrCreate(dataDir, FILE, SecretsKeys::random);
            try {
                keys.addAll(parse(text));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "file " + file + " " + e.getMessage()
                                + "; put the file back from a copy, or remove it and write the secrets of the tasks anew",
                        e);
            }
        }
        return Seal.of(keys);
    }

    /** Returns the seal of a store that ends with this process. */
    static Seal ofThisProcess() {
        return Seal.of(parse(random()));
    }

    private static String random() {
        byte[] random = new byte[Seal.KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    /**
     * Reads keys.
     *
     * @param text one key or several, parted by commas or line breaks
     * @return the keys, at least one
     * @throws IllegalArgumentException if there is none, or one is none; the message goes on after the place where it
     *     stands and tells nothing of any
     */
    static List<byte[]> parse(String text) {
        List<byte[]> keys = Arrays.stream(text.split("[,\\s]+"))
                .filter(part -> !part.isEmpty())
                .map(SecretsKeys::key)
                .toList();
        if (keys.isEmpty()) {
            throw notAKey();
        }
        return keys;
    }

    private static byte[] key(String text) {
        return decoded(text).filter(key -> key.length == Seal.KEY_BYTES).orElseThrow(SecretsKeys::notAKey);
    }

    private static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(
                    text.length() == 2 * Seal.KEY_BYTES
                            ? HexFormat.of().parseHex(text)
                            : Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static IllegalArgumentException notAKey() {
        return new IllegalArgumentException("must have keys of 32 bytes in Base64 or hex, such as from"
                + " 'openssl rand -base64 32'; of several, parted by commas, the first one encrypts");
    }
}
