package org.cdshooks.toolkit.verify;

import java.time.Instant;

/** Tells whether requests come from who knows a secret. Immutable and safe for use by several threads. */
@FunctionalInterface
public interface Verifier {
    /**
     * Looks at one request. Never throws for what a request holds, takes time linear in its length, and how long it takes
     * does not depend on how much of a wrong proof is right.
     *
     * @param request the request
     * @param now the time, for proofs that grow old and for secrets that end
     * @return whether it is to be believed
     */
    Verification verify(Request request, Instant now);
}
