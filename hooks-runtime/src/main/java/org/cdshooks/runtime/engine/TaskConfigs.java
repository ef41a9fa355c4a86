package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Names;
import org.cdshooks.runtime.filter.EventRules;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.plugin.RetiredOptions;
import org.cdshooks.runtime.task.TaskRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the config of a task: what its hook type declares goes to the type, names that begin with {@code sink.} to the
 * sink, {@link ServiceOptions} to the service, and the rest to the type as extras. Checks of options are code of plugins, so
 * this is called where plugins may be called.
 */
final class TaskConfigs {
    /** The value that the service adds to the config of a task that takes requests. */
    static final String WEB_HOOK_URL = "webHookURL";

    private final Supplier<PluginRegistry> plugins;
    private final EngineConfig node;
    private final Masking masking;

    TaskConfigs(Supplier<PluginRegistry> plugins, EngineConfig node, Masking masking) {
        this.plugins = plugins;
        this.node = node;
        this.masking = masking;
    }

    /**
     * Reads the config of a stored task.
     *
     * @throws InvalidConfigException with everything that is wrong
     * @throws PluginSuspended if the hook type or the sink is not called now
     */
    TaskConfig read(TaskRecord task) throws PluginSuspended, InterruptedException {
        return read(task, false);
    }

    /**
     * Checks the config of a task that is to be stored, the checks of type and sink across options included.
     *
     * @throws InvalidConfigException with everything that is wrong
     */
    TaskConfig check(TaskRecord task) throws PluginSuspended, InterruptedException {
        return read(task, true);
    }

    private TaskConfig read(TaskRecord task, boolean validate) throws PluginSuspended, InterruptedException {
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<Loaded<HookType>> type = plugins.get().hookType(task.type());
        if (type.isEmpty()) {
            problems.add(unknown(
                    "type",
                    "no plugin offers hook type '" + task.type() + "'",
                    task.type(),
                    plugins.get().hookTypes().stream().map(Loaded::name).toList()));
        }
        Optional<Loaded<EventSink>> sink = sink(task, problems);
        Optional<ConfigDef> ofType = type.map(t -> t.read(HookType::descriptor).config());
        Optional<ConfigDef> ofSink = sink.map(s -> s.read(EventSink::descriptor).config());

        Map<String, String> typeValues = new TreeMap<>();
        Map<String, String> sinkValues = new TreeMap<>();
        Map<String, String> serviceValues = new TreeMap<>();
        Sorter sorter = new Sorter(ofType, typeValues, sinkValues, serviceValues);
        masking.opened(task.id(), task.config(), problems)
                .forEach((name, value) -> sorter.of(name).put(name, value.value()));
        node.defaults().forEach((name, value) -> {
            if (isDeclared(name, ofType) || isDeclared(name, ofSink) || isDeclared(name, ServiceOptions.DEFINITION)) {
                sorter.of(name).putIfAbsent(name, value);
            }
        });

        HookConfig service = parse(ServiceOptions.DEFINITION, serviceValues, problems);
        EventRules rules =
                service == null ? EventRules.NONE : EventRules.read(service, CredentialHeaders::isCredential, problems);
        AnswerOptions answer = service == null
                ? AnswerOptions.NONE
                : AnswerOptions.read(service, CredentialHeaders::isCredential, problems);
        HookConfig sinkConfig = null;
        if (sink.isPresent()) {
            sinkConfig = parseSink(sink.get(), sinkValues, problems);
        }
        HookConfig hook = null;
        if (type.isPresent()) {
            hook = parseType(type.get(), typeValues, problems);
        }
        if (validate && hook != null) {
            HookConfig checked = hook;
            problems.addAll(validated("type", type.orElseThrow(), t -> t.validate(checked)));
        }
        if (validate && sinkConfig != null) {
            HookConfig checked = sinkConfig;
            problems.addAll(validated("sink", sink.orElseThrow(), s -> s.validate(checked)));
        }
        if (!problems.isEmpty() || hook == null || sinkConfig == null || service == null) {
            throw new InvalidConfigException(problems);
        }
        return new TaskConfig(
                type.orElseThrow(),
                hook,
                sink.orElseThrow(),
                sinkConfig,
                ServiceOptions.of(service, node, answer, rules),
                warnings(task, type.orElseThrow(), hook, !validate),
                hidden(hook),
                masking.masked(task));
    }

    /** Knows whose option a name is. */
    private record Sorter(
            Optional<ConfigDef> type,
            Map<String, String> typeValues,
            Map<String, String> sinkValues,
            Map<String, String> serviceValues) {
        Map<String, String> of(String name) {
            if (name.equals(ServiceOptions.SINK.name())) {
                return serviceValues;
            }
            if (isDeclared(name, type)) {
                return typeValues;
            }
            if (name.startsWith(SinkDescriptor.OPTION_PREFIX)) {
                return sinkValues;
            }
            return ServiceOptions.names().contains(name) || EventRules.claims(name) ? serviceValues : typeValues;
        }
    }

