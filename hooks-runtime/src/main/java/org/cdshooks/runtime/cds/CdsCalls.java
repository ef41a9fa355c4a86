package org.cdshooks.runtime.cds;

import java.time.Duration;
import java.util.Optional;

/** What the sink needs of the installation. Thread-safe. */
interface CdsCalls {
    /** Returns the API. */
    CdsApi api();

    /** Returns how long one call may take. */
    Duration timeout();

    /** Tells whether this process has registered: before that the API does not know who calls. */
    boolean hasRegistered();

    /** Tells why the API does not answer heartbeats now; empty if it does. */
    Optional<String> problem();

    /** Registers soon, since the API does not know this service any more. */
    void registerAnew();
}
