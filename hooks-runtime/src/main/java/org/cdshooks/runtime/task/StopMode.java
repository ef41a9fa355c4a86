package org.cdshooks.runtime.task;

/** What becomes of a stopped task's requests and of what it has accepted. */
public enum StopMode {
    /** Requests are stored; they and what was accepted before end as skipped. */
    STOP,
    /** Requests are refused; what was accepted before ends as skipped. */
    DISABLE,
    /** Requests are refused; what was accepted before is executed. */
    DRAIN
}
