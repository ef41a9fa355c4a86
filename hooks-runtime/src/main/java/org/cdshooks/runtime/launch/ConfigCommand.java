package org.cdshooks.runtime.launch;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.cdshooks.runtime.engine.TaskDefaults;
import org.cdshooks.runtime.plugin.PluginLoader;
import org.cdshooks.runtime.plugin.PluginRegistry;
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
        List<Settings.Entry> entries = shown(settings);
        int width = entries.stream()
                .mapToInt(entry -> entry.key().length() + entry.value().length() + 2)
                .max()
                .orElse(0);
        for (Settings.Entry entry : entries) {
            System.out.printf("%-" + width + "s  # %s%n", entry.key() + ": " + entry.value(), entry.origin());
        }
        System.out.printf(
                "# data directory:    %s%n# plugin directory:  %s%n", settings.dataDir(), settings.pluginsDir());
        return ExitCode.OK.code();
    }

    /** Shows those defaults of tasks that a plugin declares and that are no secrets. */
    private static List<Settings.Entry> shown(Settings settings) {
        if (settings.defaults().isEmpty()) {
            return settings.entries();
        }
        PluginRegistry plugins = PluginLoader.load(settings.pluginsDir());
        try {
            return settings.entries().stream()
                    .map(entry -> shown(entry, settings.defaults(), plugins))
                    .toList();
        } finally {
            plugins.stopAll();
        }
    }

    private static Settings.Entry shown(Settings.Entry entry, Map<String, String> defaults, PluginRegistry plugins) {
        if (!entry.key().startsWith(Settings.DEFAULTS_PREFIX)) {
            return entry;
        }
        String name = entry.key().substring(Settings.DEFAULTS_PREFIX.length());
        return TaskDefaults.isPublic(name, plugins)
                ? new Settings.Entry(entry.key(), defaults.getOrDefault(name, ""), entry.origin())
                : entry;
    }
}
