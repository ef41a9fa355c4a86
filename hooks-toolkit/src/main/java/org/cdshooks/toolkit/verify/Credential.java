package org.cdshooks.toolkit.verify;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/** A secret that senders prove to know, and until when it counts. Never shown by {@code toString}. */
public final class Credential {
    private final String secret;
    private final Optional<Instant> until;

    private Credential(String secret, Optional<Instant> until) {
        if (requireNonNull(secret, "secret").isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        this.secret = secret;
        this.until = until;
    }

    /**
     * Makes a secret that does not end.
     *
     * @param secret as both sides have it
     * @return a credential
     * @throws IllegalArgumentException if it is empty
     */
    public static Credential of(String secret) {
        return new Credential(secret, Optional.empty());
    }

    /**
     * Lets it end, as the old secret of a rotation does.
     *
     * @param end from then on it is worth nothing
     * @return a copy that ends
     */
    public Credential until(Instant end) {
        return new Credential(secret, Optional.of(end));
    }

    String secret() {
        return secret;
    }

    boolean countsAt(Instant now) {
        return until.isEmpty() || now.isBefore(until.get());
    }

    @Override
    public String toString() {
        return "Credential[**********" + until.map(end -> ", until " + end).orElse("") + "]";
    }
}
