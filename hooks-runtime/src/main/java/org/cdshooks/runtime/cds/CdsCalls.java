package org.cdshooks.runtime.cds;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.cdshooks.api.TaskId;

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

    /** Returns who decides when it is final that the API knows no hook of a task. */
    MissingHooks missingHooks();

    /** Returns the revision of a task as it is now; empty if there is no such task. */
    OptionalLong revision(TaskId task);

    /**
     * Suspends a task whose hook the API does not know any more, soon, unless the task has changed meanwhile.
     *
     * @param revision the revision that the API was asked for
     * @param reason what the API said
     */
    void suspend(TaskId task, long revision, String reason);

    /** Registers soon, since the API does not know this service any more. */
    void registerAnew();
}
