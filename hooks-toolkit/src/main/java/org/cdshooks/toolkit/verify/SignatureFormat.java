package org.cdshooks.toolkit.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How signatures stand in their header. */
public sealed interface SignatureFormat {
    /** How many signatures of one request are tried at most. */
    int MAX_SIGNATURES = 10;

    /** The signature and nothing else. */
    record Plain() implements SignatureFormat {}

    /**
     * A prefix that says which algorithm or version it is, such as {@code sha256=}, and the signature. Another prefix is no
     * signature: who sends {@code sha1=} where {@code sha256=} is wanted is refused.
     *
     * @param prefix not empty
     */
    record Prefixed(String prefix) implements SignatureFormat {}

    /**
     * Keys and values, such as {@code t=1700000000,v1=…,v1=…}. Other keys are passed over, so an older version is no way
     * in.
     *
     * @param timeKey the key of the time, which has to be there once
     * @param signatureKey the key of a signature
     */
    record KeyValues(String timeKey, String signatureKey) implements SignatureFormat {}

    /**
     * Signatures parted by spaces, each with a version and a comma before it: {@code v1,… v1a,…}. Those made with ed25519
     * have the version with an {@code a} behind it.
     *
     * @param version such as {@code v1}
     */
    record SpacedList(String version) implements SignatureFormat {}

    /**
     * What was found.
     *
     * @param signatures not decoded, at most {@value #MAX_SIGNATURES}
     * @param time the time, if it stands beside them
     */
    record Found(List<String> signatures, Optional<String> time) {}

    /** Reads the signatures of one algorithm; empty if the text makes no sense. Never throws. */
    default Optional<Found> parse(String text, Algorithm algorithm, Work work) {
        work.steps(text.length());
        return switch (this) {
            case Plain() -> Optional.of(new Found(List.of(text), Optional.empty()));
            case Prefixed(String prefix) ->
                text.startsWith(prefix)
                        ? Optional.of(new Found(List.of(text.substring(prefix.length())), Optional.empty()))
                        : Optional.empty();
            case KeyValues(String timeKey, String signatureKey) -> keyValues(text, timeKey, signatureKey);
            case SpacedList(String version) ->
                Optional.of(spaced(text, version + (algorithm == Algorithm.ED25519 ? "a," : ",")));
        };
    }

    private static Optional<Found> keyValues(String text, String timeKey, String signatureKey) {
        List<String> signatures = new ArrayList<>();
        Optional<String> time = Optional.empty();
        int start = 0;
        while (start <= text.length()) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            String pair = text.substring(start, end).strip();
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if (key.equals(timeKey)) {
                if (time.isPresent()) {
                    return Optional.empty();
                }
                time = Optional.of(value);
            } else if (key.equals(signatureKey) && signatures.size() < MAX_SIGNATURES) {
                signatures.add(value);
            }
            start = end + 1;
        }
        return Optional.of(new Found(signatures, time));
    }

    private static Found spaced(String text, String prefix) {
        List<String> signatures = new ArrayList<>();
        int start = 0;
        while (start <= text.length() && signatures.size() < MAX_SIGNATURES) {
            int space = text.indexOf(' ', start);
            int end = space < 0 ? text.length() : space;
            if (text.startsWith(prefix, start) && start + prefix.length() <= end) {
                signatures.add(text.substring(start + prefix.length(), end));
            }
            start = end + 1;
        }
        return new Found(signatures, Optional.empty());
    }
}
