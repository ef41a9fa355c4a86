package org.cdshooks.runtime.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.jar.JarEntry;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.SinkDescriptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugins: finds their jars, reads their manifests, gives each a class loader of its own and makes one instance of
 * each hook type and sink that it offers. Whatever is wrong with one becomes a line in its report, and the rest loads.
 */
public final class PluginLoader {
    /** How long the service waits for one constructor, start or stop of a plugin. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The name under which the host's own sinks are reported. */
    private static final String HOST = "host";

    private static final Logger LOG = LoggerFactory.getLogger(PluginLoader.class);

    private final ClassLoader host;
    private final Duration limit;
    private final Map<String, Loaded<HookType>> hookTypes = new LinkedHashMap<>();
    private final Map<String, Loaded<EventSink>> sinks = new LinkedHashMap<>();
    private final Map<String, String> models = new HashMap<>();
    private final List<PluginClassLoader> loaders = new ArrayList<>();

    private PluginLoader(ClassLoader host, Duration limit) {
        this.host = host;
        this.limit = limit;
    }

    /**
     * Loads the plugins of a directory and the sinks on the application's class path.
     *
     * @param pluginsDir the directory; if it can't be read, that is a line in the report, and no plugin is loaded
     * @return what is ready, not yet started; {@link PluginRegistry#stopAll} closes what this opens
     */
    public static PluginRegistry load(Path pluginsDir) {
        return load(pluginsDir, List.of());
    }

    /**
     * Loads the plugins of a directory, the sinks on the application's class path, and sinks that the host made itself,
     * since they need something of it.
     *
     * @param pluginsDir the directory; if it can't be read, that is a line in the report, and no plugin is loaded
     * @param ownSinks the host's sinks, which come first
     * @return what is ready, not yet started; {@link PluginRegistry#stopAll} closes what this opens
     */
    public static PluginRegistry load(Path pluginsDir, List<? extends EventSink> ownSinks) {
        return load(pluginsDir, ownSinks, PluginLoader.class.getClassLoader(), PATIENCE);
    }

    static PluginRegistry load(Path pluginsDir, List<? extends EventSink> ownSinks, ClassLoader host, Duration limit) {
        return new PluginLoader(host, limit).loadAll(pluginsDir, ownSinks);
    }

    private PluginRegistry loadAll(Path pluginsDir, List<? extends EventSink> ownSinks) {
        List<PluginReport.Line> lines = new ArrayList<>();
        List<String> quiet = new ArrayList<>();
        Draft hostDraft = new Draft(HOST, version(), "class path");
        loadHost(hostDraft, ownSinks);
        if (!hostDraft.isBlank()) {
            lines.add(hostDraft.line());
        }
        try {
            List<Candidate> candidates = new ArrayList<>();
            for (PluginFinder.Found found : PluginFinder.find(pluginsDir)) {
                candidates.add(open(found));
            }
            candidates.sort(Comparator.comparing((Candidate candidate) -> candidate.draft.name)
                    .thenComparing(candidate -> candidate.draft.source));
            warnOfEqualNames(candidates);
            candidates.forEach(this::loadPlugin);
            candidates.forEach(candidate -> lines.add(candidate.draft.line()));
            candidates.forEach(candidate -> quiet.addAll(candidate.draft.quietLoggers));
            if (candidates.isEmpty()) {
                Draft none = new Draft("plugins.dir", "", pluginsDir.toString());
                none.warnings.add("there is no plugin in " + pluginsDir.toAbsolutePath()
                        + "; put jars into it, or set the option plugins.dir to the directory that holds them");
                lines.add(none.line());
            }
        } catch (NotUsableException e) {
            Draft unusable = new Draft("plugins.dir", "", pluginsDir.toString());
            unusable.problems.add(Failures.explain(e));
            lines.add(unusable.line());
        }
        lines.forEach(PluginLoader::log);
        return new PluginRegistry(
                hookTypes.values(), sinks.values(), new PluginReport(lines, quiet), new Lifecycle(loaders, limit));
    }

    private static String version() {
        return Optional.ofNullable(PluginLoader.class.getPackage().getImplementationVersion())
                .orElse("");
    }

    private void loadHost(Draft draft, List<? extends EventSink> ownSinks) {
        PluginDoor door = new PluginDoor(HOST, host);
        for (EventSink sink : ownSinks) {
            String what = "sink " + sink.getClass().getName();
            attempt(draft, door, what, () -> describe(sink)).ifPresent(made -> addSink(draft, door, made));
        }
        loadSinks(draft, door, host);
    }

    /** A plugin whose jars are open and whose manifests have been read. */
    private record Candidate(Draft draft, List<HeldJar> jars) {}

