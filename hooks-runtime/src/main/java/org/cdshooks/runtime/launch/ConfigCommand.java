package org.cdshooks.runtime.launch;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the effective configuration. */
@Command(
        name = "config",
        subcommands = ConvertCommand.class,
        description = "Prints the configuration in force, and where each value came from.")
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--reference", description = "Prints the reference of all keys instead, as Markdown.")
    boolean reference;

    @Override
    public Integer call() {
        if (reference) {
            System.out.print(SettingsReference.markdown());
            return ExitCode.OK.code();
        }
        Settings settings = common.load(Home.detect(), Map.of());
        int width = settings.entries().stream()
                .mapToInt(entry -> entry.key().length() + entry.value().length() + 2)
                .max()
                .orElse(0);
        for (Settings.Entry entry : settings.entries()) {
            System.out.printf("%-" + width + "s  # %s%n", entry.key() + ": " + entry.value(), entry.origin());
        }
        System.out.printf(
                "# data directory:    %s%n# plugin directory:  %s%n", settings.dataDir(), settings.pluginsDir());
        return ExitCode.OK.code();
    }
}
