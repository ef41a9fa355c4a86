package org.cdshooks.api;

/** What becomes of a run of a timer that is due while an earlier execution of the task is unfinished. */
public enum Overlap {
    /** It does not run, and is recorded as skipped with that reason. */
    SKIP,
    /** It runs beside the earlier one. */
    ALLOW
}
