package org.cdshooks.runtime.launch;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that commands share, and how settings come of them. */
final class CommonOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Configuration; without it conf/hooks.yaml is read.")
    @Nullable
    Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Directory of the data (data.dir).")
    @Nullable
    String data;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    /** Loads the settings with what the command line says; warnings go to standard error. */
    Settings load(Home home, Map<String, Map.Entry<String, String>> more) {
        Map<String, Map.Entry<String, String>> commandLine = new TreeMap<>(more);
        if (data != null) {
            commandLine.put(Settings.DATA_DIR.name(), Map.entry("option --data", data));
        }
        return new SettingsLoader(
                        home.home(), home.base(), System.getenv(), warning -> System.err.println("hooks: " + warning))
                .load(Optional.ofNullable(config), commandLine);
    }
}
