package org.cdshooks.runtime.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookType;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.HookConfig;

/** What the tests of this package do again and again. */
final class Plugins {
    static final HookConfig NO_OPTIONS = ConfigDef.of().parse(Map.of());

    static final NodeContext NODE = new NodeContext() {
        @Override
        public InstantSource clock() {
            return InstantSource.system();
        }

        @Override
        public <S> Optional<S> service(Class<S> type) {
            return Optional.empty();
        }
    };

    private Plugins() {}

    static PluginReport.Line line(PluginRegistry registry, String name) {
        List<PluginReport.Line> lines = registry.report().plugins().stream()
                .filter(line -> line.name().equals(name))
                .toList();
        if (lines.size() != 1) {
            throw new AssertionError(
                    "not one line for '" + name + "' in\n" + registry.report().render());
        }
        return lines.getFirst();
    }

    /** What a {@link PluginJar#probe} answers. */
    static String ask(PluginRegistry registry, String typeName) throws Exception {
        Loaded<HookType> type = registry.hookType(typeName)
                .orElseThrow(() -> new AssertionError(
                        "no '" + typeName + "' in\n" + registry.report().render()));
        return type.call(each -> each.validate(NO_OPTIONS)).getFirst().message();
    }

    static ClassLoader loaderOf(PluginRegistry registry, String typeName) {
        Described.Type type =
                (Described.Type) registry.hookType(typeName).orElseThrow().instance();
        return type.type().getClass().getClassLoader();
    }

    static PluginRegistry loadWithLimit(Path plugins, Duration limit) {
        return PluginLoader.load(plugins, List.of(), Plugins.class.getClassLoader(), limit);
    }
}
