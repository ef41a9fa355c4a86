package org.cdshooks.runtime.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Runs something random for many seeds. {@code -Dsimulation.seeds=10000} runs so many instead of the usual number, {@code
 * -Dsimulation.seed=17} that one alone. {@code -Dsimulation.first=} is the first seed, {@code -Dsimulation.seconds=} ends it
 * when the time is over, and {@code -Dsimulation.report=} names a file that gets one line for each method: its name, how
 * many seeds were run, and those that failed.
 */
public final class Seeds {
    /** With a report, so many failures are gathered; more of them rarely tell more. */
    private static final int MOST_FAILURES = 10;

    private Seeds() {}

    /**
     * Runs all seeds, until one fails, or ten if there is a report.
     *
     * @param test who runs them, and how the failed one is run again
     * @throws AssertionError if one fails; it shows the command that repeats it
     */
    public static void run(Class<?> test, String method, int usually, LongConsumer run) {
        Optional<Path> report =
                Optional.ofNullable(System.getProperty("simulation.report")).map(Path::of);
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? Long.getLong("simulation.first", 0) : only;
        long count = only == null ? Integer.getInteger("simulation.seeds", usually) : 1;
        long limit = Duration.ofSeconds(Integer.getInteger("simulation.seconds", Integer.MAX_VALUE))
                .toNanos();
        long began = System.nanoTime();
        long seed = first;
        List<Long> failed = new ArrayList<>();
        AssertionError failure = null;
        while (seed < first + count
                && System.nanoTime() - began < limit
                && failed.size() < (report.isPresent() ? MOST_FAILURES : 1)) {
            try {
                run.accept(seed);
            } catch (RuntimeException | AssertionError e) {
                failed.add(seed);
                failure = failure == null ? failure(test, method, seed, e) : failure;
            }
            seed++;
        }
        String line = test.getName() + " " + method + " " + (seed - first) + " "
                + failed.stream().map(String::valueOf).collect(Collectors.joining(","));
        report.ifPresent(file -> append(file, line));
        if (failure != null) {
            throw failure;
        }
    }

    private static AssertionError failure(Class<?> test, String method, long seed, Throwable e) {
        return new AssertionError(
                "seed " + seed + " fails: " + e.getMessage()
                        + "\nRun it again:\n  ./mvnw -q -pl hooks-runtime -am"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest='" + test.getSimpleName() + "#"
                        + method + "' -Dsimulation.seed=" + seed + " package\n",
                e);
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
