package org.cdshooks.runtime.plugin;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.cdshooks.api.HookType;
import org.cdshooks.api.config.ConfigOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options that a hook type had in an earlier version of its plugin and has no more. A stored task may still have one,
 * and the value then has no effect, which the operator learns from the log and the report of plugins.
 */
public final class RetiredOptions {
    private static final Logger LOG = LoggerFactory.getLogger(RetiredOptions.class);

    private final Map<String, Set<String>> byType;
    private final Map<Found, String> found = new ConcurrentHashMap<>();

    private record Found(String plugin, String type, String option) {}

    private RetiredOptions(Map<String, Set<String>> byType) {
        this.byType = byType;
    }

    static RetiredOptions none() {
        return new RetiredOptions(Map.of());
    }

    /** Compares the options that hook types had with those that they have. */
    static RetiredOptions between(Map<String, Set<String>> earlier, Iterable<Loaded<HookType>> types) {
        Map<String, Set<String>> retired = new HashMap<>();
        for (Loaded<HookType> type : types) {
            Set<String> gone = new TreeSet<>(earlier.getOrDefault(type.name(), Set.of()));
            gone.removeAll(declared(type));
            if (!gone.isEmpty()) {
                retired.put(type.name(), Set.copyOf(gone));
            }
        }
        return new RetiredOptions(Map.copyOf(retired));
    }

    static Set<String> declared(Loaded<HookType> type) {
        Set<String> names = new TreeSet<>();
        type.read(HookType::descriptor).config().options().stream()
                .map(ConfigOption::name)
                .forEach(names::add);
        return names;
    }

    /** Tells whether a type had an option once and has it no more. */
    public boolean has(Loaded<HookType> type, String option) {
        return byType.getOrDefault(type.name(), Set.of()).contains(option);
    }

    /** Notes that a stored task has such an option. The first task of each type and option is a line in the log. */
    public void found(Loaded<HookType> type, String option, String task) {
        Found key = new Found(type.door().plugin(), type.name(), option);
        if (found.putIfAbsent(key, task) == null) {
            LOG.warn("Plugin '{}': {}", key.plugin(), words(key, task));
        }
    }

    private static String words(Found key, String task) {
        return "hook type '" + key.type() + "' has no option '" + key.option()
                + "' any more; tasks that still have it, such as " + task
                + ", keep the value without effect: change these tasks or go back to the plugin's earlier version";
    }

    PluginReport addTo(PluginReport report) {
        PluginReport now = report;
        for (Map.Entry<Found, String> each : found.entrySet()) {
            now = now.withWarning(each.getKey().plugin(), words(each.getKey(), each.getValue()));
        }
        return now;
    }
}