    private static boolean isDeclared(String name, Optional<ConfigDef> definition) {
        return definition.isPresent() && isDeclared(name, definition.get());
    }

    private static boolean isDeclared(String name, ConfigDef definition) {
        return definition.option(name).isPresent();
    }

    private Optional<Loaded<EventSink>> sink(TaskRecord task, List<ConfigProblem> problems) {
        List<String> known =
                plugins.get().sinks().stream().map(Loaded::name).sorted().toList();
        Optional<String> name = masking.sinkName(task.config());
        if (name.isEmpty()) {
            problems.add(new ConfigProblem("sink", "is required: where events go, one of " + known));
            return Optional.empty();
        }
        Optional<Loaded<EventSink>> sink = plugins.get().sink(name.get());
        if (sink.isEmpty()) {
            problems.add(unknown("sink", "no plugin offers sink '" + name.get() + "'", name.get(), known));
        }
        return sink;
    }

    private static ConfigProblem unknown(String option, String what, String name, Collection<String> known) {
        String meant = Names.nearest(name, known)
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
        return new ConfigProblem(
                option, what + "; known are " + known.stream().sorted().toList() + meant);
    }

    private static @Nullable HookConfig parse(
            ConfigDef definition, Map<String, String> values, List<ConfigProblem> problems) {
        try {
            return definition.parse(values);
        } catch (InvalidConfigException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    private static @Nullable HookConfig parseType(
            Loaded<HookType> type, Map<String, String> values, List<ConfigProblem> problems)
            throws PluginSuspended, InterruptedException {
        try {
            return type.call(t -> t.descriptor().config().parse(values));
        } catch (PluginSuspended e) {
            throw e;
        } catch (PluginFailure e) {
            if (e.getCause() instanceof InvalidConfigException invalid) {
                problems.addAll(invalid.problems());
            } else {
                problems.add(failed("type", type, e));
            }
            return null;
        }
    }

    private static @Nullable HookConfig parseSink(
            Loaded<EventSink> sink, Map<String, String> values, List<ConfigProblem> problems)
            throws PluginSuspended, InterruptedException {
        ConfigDef definition = sink.read(EventSink::descriptor).config();
        List<String> known =
                definition.options().stream().map(option -> option.name()).toList();
        boolean extras = false;
        for (String name : values.keySet()) {
            if (definition.option(name).isEmpty()) {
                extras = true;
                problems.add(unknown(name, "is no option of sink '" + sink.name() + "'", name, known));
            }
        }
        try {
            // what is near to an option and none is in the list already, in better words
            Map<String, String> declared = new TreeMap<>(values);
            declared.keySet().retainAll(known);
            HookConfig config = sink.call(s -> definition.parse(declared));
            return extras ? null : config;
        } catch (PluginSuspended e) {
            throw e;
        } catch (PluginFailure e) {
            if (e.getCause() instanceof InvalidConfigException invalid) {
                problems.addAll(invalid.problems());
            } else {
                problems.add(failed("sink", sink, e));
            }
            return null;
        }
    }

    private static <T> List<ConfigProblem> validated(
            String option, Loaded<T> plugin, Loaded.Call<T, List<ConfigProblem>> validate)
            throws PluginSuspended, InterruptedException {
        try {
            return plugin.call(instance -> List.copyOf(validate.on(instance)));
        } catch (PluginSuspended e) {
            throw e;
        } catch (PluginFailure e) {
            return List.of(failed(option, plugin, e));
        }
    }

    private static ConfigProblem failed(String option, Loaded<?> plugin, PluginFailure e) {
        return new ConfigProblem(option, "'" + plugin.name() + "' could not check the config: " + e.reason());
    }

    private static Map<String, String> hidden(HookConfig hook) {
        Map<String, String> hidden = new TreeMap<>(hook.extras());
        hidden.keySet().removeIf(name -> !Masking.isSecretUndeclared(name));
        return hidden;
    }

    /**
     * Returns what is probably a mistake.
     *
     * @param isStored whether the config was stored before, and so may be older than the plugin
     */
    private List<ConfigProblem> warnings(TaskRecord task, Loaded<HookType> type, HookConfig hook, boolean isStored) {
        List<ConfigProblem> warnings = new ArrayList<>(hook.warnings());
        RetiredOptions retired = plugins.get().retired();
        for (String extra : hook.extras().keySet()) {
            if (retired.has(type, extra)) {
                warnings.removeIf(warning -> warning.option().equals(extra));
                warnings.add(new ConfigProblem(
                        extra,
                        "was an option in an earlier version of the plugin of hook type '" + type.name()
                                + "' and is none any more: the value has no effect"));
                if (isStored) {
                    retired.found(type, extra, task.id().value());
                }
            }
            if (warnings.stream().noneMatch(warning -> warning.option().equals(extra))) {
                Names.nearest(extra, ServiceOptions.names())
                        .ifPresent(near ->
                                warnings.add(new ConfigProblem(extra, "is no option; did you mean '" + near + "'?")));
            }
        }
        return List.copyOf(warnings);
    }
}
