package org.cdshooks.plugin.scheduler;

import java.util.Locale;

/** What becomes of local times that exist twice, because clocks were set back. See {@link CronSchedule}. */
enum RepeatedTimes {
    /** Once: where CDS has always fired. */
    CDS,
    /** At the first; if the hour field is a rhythm, at both, so that it keeps its pace. */
    ELAPSED;

    /** Returns the value for a {@link #word}. */
    static RepeatedTimes of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** Returns how the option {@code dst} writes this value. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
