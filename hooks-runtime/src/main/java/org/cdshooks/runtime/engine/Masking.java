package org.cdshooks.runtime.engine;

import static org.cdshooks.runtime.engine.CredentialHeaders.MASK;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.filter.EventRules;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * Keeps secrets out of what is shown, and takes a shown config back. Secret is what the hook type or the sink declares as
 * such, and what nobody declares and is named like one, since a misspelt secret lands there. While the plugin that would
 * know is away, all that it could know is secret.
 */
final class Masking {
    private final Supplier<PluginRegistry> plugins;
    private final EngineConfig node;
    private final Seal seal;

    Masking(Supplier<PluginRegistry> plugins, EngineConfig node, Seal seal) {
        this.plugins = plugins;
        this.node = node;
        this.seal = seal;
    }

    /** Returns a task as it is to be stored: with its secrets sealed, if it can be told which these are. */
    TaskRecord sealed(TaskRecord task) {
        return unserved(task).isPresent() ? task : seal.seal(task, secrets(task.type(), task.config()));
    }

    /** Tells whether two configs of a task say the same, sealed or not. */
    boolean isSame(TaskId id, Map<String, ConfigValue> one, Map<String, ConfigValue> other) {
        return opened(id, one, new ArrayList<>()).equals(opened(id, other, new ArrayList<>()));
    }

    /** Opens what can be opened of a task. */
    TaskRecord opened(TaskRecord task) {
        return task.withConfig(opened(task.id(), task.config(), new ArrayList<>()));
    }

    /** Opens what is sealed; what can't be opened is a problem, and stays. */
    Map<String, ConfigValue> opened(TaskId id, Map<String, ConfigValue> config, List<ConfigProblem> problems) {
        if (config.values().stream().noneMatch(value -> Seal.isSealed(value.value()))) {
            return config;
        }
        Map<String, ConfigValue> opened = new TreeMap<>(config);
        opened.replaceAll((name, value) -> {
            try {
                return new ConfigValue(seal.open(id, name, value.value()), value.configurable(), value.type());
            } catch (Seal.CanNotOpenException e) {
                problems.add(new ConfigProblem(name, String.valueOf(e.getMessage())));
                return value;
            }
        });
        return opened;
    }

    /** Returns which values of a config are secrets. */
    Set<String> secrets(String type, Map<String, ConfigValue> config) {
        Optional<ConfigDef> ofType = plugins.get()
                .hookType(type)
                .map(found -> found.read(HookType::descriptor).config());
        Optional<ConfigDef> ofSink = sinkName(config)
                .flatMap(plugins.get()::sink)
                .map(found -> found.read(EventSink::descriptor).config());
        Set<String> secrets = new TreeSet<>();
        for (String name : config.keySet()) {
            if (isSecret(name, ofType, ofSink)) {
                secrets.add(name);
            }
        }
        config.forEach((name, value) -> {
            if (Seal.isSealed(value.value())) { // it was a secret when it was stored
                secrets.add(name);
            }
        });
        return secrets;
    }

    /** Tells whether a value that neither type, sink nor service declares is a secret. */
    static boolean isSecretUndeclared(String name) {
        return !name.equals(TaskConfigs.WEB_HOOK_URL)
                && !name.startsWith(EventRules.RENAME)
                && CredentialHeaders.isCredential(name);
    }

    private static boolean isSecret(String name, Optional<ConfigDef> ofType, Optional<ConfigDef> ofSink) {
        if (name.equals(TaskConfigs.WEB_HOOK_URL) || name.equals(ServiceOptions.SINK.name())) {
            return false;
        }
        Optional<ConfigOption<?>> declared = ofType.flatMap(definition -> definition.option(name));
        if (declared.isPresent()) {
            return declared.get().kind() == ConfigOption.Kind.SECRET;
        }
        if (name.startsWith(SinkDescriptor.OPTION_PREFIX)) {
            return ofSink.isEmpty()
                    || ofSink.get()
                            .option(name)
                            .map(option -> option.kind() == ConfigOption.Kind.SECRET)
                            .orElseGet(() -> CredentialHeaders.isCredential(name));
        }
        if (ServiceOptions.names().contains(name) || name.startsWith(EventRules.RENAME)) {
            return false;
        }
        return ofType.isEmpty() || isSecretUndeclared(name);
    }

    /** Returns a config with the secrets blanked. */
    Map<String, ConfigValue> masked(TaskRecord task) {
        Map<String, ConfigValue> shown = new TreeMap<>(task.config());
        for (String name : secrets(task.type(), task.config())) {
            shown.computeIfPresent(name, (n, value) -> new ConfigValue(MASK, value.configurable(), value.type()));
        }
        return shown;
    }

