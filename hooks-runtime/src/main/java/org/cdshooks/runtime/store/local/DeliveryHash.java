package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Half of the SHA-256 of what names a delivery. Names come from senders and may be long; millions of deliveries may have
 * to be remembered; and nobody shall be able to find two names that are taken for the same.
 */
record DeliveryHash(long high, long low) {

    static DeliveryHash of(String name) {
        try {
            ByteBuffer digest =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8)));
            return new DeliveryHash(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