    private static Candidate open(PluginFinder.Found found) {
        Draft draft = new Draft(found.name(), "", found.source().toString());
        found.problem().ifPresent(draft.problems::add);
        List<HeldJar> jars = new ArrayList<>();
        for (Path path : found.jars()) {
            try {
                jars.add(new HeldJar(path));
            } catch (IOException | RuntimeException e) {
                draft.problems.add(unreadable(path, e));
                LOG.debug("Jar {} can't be opened", path, e);
            }
        }
        if (draft.problems.isEmpty()) {
            try {
                PluginManifest manifest = PluginManifest.read(found.name(), jars);
                draft.name = manifest.name();
                draft.version = manifest.version();
                draft.problems.addAll(manifest.problems());
                draft.warnings.addAll(manifest.warnings());
                draft.quietLoggers.addAll(manifest.quietLoggers());
                jars.forEach(jar -> warnOfApiCopy(jar, draft));
            } catch (IOException | RuntimeException e) {
                draft.problems.add("its manifest can't be read: " + Failures.explain(e));
                LOG.debug("The manifest of plugin {} can't be read", found.source(), e);
            }
        }
        if (!draft.problems.isEmpty()) {
            release(jars);
            return new Candidate(draft, List.of());
        }
        return new Candidate(draft, jars);
    }

    private static String unreadable(Path path, Exception failure) {
        String file = String.valueOf(path.getFileName());
        if (!Files.exists(path) && Files.isSymbolicLink(path)) {
            return file + " is a link to something that is not there";
        }
        if (failure instanceof NoSuchFileException) {
            return file + " was removed while it was read";
        }
        if (!Files.isReadable(path)) {
            return file + " can't be read: the user of this service may not read it";
        }
        return file + " is no jar, or only a part of one (" + Failures.explain(failure) + "); copy it again";
    }

    private static void warnOfApiCopy(HeldJar jar, Draft draft) {
        boolean copy = jar.stream()
                .anyMatch(entry -> entry.getName().startsWith("org/cdshooks/api/")
                        && entry.getName().endsWith(".class"));
        if (copy) {
            draft.warnings.add(
                    jar.fileName() + " brings a copy of the API (org.cdshooks.api), and this service's own is"
                            + " used instead; build the plugin with hooks-api in scope provided");
        }
    }

    private static void warnOfEqualNames(List<Candidate> candidates) {
        Map<String, Draft> first = new HashMap<>();
        for (Candidate candidate : candidates) {
            Draft other = first.putIfAbsent(candidate.draft.name, candidate.draft);
            if (other != null) {
                candidate.draft.warnings.add("it has the same name as the plugin in " + other.source
                        + "; if one is an older copy, remove it");
            }
        }
    }

