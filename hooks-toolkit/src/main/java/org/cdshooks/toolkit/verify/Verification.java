package org.cdshooks.toolkit.verify;

/** What a verifier says of a request. */
public sealed interface Verification {
    /**
     * The request is from somebody who knows one of the secrets.
     *
     * @param secret which one, counted from 0 in the order in which the verifier was given them
     */
    record Passed(int secret) implements Verification {}

    /**
     * The request is not to be believed.
     *
     * @param reason which kind of failure it is
     * @param words what is wrong, for the sender: nothing about any secret, and nothing that the request says
     */
    record Refused(Reason reason, String words) implements Verification {}

    /** Kinds of failure. */
    enum Reason {
        /** What would prove the sender is not there, or it is empty. */
        MISSING,
        /** It is there and can't be read. */
        MALFORMED,
        /** It is too old, or of the future. */
        STALE,
        /** It can be read and is wrong. */
        WRONG
    }

    /**
     * Tells whether the request is to be believed.
     *
     * @return true if it is
     */
    default boolean passed() {
        return this instanceof Passed;
    }
}
