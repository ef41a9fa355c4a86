package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cdshooks.api.config.Secret;

/** Signs bodies by the rules of Standard Webhooks (spec/standard-webhooks.md): HMAC-SHA256 over id, time and body. */
final class StandardWebhooksSigner {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int MAX_TEXT_BYTES = 256;

    private final SecretKeySpec key;

    private StandardWebhooksSigner(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /**
     * Reads a secret: {@code whsec_} and the Base64 of 24 to 64 bytes, or a plain text of 24 to 256 bytes that is the
     * key as it stands.
     *
     * @param secret as the user gave it
     * @return a signer
     * @throws IllegalArgumentException if the secret is none; the message goes on after the option's name and tells
     *     nothing of the secret
     */
    static StandardWebhooksSigner of(Secret secret) {
        String text = secret.reveal();
        if (!text.equals(text.strip()) || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("must not have spaces or line breaks around it or control characters");
        }
        if (text.startsWith("whsk_") || text.startsWith("whpk_")) {
            throw new IllegalArgumentException("is a key for ed25519; give one for HMAC, which begins with whsec_");
        }
        if (text.startsWith(PREFIX)) {
            return new StandardWebhooksSigner(decoded(text.substring(PREFIX.length())));
        }
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length < MIN_BYTES || bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("has " + bytes.length + " bytes; give " + MIN_BYTES + " to "
                    + MAX_TEXT_BYTES + ", or whsec_ and the Base64 of " + MIN_BYTES + " to " + MAX_BYTES
                    + " bytes, such as from: echo whsec_$(openssl rand -base64 32)");
        }
        return new StandardWebhooksSigner(bytes);
    }

    private static byte[] decoded(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not whsec_ and Base64 (A-Z a-z 0-9 + / =)", e);
        }
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("is whsec_ and the Base64 of " + bytes.length + " bytes; " + MIN_BYTES
                    + " to " + MAX_BYTES + " are right");
        }
        return bytes;
    }

    /**
     * Signs one body.
     *
     * @param id the value of {@code webhook-id}
     * @param timestamp the value of {@code webhook-timestamp}, in seconds since the epoch
     * @param body the body as sent
     * @return the value of {@code webhook-signature}
     */
    String sign(String id, long timestamp, byte[] body) {
        Mac mac = mac();
        mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
        return "v1," + new String(Base64.getEncoder().encode(mac.doFinal(body)), US_ASCII);
    }

    private Mac mac() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a key that is not empty is right for " + ALGORITHM, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