    /** Tells one build of a plugin from another by what the directories of its jars say, without reading the files. */
    private static String buildOf(List<HeldJar> jars) {
        long hash = 0;
        for (HeldJar jar : jars) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                hash = (hash * 31 + entry.getName().hashCode()) * 31 + entry.getCrc();
            }
        }
        return Long.toHexString(hash);
    }

    private static void release(List<HeldJar> jars) {
        for (HeldJar jar : jars) {
            try {
                jar.release();
            } catch (IOException e) {
                LOG.warn("{} could not be closed: {}", jar.fileName(), Failures.explain(e));
            }
        }
    }

    private void loadPlugin(Candidate candidate) {
        Draft draft = candidate.draft;
        if (!draft.problems.isEmpty()) {
            return;
        }
        PluginClassLoader loader = new PluginClassLoader(draft.name, candidate.jars, host);
        PluginDoor door = new PluginDoor(draft.name, loader);
        draft.build = buildOf(candidate.jars);
        for (Made<HookType> made : makeAll(draft, door, "hook type", new Providers<>(HookType.class, loader), type -> {
            HookTypeDescriptor descriptor = described(type, HookType::descriptor);
            return new Made<>(descriptor.name(), new Described.Type(type, descriptor));
        })) {
            addHookType(draft, door, made);
        }
        loadSinks(draft, door, loader);
        if (draft.isBlank()) {
            draft.problems.add("it offers no hook type and no sink: none of its jars has META-INF/services/"
                    + HookType.class.getName() + " or …/" + EventSink.class.getName());
        }
        if (draft.hookTypes.isEmpty() && draft.sinks.isEmpty()) {
            release(candidate.jars);
        } else {
            loaders.add(loader);
        }
    }

    private void loadSinks(Draft draft, PluginDoor door, ClassLoader loader) {
        makeAll(draft, door, "sink", new Providers<>(EventSink.class, loader), PluginLoader::describe)
                .forEach(made -> addSink(draft, door, made));
    }

    private static Made<EventSink> describe(EventSink sink) throws NotUsableException {
        SinkDescriptor descriptor = described(sink, EventSink::descriptor);
        return new Made<>(descriptor.name(), new Described.Sink(sink, descriptor));
    }

    /** An instance that has told its name. */
    private record Made<T>(String name, T instance) {}

    private interface Describer<T> {
        Made<T> describe(T instance) throws NotUsableException;
    }

    private <T> List<Made<T>> makeAll(
            Draft draft, PluginDoor door, String kind, Providers<T> providers, Describer<T> describer) {
        List<Made<T>> all = new ArrayList<>();
        try {
            for (String className : providers.names()) {
                attempt(draft, door, kind + " " + className, () -> describer.describe(providers.make(className)))
                        .ifPresent(all::add);
            }
        } catch (IOException e) {
            draft.problems.add("what it offers can't be read: " + Failures.explain(e));
            LOG.debug("Plugin '{}': META-INF/services can't be read", draft.name, e);
        }
        return all;
    }

    private <T> Optional<Made<T>> attempt(Draft draft, PluginDoor door, String what, Callable<Made<T>> call) {
        try {
            return Optional.of(door.callWithin(limit, call));
        } catch (PluginFailure e) {
            draft.problems.add(what + ": " + e.reason());
            LOG.debug("Plugin '{}': {}", draft.name, what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            draft.problems.add(what + ": interrupted while it was loaded");
        }
        return Optional.empty();
    }

    private static <T, D> D described(T instance, Function<T, D> descriptor) throws NotUsableException {
        D value;
        try {
            value = descriptor.apply(instance);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            throw new NotUsableException("its descriptor() failed: " + Failures.explain(e), e);
        }
        if (isNull(value)) {
            throw new NotUsableException("its descriptor() returned null");
        }
        return value;
    }

    /** The API says never null, and a plugin was not compiled by us. */
    private static boolean isNull(@Nullable Object value) {
        return value == null;
    }

    private void addHookType(Draft draft, PluginDoor door, Made<HookType> made) {
        Loaded<HookType> first = hookTypes.get(made.name());
        if (first != null) {
            draft.problems.add(taken("hook type", made.name(), draft, first.door()));
            return;
        }
        hookTypes.put(
                made.name(),
                new Loaded<>(made.name(), made.instance(), door.to("hook type '" + made.name() + "'"), draft.build));
        draft.hookTypes.add(made.name());
        for (String model : made.instance().descriptor().models()) {
            String other = models.putIfAbsent(model, made.name());
            if (other != null) {
                draft.warnings.add("hook type '" + made.name() + "' does not get the CDS hook model '" + model
                        + "', which hook type '" + other + "' serves already");
            }
        }
    }

    private void addSink(Draft draft, PluginDoor door, Made<EventSink> made) {
        Loaded<EventSink> first = sinks.get(made.name());
        if (first != null) {
            draft.problems.add(taken("sink", made.name(), draft, first.door()));
            return;
        }
        sinks.put(
                made.name(),
                new Loaded<>(made.name(), made.instance(), door.to("sink '" + made.name() + "'"), draft.build));
        draft.sinks.add(made.name());
    }

    private static String taken(String kind, String name, Draft second, PluginDoor first) {
        return kind + " '" + name + "' of plugin '" + second.name + "' is left out, since plugin '" + first.plugin()
                + "' offers a " + kind + " of that name already; remove one of them";
    }

    /** Says each line once. */
    private static void log(PluginReport.Line line) {
        if (!line.hookTypes().isEmpty() || !line.sinks().isEmpty()) {
            LOG.info(
                    "Plugin '{}'{} is loaded: hook types {}, sinks {}",
                    line.name(),
                    line.version().isEmpty() ? "" : " " + line.version(),
                    line.hookTypes(),
                    line.sinks());
        }
        line.problems().forEach(problem -> LOG.error("Plugin '{}' ({}): {}", line.name(), line.source(), problem));
        line.warnings().forEach(warning -> LOG.warn("Plugin '{}' ({}): {}", line.name(), line.source(), warning));
    }

    /** A line of the report while it is written. */
    private static final class Draft {
        private String name;
        private String version;
        private String build = "";
        private final String source;
        private final List<String> hookTypes = new ArrayList<>();
        private final List<String> sinks = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        private final List<String> quietLoggers = new ArrayList<>();

        Draft(String name, String version, String source) {
            this.name = name;
            this.version = version;
            this.source = source;
        }

        boolean isBlank() {
            return hookTypes.isEmpty() && sinks.isEmpty() && problems.isEmpty();
        }

        PluginReport.Line line() {
            return new PluginReport.Line(name, version, source, hookTypes, sinks, problems, warnings);
        }
    }
}
