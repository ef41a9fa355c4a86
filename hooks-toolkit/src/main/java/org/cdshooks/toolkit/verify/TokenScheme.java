package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * A secret that is sent along with each request. It shows who sends, and not that the body is unchanged.
 *
 * @param header where it is, in lower case
 * @param form how it stands there
 */
public record TokenScheme(String header, Form form) {
    private static final int MAX_TOKEN = 4_096;

    /** How a token stands in its header. */
    public enum Form {
        /** The token and nothing else. Line breaks of the secret are not sent, so they do not count. */
        PLAIN,
        /** {@code Bearer} and the token. */
        BEARER,
        /** {@code Basic} and the Base64 of the secret, which is {@code user:password}. */
        BASIC
    }

    /** Takes a name in any case. */
    public TokenScheme {
        header = header.toLowerCase(Locale.ROOT);
    }

    /**
     * Makes a verifier.
     *
     * @param credentials the secrets, any of which is enough
     * @return a verifier
     * @throws IllegalArgumentException if there is none, or one is not in the form; the message goes on after the option's
     *     name
     */
    public Verifier verifier(List<Credential> credentials) {
        if (credentials.isEmpty()) {
            throw new IllegalArgumentException("is missing");
        }
        return new Tokens(this, credentials.stream().map(this::known).toList());
    }

    private Known known(Credential credential) {
        String secret = credential.secret();
        if (form == Form.BASIC && secret.indexOf(':') < 1) {
            throw new IllegalArgumentException("must be user:password");
        }
        String sent = form == Form.PLAIN ? secret.replaceAll("[\r\n]", "") : secret;
        if (sent.isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        return new Known(digest(sent.getBytes(UTF_8)), credential);
    }

    private record Known(byte[] digest, Credential credential) {}

    /** Of equal length, so a comparison does not tell how long a secret is either. */
    private static byte[] digest(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Compares what is sent with what is known, both hashed. */
    record Tokens(TokenScheme scheme, List<Known> known) implements Verifier {
        @Override
        public Verification verify(Request request, Instant now) {
            return verify(request, now, new Work());
        }

        Verification verify(Request request, Instant now, Work work) {
            if (!(request.header(scheme.header()) instanceof Request.Header.Value(String text))) {
                return request.header(scheme.header()) instanceof Request.Header.Unclear ? malformed() : missing();
            }
            if (text.isEmpty()) {
                return missing();
            }
            byte[] token = token(text, work);
            if (token.length == 0 || token.length > MAX_TOKEN) {
                return malformed();
            }
            byte[] given = digest(token);
            work.hashed(token.length);
            int right = -1;
            for (int i = 0; i < known.size(); i++) {
                Known candidate = known.get(i);
                if (candidate.credential().countsAt(now)) {
                    work.compared(candidate.digest(), given);
                    boolean is = MessageDigest.isEqual(candidate.digest(), given); // of all, so that none tells when
                    right = is && right < 0 ? i : right;
                }
            }
            return right >= 0
                    ? new Verification.Passed(right)
                    : new Verification.Refused(
                            Verification.Reason.WRONG, "what header " + scheme.header() + " says is wrong");
        }

        private byte[] token(String text, Work work) {
            work.steps(text.length());
            return switch (scheme.form()) {
                case PLAIN -> text.getBytes(UTF_8);
                case BEARER -> behind("bearer ", text).getBytes(UTF_8);
                case BASIC -> decoded(behind("basic ", text));
            };
        }

        private static String behind(String word, String text) {
            return text.regionMatches(true, 0, word, 0, word.length())
                    ? text.substring(word.length()).strip()
                    : "";
        }

        private static byte[] decoded(String base64) {
            try {
                return Base64.getDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                return new byte[0];
            }
        }

        private Verification missing() {
            return new Verification.Refused(
                    Verification.Reason.MISSING, "header " + scheme.header() + " is missing or empty");
        }

        private Verification malformed() {
            return new Verification.Refused(
                    Verification.Reason.MALFORMED, "header " + scheme.header() + " can't be read");
        }

        @Override
        public String toString() {
            return "Tokens[" + scheme + ", " + known.size() + " known]";
        }
    }

    @Override
    public String toString() {
        return "TokenScheme[" + header + ", " + form + "]";
    }
}
