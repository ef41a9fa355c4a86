package org.cdshooks.runtime.launch;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the version. */
@Command(name = "version", description = "Prints the version of the service and of Java.")
final class VersionCommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    @Override
    public Integer call() {
        System.out.println("hooks " + Version.current() + " (plugin API 1, Java " + Runtime.version() + ")");
        return ExitCode.OK.code();
    }
}
