package org.cdshooks.runtime.store;

import java.util.function.LongConsumer;

/**
 * Runs something random for many seeds. {@code -Dsimulation.seeds=10000} runs so many instead of the usual number, {@code
 * -Dsimulation.seed=17} that one alone.
 */
public final class Seeds {
    private Seeds() {}

    /**
     * Runs all seeds, until one fails.
     *
     * @param test who runs them, and how the failed one is run again
     * @throws AssertionError if one fails; it shows the command that repeats it
     */
    public static void run(Class<?> test, String method, int usually, LongConsumer run) {
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? 0 : only;
        long count = only == null ? Integer.getInteger("simulation.seeds", usually) : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                run.accept(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + " fails: " + e.getMessage()
                                + "\nRun it again:\n  ./mvnw -q -pl hooks-runtime -am"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest='" + test.getSimpleName() + "#"
                                + method + "' -Dsimulation.seed=" + seed + " package\n",
                        e);
            }
        }
    }
}
