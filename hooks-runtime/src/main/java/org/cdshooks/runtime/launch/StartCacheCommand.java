package org.cdshooks.runtime.launch;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the start-up cache. */
@Command(
        name = "start-cache",
        description = "Makes the start-up cache now, anew; serve makes it by itself if it is missing (startCache).")
final class StartCacheCommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    @Option(
            names = "--train",
            hidden = true,
            description = "Does what a service does at its start, for the JVM to record.")
    boolean train;

    @Override
    public Integer call() throws Exception {
        if (train) {
            TrainingRun.run();
        } else {
            System.err.println(
                    "hooks: making a start-up cache for Java " + Runtime.version() + "; this takes some 15 seconds");
            StartCache.of(Home.detect()).make(false);
        }
        return ExitCode.OK.code();
    }
}
