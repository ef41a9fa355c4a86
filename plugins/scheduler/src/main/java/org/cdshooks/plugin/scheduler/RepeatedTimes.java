package org.cdshooks.plugin.scheduler;

/** What becomes of local times that exist twice, because clocks were set back. See {@link CronSchedule}. */
enum RepeatedTimes {
    /** Once: where CDS has always fired. */
    CDS,
    /** At the first; if the hour field is a rhythm, at both, so that it keeps its pace. */
    ELAPSED
}
