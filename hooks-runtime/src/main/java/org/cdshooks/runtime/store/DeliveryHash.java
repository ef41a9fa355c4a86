package org.cdshooks.runtime.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Half of the SHA-256 of what names a delivery. Names come from senders and may be long; millions of deliveries may have
 * to be remembered; and nobody shall be able to find two names that are taken for the same.
 *
 * @param high the first eight bytes
 * @param low the next eight
 */
public record DeliveryHash(long high, long low) {

    /**
     * Hashes a name.
     *
     * @param name names the delivery within its task
     * @return its hash
     */
    public static DeliveryHash of(String name) {
        try {
            ByteBuffer digest =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8)));
            return new DeliveryHash(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Reads a hash.
     *
     * @param hex what {@link #hex} has written
     * @return the hash
     * @throws IllegalArgumentException if it is none
     */
    public static DeliveryHash parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length != 2 * Long.BYTES) {
            throw new IllegalArgumentException("a hash of a delivery has 32 digits, not " + hex.length());
        }
        ByteBuffer digest = ByteBuffer.wrap(bytes);
        return new DeliveryHash(digest.getLong(), digest.getLong());
    }

    /**
     * Writes the hash as a text.
     *
     * @return 32 digits
     */
    public String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