    /** Returns what holds for options of the type that a config does not give, secrets left out. */
    Map<String, String> defaults(TaskRecord task) {
        Map<String, String> defaults = new TreeMap<>();
        plugins.get()
                .hookType(task.type())
                .map(found -> found.read(HookType::descriptor).config())
                .ifPresent(definition -> definition.options().stream()
                        .filter(option -> option.kind() != ConfigOption.Kind.SECRET)
                        .filter(option -> !task.config().containsKey(option.name()))
                        .forEach(option -> Optional.ofNullable(node.defaults().get(option.name()))
                                .or(() -> option.defaultValue().map(String::valueOf))
                                .ifPresent(value -> defaults.put(option.name(), value))));
        return defaults;
    }

    /** Returns a task that can be shown. */
    TaskRecord shown(TaskRecord task) {
        return new TaskRecord(
                task.id(),
                task.type(),
                masked(task),
                task.stopped(),
                task.stopReason(),
                task.revision(),
                task.createdAt(),
                task.silentIn(),
                task.stopMode());
    }

    /**
     * Puts stored secrets in the places where a config has the blanks that it was shown with.
     *
     * @throws InvalidConfigException if there is a blank and nothing is stored for it
     */
    TaskRecord restored(TaskId id, String type, Map<String, ConfigValue> written, Optional<TaskRecord> stored) {
        Map<String, ConfigValue> config = new TreeMap<>(written);
        List<ConfigProblem> problems = new ArrayList<>();
        written.forEach((name, value) -> {
            if (Seal.isSealed(value.value())) {
                problems.add(new ConfigProblem(
                        name, "begins with " + Seal.PREFIX + " as stored secrets do: write the value itself"));
            }
        });
        for (String name : secrets(type, written)) {
            ConfigValue blank = written.getOrDefault(name, ConfigValue.of(""));
            if (!blank.value().equals(MASK)) {
                continue;
            }
            Optional<ConfigValue> kept = stored.filter(task -> task.type().equals(type))
                    .flatMap(task -> Optional.ofNullable(task.config().get(name)));
            if (kept.isPresent()) {
                config.put(name, new ConfigValue(kept.get().value(), blank.configurable(), blank.type()));
            } else {
                problems.add(new ConfigProblem(name, "is blanked out and nothing is stored for it: write the value"));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return TaskRecord.of(id, type, config);
    }

    /** Returns the name of the sink of a task: its own, else the node's. */
    Optional<String> sinkName(Map<String, ConfigValue> config) {
        String option = ServiceOptions.SINK.name();
        return Optional.ofNullable(config.get(option))
                .map(ConfigValue::value)
                .or(() -> Optional.ofNullable(node.defaults().get(option)));
    }

    /** Says why a task can't run here for want of a plugin or a key; empty if all that it needs is there. */
    Optional<String> unserved(TaskRecord task) {
        if (plugins.get().hookType(task.type()).isEmpty()) {
            return Optional.of("no plugin offers hook type '" + task.type() + "'");
        }
        Optional<String> sink = sinkName(task.config());
        if (sink.isEmpty()) {
            return Optional.of("the task names no sink, and this service has none by default; known are "
                    + plugins.get().sinks().stream().map(Loaded::name).toList());
        }
        return plugins.get().sink(sink.get()).isPresent()
                ? lacking(task)
                : Optional.of("no plugin offers sink '" + sink.get() + "'");
    }

    /** Says why a task can't run here although all that it needs is there: a plugin is not called now. */
    Optional<String> suspended(TaskRecord task) {
        return plugins.get()
                .hookType(task.type())
                .flatMap(Loaded::suspension)
                .or(() -> sinkName(task.config()).flatMap(plugins.get()::sink).flatMap(Loaded::suspension));
    }

    /** Says what is wrong with a plugin of a task as a whole, such as a jar that was overwritten. */
    Optional<String> troubled(TaskRecord task) {
        PluginRegistry now = plugins.get();
        return now.hookType(task.type())
                .flatMap(now::problem)
                .or(() -> sinkName(task.config()).flatMap(now::sink).flatMap(now::problem));
    }

    private Optional<String> lacking(TaskRecord task) {
        for (Map.Entry<String, ConfigValue> option : task.config().entrySet()) {
            Optional<String> reason = seal.lacking(option.getValue().value());
            if (reason.isPresent()) {
                return Optional.of("option '" + option.getKey() + "' " + reason.get());
            }
        }
        return Optional.empty();
    }
}
