package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a sender does: for tests. */
final class Signed {
    static final String SECRET = "0123456789abcdef0123456789abcdef";
    static final String OLD = "fedcba9876543210fedcba9876543210";
    static final byte[] BODY = "{\"ref\":\"refs/heads/main\"}".getBytes(UTF_8);

    private Signed() {}

    static byte[] hmac(String algorithm, byte[] key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hex(String secret, byte[] content) {
        return HexFormat.of().formatHex(hmac("HmacSHA256", secret.getBytes(UTF_8), content));
    }

    static Request github(String secret, byte[] body) {
        return request(body, "X-Hub-Signature-256", "sha256=" + hex(secret, body));
    }

    static Request request(byte[] body, String... headers) {
        Map<String, List<String>> all = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.merge(headers[i].toLowerCase(Locale.ROOT), List.of(headers[i + 1]), (first, more) -> {
                List<String> both = new java.util.ArrayList<>(first);
                both.addAll(more);
                return both;
            });
        }
        return new Request(all, body);
    }
}
