package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Asks for the service hash: as {@code X_AUTH_HEADER: base64(hash)}, as CDS sends it, or as
 * {@code Authorization: Bearer hash}, since proxies drop headers with underscores.
 */
final class Authentication {
    private static final HeaderName HASH = HeaderNames.create("X_AUTH_HEADER");
    private static final String BEARER = "bearer ";
    private static final int MAX_CREDENTIAL = 1_024;

    private final Supplier<String> serviceHash;

    Authentication(Supplier<String> serviceHash) {
        this.serviceHash = serviceHash;
    }

    /** Tells whether a request carries the hash. Takes the same time wherever the first wrong byte is. */
    boolean admits(Headers headers) {
        byte[] expected = serviceHash.get().getBytes(UTF_8);
        if (expected.length == 0) {
            return false;
        }
        return MessageDigest.isEqual(expected, given(headers));
    }

    private static byte[] given(Headers headers) {
        List<String> hash = headers.all(HASH, List::of);
        if (hash.size() == 1) {
            return decoded(hash.getFirst().trim());
        }
        List<String> authorization = headers.all(HeaderNames.AUTHORIZATION, List::of);
        if (hash.isEmpty() && authorization.size() == 1) {
            String value = authorization.getFirst().trim();
            if (value.length() <= MAX_CREDENTIAL
                    && value.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
                return value.substring(BEARER.length()).trim().getBytes(UTF_8);
            }
        }
        return new byte[0];
    }

    private static byte[] decoded(String base64) {
        if (base64.length() > MAX_CREDENTIAL) {
            return new byte[0];
        }
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
