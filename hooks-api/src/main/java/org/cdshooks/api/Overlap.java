package org.cdshooks.api;

/** What becomes of a run of a timer that is due while an earlier execution of the task is unfinished. */
public enum Overlap {
    /** It does not run, and is recorded as skipped with that reason. */
    SKIP,
    /** It runs beside the earlier one. */
    ALLOW,
    /**
     * It does not run and is recorded nowhere, since the earlier one does its work: for hooks that ask what has happened since
     * they asked last. Runs that were missed are merged into one, too.
     */
    MERGE
}
