package org.cdshooks.distribution;

import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** How the clock of a process is set that follows a killed one. */
enum Clocks {
    /** As that of this machine. */
    RIGHT,
    /** Ahead or behind by up to ten minutes, each time by another span. */
    SET_ANEW;

    private static final int MOST_SECONDS = 600;

    /** The settings of the next process. */
    Map<String, String> next(Random random) {
        return switch (this) {
            case RIGHT -> Map.of();
            case SET_ANEW ->
                Map.of(
                        "HOOKS_JAVA_OPTS",
                        "-Dhooks.test.clockOffset="
                                + Duration.ofSeconds(random.nextInt(2 * MOST_SECONDS + 1) - MOST_SECONDS));
        };
    }
}
