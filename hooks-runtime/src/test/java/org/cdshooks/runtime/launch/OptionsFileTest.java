package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OptionsFileTest {
    @TempDir
    Path data;

    private record Type(String... options) implements HookType {
        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of(
                    "Sweet",
                    "Sweets.",
                    ConfigDef.of(Stream.of(options)
                            .map(name -> ConfigOption.string(name, "One."))
                            .toArray(ConfigOption<?>[]::new)));
        }

        @Override
        public Hook create(Task task, HookContext context) {
            throw new AssertionError("not asked for");
        }
    }

    private PluginRegistry started(String... options) {
        return OptionsFile.compare(data, PluginRegistry.of(List.of(new Type(options)), List.of()));
    }

    private static List<String> retired(PluginRegistry plugins) {
        return Stream.of("colour", "flavour", "never")
                .filter(name -> plugins.retired().has(plugins.hookTypes().getFirst(), name))
                .toList();
    }

    @Test
    void whatAnEarlierVersionHadAndThisOneLacksIsRetiredUntilItIsBack() {
        assertThat(retired(started("colour", "flavour"))).isEmpty();
        assertThat(retired(started("colour"))).containsExactly("flavour");
        assertThat(retired(started("colour"))).as("also at the start after").containsExactly("flavour");
        assertThat(retired(started("flavour"))).containsExactly("colour");
        assertThat(retired(started("colour", "flavour"))).isEmpty();
    }

    @Test
    void aFileThatCanNotBeReadIsMadeAnew() throws IOException {
        Files.writeString(data.resolve("plugin-options.json"), "no json");

        assertThat(retired(started("colour"))).isEmpty();
        assertThat(Files.readString(data.resolve("plugin-options.json"))).contains("colour");
    }
}
