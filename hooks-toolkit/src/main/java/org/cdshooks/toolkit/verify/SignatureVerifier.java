package org.cdshooks.toolkit.verify;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks signatures by a scheme. */
final class SignatureVerifier implements Verifier {
    private static final int MAX_ID = 512;
    private static final int MAX_TIME = 40;
    private static final int MAX_TIME_DIGITS = 12;

    private final SignatureScheme scheme;
    private final List<Key> keys;

    private record Key(SignatureKey key, Credential credential) {}

    private SignatureVerifier(SignatureScheme scheme, List<Key> keys) {
        this.scheme = scheme;
        this.keys = keys;
    }

    static SignatureVerifier of(SignatureScheme scheme, List<Credential> credentials) {
        if (credentials.isEmpty()) {
            throw new IllegalArgumentException("is missing");
        }
        List<Key> keys = credentials.stream()
                .map(credential -> new Key(scheme.keyForm().key(credential.secret(), scheme.algorithm()), credential))
                .toList();
        return new SignatureVerifier(scheme, keys);
    }

    @Override
    public Verification verify(Request request, Instant now) {
        return verify(request, now, new Work());
    }

    Verification verify(Request request, Instant now, Work work) {
        try {
            return look(request, now, work);
        } catch (RefusedException e) {
            return e.refused;
        }
    }

    private Verification look(Request request, Instant now, Work work) throws RefusedException {
        SignatureScheme.Headers names = scheme.headers().stream()
                .filter(set -> !(request.header(set.signature()) instanceof Request.Header.Missing))
                .findFirst()
                .orElse(scheme.headers().getFirst());
        String text = value(request, names.signature());
        List<Key> counting =
                keys.stream().filter(key -> key.credential().countsAt(now)).toList();
        List<Candidates> candidates = new ArrayList<>();
        Optional<String> timeBeside = Optional.empty();
        int found = 0;
        for (Key key : counting) {
            SignatureFormat.Found parsed = scheme.format()
                    .parse(text, key.key().algorithm(), work)
                    .orElseThrow(() -> malformed(names.signature()));
            List<byte[]> signatures = decoded(parsed.signatures(), key.key().algorithm(), work);
            candidates.add(new Candidates(keys.indexOf(key), key.key(), signatures));
            timeBeside = parsed.time();
            found += signatures.size();
        }
        if (!counting.isEmpty() && found == 0) {
            throw malformed(names.signature());
        }
        String time = "";
        if (scheme.hasTime()) {
            time = names.time().isPresent() ? value(request, names.time().get()) : timeBeside.orElse("");
            checkTime(time, now, names.time().orElse(names.signature()));
        }
        String id = names.id().isPresent() ? id(request, names.id().get()) : "";
        List<byte[]> content = scheme.content()
                .fill(request, id, time, work)
                .orElseThrow(() -> new RefusedException(
                        Verification.Reason.MALFORMED, "the form must have the field payload, and no other"));
        int right = -1;
        for (Candidates tried : candidates) {
            boolean is =
                    tried.key().signs(content, tried.signatures(), work); // all, so that none tells when it was right
            right = is && right < 0 ? tried.secret() : right;
        }
        return right >= 0
                ? new Verification.Passed(right)
                : new Verification.Refused(Verification.Reason.WRONG, "the signature is wrong");
    }

    private record Candidates(int secret, SignatureKey key, List<byte[]> signatures) {}

    /** What has another length is no signature: that tells nothing, since everybody knows how long they are. */
    private List<byte[]> decoded(List<String> texts, Algorithm algorithm, Work work) {
        List<byte[]> signatures = new ArrayList<>();
        for (String text : texts) {
            if (text.length() <= scheme.encoding().characters(algorithm.length())) {
                work.steps(text.length());
                scheme.encoding()
                        .decode(text)
                        .filter(bytes -> bytes.length == algorithm.length())
                        .ifPresent(signatures::add);
            }
        }
        return signatures;
    }

    private void checkTime(String text, Instant now, String header) throws RefusedException {
        Instant time = time(text)
                .orElseThrow(() -> new RefusedException(
                        text.isEmpty() ? Verification.Reason.MISSING : Verification.Reason.MALFORMED,
                        "the time in " + header + " is " + (text.isEmpty() ? "missing" : "no time")));
        Duration distance = Duration.between(time, now).abs();
        if (distance.compareTo(scheme.tolerance()) > 0) {
            throw new RefusedException(
                    Verification.Reason.STALE,
                    "the time in " + header + " is more than "
                            + scheme.tolerance().toSeconds() + " s from the time here");
        }
    }

    /** Reads seconds since 1970, or a time such as 2026-01-31T12:00:00Z. */
    private static Optional<Instant> time(String text) {
        if (text.isEmpty() || text.length() > MAX_TIME) {
            return Optional.empty();
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return text.length() <= MAX_TIME_DIGITS
                    ? Optional.of(Instant.ofEpochSecond(Long.parseLong(text)))
                    : Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String id(Request request, String header) throws RefusedException {
        String id = value(request, header);
        if (id.length() > MAX_ID || id.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw malformed(header);
        }
        return id;
    }

    /** Returns what a header says; an empty one says nothing. */
    private static String value(Request request, String header) throws RefusedException {
        return switch (request.header(header)) {
            case Request.Header.Value(String text) when !text.isEmpty() -> text;
            case Request.Header.Value empty -> throw missing(header);
            case Request.Header.Missing missing -> throw missing(header);
            case Request.Header.Unclear unclear -> throw malformed(header);
        };
    }

    private static RefusedException missing(String header) {
        return new RefusedException(Verification.Reason.MISSING, "header " + header + " is missing or empty");
    }

    private static RefusedException malformed(String header) {
        return new RefusedException(
                Verification.Reason.MALFORMED, "header " + header + " has no signature that can be read");
    }

    /** Ends the look at a request early. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Verification.Refused refused;

        RefusedException(Verification.Reason reason, String words) {
            super(words, null, false, false);
            refused = new Verification.Refused(reason, words);
        }
    }
}
