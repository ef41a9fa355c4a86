package org.cdshooks.toolkit.verify;

/** How a signature is made. */
public enum Algorithm {
    /** HMAC with SHA-256. */
    HMAC_SHA256("HmacSHA256", 32),
    /** HMAC with SHA-1; only for senders that know nothing better. */
    HMAC_SHA1("HmacSHA1", 20),
    /** HMAC with SHA-512. */
    HMAC_SHA512("HmacSHA512", 64),
    /** ed25519: the secret is the sender's public key, 32 bytes. */
    ED25519("Ed25519", 64);

    private final String nameInJava;
    private final int length;

    Algorithm(String nameInJava, int length) {
        this.nameInJava = nameInJava;
        this.length = length;
    }

    String nameInJava() {
        return nameInJava;
    }

    /** How many bytes a signature has. */
    int length() {
        return length;
    }
}
