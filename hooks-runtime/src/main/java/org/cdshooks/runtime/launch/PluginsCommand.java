package org.cdshooks.runtime.launch;

import java.util.Map;
import java.util.concurrent.Callable;
import org.cdshooks.runtime.plugin.PluginLoader;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.plugin.PluginReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what is in the plugin directory, without starting anything. */
@Command(
        name = "plugins",
        description = "Tells what is in the plugin directory and whether it loads; exit code 1 if something does not.")
final class PluginsCommand implements Callable<Integer> {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        Settings settings = common.load(Home.detect(), Map.of());
        Logging.apply("error", "text"); // the report says it all
        PluginRegistry registry = PluginLoader.load(settings.pluginsDir());
        try {
            System.out.print(registry.report().render());
            boolean ready = registry.report().plugins().stream().allMatch(PluginReport.Line::isReady);
            return ready ? ExitCode.OK.code() : ExitCode.FAILURE.code();
        } finally {
            registry.stopAll();
        }
    }
}
