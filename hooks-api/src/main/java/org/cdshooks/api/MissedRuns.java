package org.cdshooks.api;

/** What becomes of the runs of a timer whose time passed while no node was up to ring it. */
public enum MissedRuns {
    /** The newest missed one runs, once; the others are recorded as missed. */
    LAST,
    /** None runs; each gap is recorded with its reason. */
    NONE,
    /**
     * All run, oldest first: at most the newest 100, and none older than 24 hours; what is beyond is recorded as missed.
     * {@link Overlap#SKIP} does not apply among them.
     */
    ALL
}
