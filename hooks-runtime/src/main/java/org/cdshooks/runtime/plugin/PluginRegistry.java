package org.cdshooks.runtime.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.NodeContext;

/**
 * The hook types and sinks that are ready on this node. Immutable: what does not start is missing from the registry
 * that {@link #startAll} returns.
 */
public final class PluginRegistry {
    private final Map<String, Loaded<HookType>> hookTypes;
    private final Map<String, Loaded<HookType>> byModel;
    private final Map<String, Loaded<EventSink>> sinks;
    private final PluginReport report;
    private final Lifecycle lifecycle;
    private final RetiredOptions retired;

    PluginRegistry(
            Collection<Loaded<HookType>> hookTypes,
            Collection<Loaded<EventSink>> sinks,
            PluginReport report,
            Lifecycle lifecycle) {
        this(hookTypes, sinks, report, lifecycle, RetiredOptions.none());
    }

    private PluginRegistry(
            Collection<Loaded<HookType>> hookTypes,
            Collection<Loaded<EventSink>> sinks,
            PluginReport report,
            Lifecycle lifecycle,
            RetiredOptions retired) {
        this.retired = retired;
        this.hookTypes = new LinkedHashMap<>();
        this.byModel = new LinkedHashMap<>();
        this.sinks = new LinkedHashMap<>();
        this.report = report;
        this.lifecycle = lifecycle;
        for (Loaded<HookType> type : hookTypes) {
            this.hookTypes.put(type.name(), type);
            type.read(HookType::descriptor).models().forEach(model -> byModel.putIfAbsent(model, type));
        }
        sinks.forEach(sink -> this.sinks.put(sink.name(), sink));
    }

    /**
     * Makes a registry of instances that are at hand, without plugins: for tests of what stands above.
     *
     * @param hookTypes the hook types
     * @param sinks the sinks
     * @return a registry whose report has no lines
     */
    public static PluginRegistry of(List<? extends HookType> hookTypes, List<? extends EventSink> sinks) {
        ClassLoader loader = PluginRegistry.class.getClassLoader();
        List<Loaded<HookType>> types = new ArrayList<>();
        PluginDoor door = new PluginDoor("host", loader);
        hookTypes.forEach(type -> types.add(new Loaded<>(
                type.descriptor().name(),
                type,
                door.to("hook type '" + type.descriptor().name() + "'"),
                type.getClass().getName())));
        List<Loaded<EventSink>> all = new ArrayList<>();
        sinks.forEach(sink -> all.add(new Loaded<>(
                sink.descriptor().name(),
                sink,
                door.to("sink '" + sink.descriptor().name() + "'"),
                sink.getClass().getName())));
        return new PluginRegistry(
                types, all, new PluginReport(List.of()), new Lifecycle(List.of(), PluginLoader.PATIENCE));
    }

    /**
     * Finds a hook type.
     *
     * @param name its name
     * @return the type, if a plugin offers it and it is ready
     */
    public Optional<Loaded<HookType>> hookType(String name) {
        return Optional.ofNullable(hookTypes.get(name));
    }

    /**
     * Finds the hook type that serves a CDS hook model.
     *
     * @param model the model's name as the CDS API sends it
     * @return the type, if there is one
     */
    public Optional<Loaded<HookType>> hookTypeForModel(String model) {
        return Optional.ofNullable(byModel.get(model));
    }

    /**
     * Finds a sink.
     *
     * @param name its name
     * @return the sink, if it is ready
     */
    public Optional<Loaded<EventSink>> sink(String name) {
        return Optional.ofNullable(sinks.get(name));
    }

    /**
     * Returns all hook types that are ready.
     *
     * @return the types
     */
    public List<Loaded<HookType>> hookTypes() {
        return List.copyOf(hookTypes.values());
    }

    /**
     * Returns all sinks that are ready.
     *
     * @return the sinks
     */
    public List<Loaded<EventSink>> sinks() {
        return List.copyOf(sinks.values());
    }

    /**
     * Returns what became of each plugin, and what is wrong with it now.
     *
     * @return the report
     */
    public PluginReport report() {
        PluginReport now = report;
        for (Loaded<HookType> type : hookTypes.values()) {
            Optional<String> suspension = type.suspension();
            if (suspension.isPresent()) {
                now = now.withoutHookType(type.door().plugin(), type.name(), suspension.get());
            }
        }
        for (Loaded<EventSink> sink : sinks.values()) {
            Optional<String> suspension = sink.suspension();
            if (suspension.isPresent()) {
                now = now.withoutSink(sink.door().plugin(), sink.name(), suspension.get());
            }
        }
        for (PluginHealth.Trouble trouble : lifecycle.health().troubles()) {
            now = trouble.isProblem()
                    ? now.withProblem(trouble.plugin(), trouble.words())
                    : now.withWarning(trouble.plugin(), trouble.words());
        }
        return retired.addTo(now);
    }

    /** Returns the options that hook types had in earlier versions of their plugins. */
    public RetiredOptions retired() {
        return retired;
    }

    /** Returns the names of the options of each hook type. */
    public Map<String, Set<String>> declaredOptions() {
        Map<String, Set<String>> declared = new LinkedHashMap<>();
        hookTypes.values().forEach(type -> declared.put(type.name(), RetiredOptions.declared(type)));
        return declared;
    }

    /** Returns this registry, given the options that hook types have had so far. */
    public PluginRegistry after(Map<String, Set<String>> earlier) {
        return with(RetiredOptions.between(earlier, hookTypes.values()));
    }

    private PluginRegistry with(RetiredOptions other) {
        return new PluginRegistry(hookTypes.values(), sinks.values(), report, lifecycle, other);
    }

    PluginHealth health() {
        return lifecycle.health();
    }

    /**
     * Says what is wrong with the plugin of a hook type or sink as a whole.
     *
     * @param loaded the hook type or sink
     * @return what is wrong; empty if nothing is
     */
    public Optional<String> problem(Loaded<?> loaded) {
        String plugin = loaded.door().plugin();
        return lifecycle.health().troubles().stream()
                .filter(trouble -> trouble.isProblem() && trouble.plugin().equals(plugin))
                .map(trouble -> "plugin '" + plugin + "': " + trouble.words())
                .findFirst();
    }

    /**
     * Starts the sinks and then the hook types, each once, on a virtual thread of its own. What throws, or does not come
     * back within 30 seconds, is a problem in the report and is not ready; it is not stopped later. The rest starts.
     *
     * @param node what they get
     * @return a registry of what has started, with the report as it is now; use it instead of this one
     * @throws IllegalStateException if they have been started before
     */
    public PluginRegistry startAll(NodeContext node) {
        return lifecycle.start(hookTypes(), sinks(), report, node).with(retired);
    }

    /**
     * Stops what was started, last first, so hook types before sinks, and then closes the plugins' class loaders. Their
     * hooks must have been stopped before. Every failure is logged, and none keeps the others from stopping; each has 30
     * seconds. Doing it again, or on the registry from before {@link #startAll}, does no harm.
     */
    public void stopAll() {
        lifecycle.stop();
    }

    /**
     * Does the same, and waits no longer than a limit for all of them together.
     *
     * @param atMost how long the stops may take
     */
    public void stopAll(Duration atMost) {
        lifecycle.stop(atMost);
    }
}
