package org.cdshooks.toolkit.verify;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How somebody signs requests, said and not programmed. Immutable; each method that changes something returns a copy.
 *
 * @param headers in which headers it stands; of several sets the first whose signature header is there counts, alone
 * @param format how signatures stand in their header
 * @param encoding how their bytes are written
 * @param algorithm how they are made
 * @param keyForm how the key is made of the secret
 * @param content what is signed
 * @param tolerance how far the signed time may be from now, before and after; counts if there is a time
 */
public record SignatureScheme(
        List<Headers> headers,
        SignatureFormat format,
        Encoding encoding,
        Algorithm algorithm,
        KeyForm keyForm,
        ContentTemplate content,
        Duration tolerance) {
    /** What the libraries of Standard Webhooks, Stripe and Slack take. */
    public static final Duration USUAL_TOLERANCE = Duration.ofMinutes(5);

    /**
     * The names of headers that belong together, in lower case.
     *
     * @param signature where the signature is
     * @param time where the time is, if it has a header
     * @param id where the id of the message is, if it is signed
     */
    public record Headers(String signature, Optional<String> time, Optional<String> id) {
        /** Takes names in any case. */
        public Headers {
            signature = signature.toLowerCase(Locale.ROOT);
            time = time.map(name -> name.toLowerCase(Locale.ROOT));
            id = id.map(name -> name.toLowerCase(Locale.ROOT));
        }
    }

    /**
     * Checks that the parts fit.
     *
     * @throws IllegalArgumentException if a time or an id is signed that stands nowhere, or stands somewhere and is not
     *     signed; the message is for the author of the scheme
     */
    public SignatureScheme {
        headers = List.copyOf(headers);
        requireNonNull(tolerance, "tolerance");
        if (headers.isEmpty()) {
            throw new IllegalArgumentException("no header is said to have the signature");
        }
        boolean timeBeside = format instanceof SignatureFormat.KeyValues;
        for (Headers names : headers) {
            if (timeBeside && names.time().isPresent()) {
                throw new IllegalArgumentException("the time can't be both in a header and beside the signature");
            }
            if (content.hasTime() != (timeBeside || names.time().isPresent())) {
                throw new IllegalArgumentException(
                        content.hasTime()
                                ? "the time {ts} is signed, and no header is said to have it"
                                : "there is a time that is not signed, so anybody can set it: put {ts} into the content");
            }
            if (content.hasId() != names.id().isPresent()) {
                throw new IllegalArgumentException(
                        content.hasId()
                                ? "the id {id} is signed, and no header is said to have it"
                                : "there is an id that is not signed, so anybody can set it: put {id} into the content");
            }
        }
        if (tolerance.isNegative() || tolerance.isZero()) {
            throw new IllegalArgumentException("the tolerance must be more than 0s");
        }
    }

    /**
     * Begins with the most frequent way: HMAC-SHA256 over the body, the secret's UTF-8 as the key.
     *
     * @param header where the signature is
     * @param format how it stands there
     * @param encoding how its bytes are written
     * @return a scheme
     */
    public static SignatureScheme ofBody(String header, SignatureFormat format, Encoding encoding) {
        return new SignatureScheme(
                List.of(new Headers(header, Optional.empty(), Optional.empty())),
                format,
                encoding,
                Algorithm.HMAC_SHA256,
                new KeyForm.Utf8(),
                ContentTemplate.of("{body}"),
                USUAL_TOLERANCE);
    }

    /**
     * Changes how far the time may be from now.
     *
     * @param newTolerance more than nothing
     * @return a copy
     */
    public SignatureScheme tolerance(Duration newTolerance) {
        return new SignatureScheme(headers, format, encoding, algorithm, keyForm, content, newTolerance);
    }

    /**
     * Tells whether requests grow old.
     *
     * @return true if their time is signed
     */
    public boolean hasTime() {
        return content.hasTime();
    }

    /**
     * Makes a verifier.
     *
     * @param credentials the secrets, any of which is enough
     * @return a verifier
     * @throws IllegalArgumentException if there is none, or one is no key; the message goes on after the option's name
     */
    public Verifier verifier(List<Credential> credentials) {
        return SignatureVerifier.of(this, credentials);
    }
}
