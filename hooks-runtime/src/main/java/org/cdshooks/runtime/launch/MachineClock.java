package org.cdshooks.runtime.launch;

import java.time.Duration;
import java.time.InstantSource;

/** The clock of this machine. Tests of the running service turn it by a system property. */
final class MachineClock {
    /** By how much the clock is wrong, such as {@code PT10M}: so a test need not set the clock of a real machine. */
    private static final String OFFSET = "hooks.test.clockOffset";

    private MachineClock() {}

    static InstantSource get() {
        String offset = System.getProperty(OFFSET, "");
        return offset.isEmpty()
                ? InstantSource.system()
                : InstantSource.offset(InstantSource.system(), Duration.parse(offset));
    }
}
