package org.cdshooks.runtime.store;

/** What was done when a timer was to ring. */
public enum RingResult {
    /** What was asked for. */
    RUNG,
    /** The task was busy: what was to run is recorded as skipped; the next run waits. */
    SKIPPED,
    /** The task was busy: what was to run is forgotten; the next run waits. */
    MERGED,
    /** Nothing: the run does not wait any more, since another node rang it or the task was changed. */
    STALE
}
