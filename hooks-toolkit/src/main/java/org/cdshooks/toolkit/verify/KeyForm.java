package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

/** How the key of a signature is made of what users call the secret. */
public sealed interface KeyForm {
    /** The secret as it stands, all of it: also a prefix that other senders leave out. */
    record Utf8() implements KeyForm {}

    /**
     * Bytes that are written behind a prefix.
     *
     * @param prefix what comes first, and is no part of the key; may be empty
     * @param encoding how the bytes are written
     */
    record Encoded(String prefix, Encoding encoding) implements KeyForm {}

    /**
     * As in Standard Webhooks: {@code whsec_} and the Base64 of 24 to 64 bytes for HMAC, {@code whpk_} and the Base64 of the
     * public key for ed25519, and anything else a key for HMAC as it stands.
     */
    record StandardWebhooks() implements KeyForm {}

    /**
     * Makes a key.
     *
     * @throws IllegalArgumentException if the secret is none; the message goes on after the option's name and tells
     *     nothing of the secret
     */
    default SignatureKey key(String secret, Algorithm algorithm) {
        return switch (this) {
            case Utf8() -> SignatureKey.of(algorithm, secret.getBytes(UTF_8));
            case Encoded(String prefix, Encoding encoding) ->
                SignatureKey.of(algorithm, decoded(secret, prefix, encoding));
            case StandardWebhooks() -> standard(secret, algorithm);
        };
    }

    private static SignatureKey standard(String secret, Algorithm algorithm) {
        if (secret.startsWith("whsk_")) {
            throw new IllegalArgumentException(
                    "is the sender's private key; give the public one, which begins with whpk_");
        }
        if (secret.startsWith("whpk_")) {
            return SignatureKey.of(Algorithm.ED25519, decoded(secret, "whpk_", Encoding.BASE64));
        }
        if (secret.startsWith("whsec_")) {
            byte[] key = decoded(secret, "whsec_", Encoding.BASE64);
            if (key.length < 24 || key.length > 64) {
                throw new IllegalArgumentException(
                        "is whsec_ and the Base64 of " + key.length + " bytes; 24 to 64 are right");
            }
            return SignatureKey.of(algorithm, key);
        }
        return SignatureKey.of(algorithm, secret.getBytes(UTF_8));
    }

    private static byte[] decoded(String secret, String prefix, Encoding encoding) {
        if (!secret.startsWith(prefix)) {
            throw new IllegalArgumentException("must begin with " + prefix);
        }
        String alphabet = encoding == Encoding.HEX ? "hexadecimal digits" : "Base64 (A-Z a-z 0-9 + / =)";
        return encoding.decode(secret.substring(prefix.length()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "is not " + (prefix.isEmpty() ? "" : prefix + " and ") + alphabet));
    }
}
