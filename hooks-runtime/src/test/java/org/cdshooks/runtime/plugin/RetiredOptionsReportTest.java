package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.HookType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetiredOptionsReportTest {
    @TempDir
    Path plugins;

    @Test
    void theLineOfThePluginWarnsAndThePluginStaysReady() {
        PluginJar.named("sweets.jar")
                .metadata("sweets", "1")
                .hookType("sweets.Sweet", "Sweet", "")
                .in(plugins);
        PluginRegistry registry = PluginLoader.load(plugins).after(Map.of("Sweet", Set.of("flavour")));
        Loaded<HookType> sweet = registry.hookType("Sweet").orElseThrow();
        try {
            assertThat(registry.retired().has(sweet, "flavour")).isTrue();
            assertThat(warnings(registry)).isEmpty();

            registry.retired().found(sweet, "flavour", "task-1");
            registry.retired().found(sweet, "flavour", "task-2");

            assertThat(warnings(registry))
                    .containsExactly(
                            "hook type 'Sweet' has no option 'flavour' any more; tasks that still have it, such as"
                                    + " task-1, keep the value without effect: change these tasks or go back to the plugin's"
                                    + " earlier version");
            assertThat(registry.report().plugins()).allMatch(PluginReport.Line::isReady);
        } finally {
            registry.stopAll();
        }
    }

    private static List<String> warnings(PluginRegistry registry) {
        return registry.report().plugins().stream()
                .filter(line -> line.hookTypes().contains("Sweet"))
                .flatMap(line -> line.warnings().stream())
                .toList();
    }
}
