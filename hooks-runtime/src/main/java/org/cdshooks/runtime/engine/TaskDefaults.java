package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Names;
import org.cdshooks.runtime.plugin.PluginRegistry;

/**
 * The values that an operator gives to options that tasks leave out. The environment has no dots and no small letters, so
 * {@code FILTER_SKIPCI} has to find {@code filter.skipCi} among the options that are there.
 */
public final class TaskDefaults {
    private TaskDefaults() {}

    /** Names each value as its option is declared; what no hook type, sink or the service declares is told and kept. */
    public static Map<String, String> resolve(
            Map<String, String> given, PluginRegistry plugins, Consumer<String> warnings) {
        Set<String> declared = declared(plugins);
        Map<String, String> bySpelling = new TreeMap<>();
        declared.forEach(name -> bySpelling.putIfAbsent(spelling(name), name));
        Map<String, String> resolved = new TreeMap<>();
        given.forEach((name, value) -> {
            Optional<String> meant =
                    declared.contains(name) ? Optional.of(name) : Optional.ofNullable(bySpelling.get(spelling(name)));
            if (meant.isEmpty()) {
                warnings.accept("defaults." + name + " has no effect: no hook type, no sink and not the service has an "
                        + "option '" + name + "'"
                        + Names.nearest(name, declared)
                                .map(near -> "; did you mean 'defaults." + near + "'?")
                                .orElse(""));
            }
            String key = meant.orElse(name);
            if (key.equals(name)) {
                resolved.put(key, value);
            } else {
                resolved.putIfAbsent(key, value); // whoever writes the name as it is declared is stronger
            }
        });
        return resolved;
    }

    /** Tells whether the value of an option may be shown: the option is declared, and nobody declares it as a secret. */
    public static boolean isPublic(String name, PluginRegistry plugins) {
        List<ConfigOption<?>> meant = definitions(plugins)
                .flatMap(definition -> definition.options().stream())
                .filter(option -> spelling(option.name()).equals(spelling(name)))
                .toList();
        return !meant.isEmpty() && meant.stream().noneMatch(option -> option.kind() == ConfigOption.Kind.SECRET);
    }

    private static Set<String> declared(PluginRegistry plugins) {
        return definitions(plugins)
                .flatMap(definition -> definition.options().stream())
                .map(ConfigOption::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<ConfigDef> definitions(PluginRegistry plugins) {
        return Stream.of(
                        Stream.of(ServiceOptions.DEFINITION),
                        plugins.hookTypes().stream()
                                .map(type -> type.read(HookType::descriptor).config()),
                        plugins.sinks().stream()
                                .map(sink -> sink.read(EventSink::descriptor).config()))
                .flatMap(definitions -> definitions);
    }

    private static String spelling(String name) {
        return name.replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
    }
}
