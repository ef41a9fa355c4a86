package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.plugin.Plugins.ask;
import static org.cdshooks.runtime.plugin.Plugins.line;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where plugins are found, and what is known of them when all is well. */
final class PluginLoaderTest {
    @TempDir
    Path plugins;

    private PluginRegistry registry = PluginRegistry.of(List.of(), List.of());

    @AfterEach
    void close() {
        registry.stopAll();
    }

    private PluginRegistry load() {
        registry = PluginLoader.load(plugins);
        return registry;
    }

    @Test
    void tellsWhichLoggersOfLibrariesAreToBeQuiet() {
        PluginJar.named("a.jar")
                .metadata("a", "1")
                .manifest("Hooks-Quiet-Loggers", "org.noisy, org.loud.Client")
                .hookType("a.A", "A", "")
                .in(plugins.resolve("a"));
        PluginJar.named("b.jar").metadata("b", "1").hookType("b.B", "B", "").in(plugins.resolve("b"));

        assertThat(load().report().quietLoggers()).containsExactly("org.noisy", "org.loud.Client");
    }

    @Test
    void loadsADirectoryOfJarsAndAJarThatLiesByItself() {
        PluginJar.named("b.jar")
                .metadata("directory", "1.2")
                .hookType("b.B", "B", "")
                .in(plugins.resolve("b"));
        PluginJar.named("a.jar").metadata("single", "3.4").sink("a.A", "a", "").in(plugins);

        load();

        assertThat(line(registry, "directory"))
                .isEqualTo(new PluginReport.Line(
                        "directory",
                        "1.2",
                        plugins.resolve("b").toString(),
                        List.of("B"),
                        List.of(),
                        List.of(),
                        List.of()));
        assertThat(line(registry, "single"))
                .isEqualTo(new PluginReport.Line(
                        "single",
                        "3.4",
                        plugins.resolve("a.jar").toString(),
                        List.of(),
                        List.of("a"),
                        List.of(),
                        List.of()));
        assertThat(registry.hookType("B")).isPresent();
        assertThat(registry.sink("a")).isPresent();
        assertThat(registry.hookType("B").orElseThrow().door().plugin()).isEqualTo("directory");
    }

    @Test
    void tellsABuildOfAPluginFromAnotherByWhatIsInItsJars() throws IOException {
        Path directory = plugins.resolve("b");
        PluginJar plugin = PluginJar.named("b.jar").metadata("b", "1").hookType("b.B", "B", "");
        plugin.in(directory);
        String first = build();
        plugin.in(directory);
        String same = build();
        plugin.entry("b/words.txt", "other words").in(directory);

        assertThat(same).isEqualTo(first).isNotEmpty();
        assertThat(build()).isNotEqualTo(first);
    }

    private String build() {
        registry.stopAll();
        return load().hookType("B").orElseThrow().build();
    }

    @Test
    void ordersPluginsByName() {
        PluginJar.named("x.jar").metadata("c", "1").hookType("x.X", "X", "").in(plugins.resolve("1"));
        PluginJar.named("y.jar").metadata("a", "1").hookType("y.Y", "Y", "").in(plugins.resolve("2"));
        PluginJar.named("b.jar").hookType("z.Z", "Z", "").in(plugins);

        load();

        assertThat(registry.report().plugins())
                .extracting(PluginReport.Line::name)
                .filteredOn(name -> !name.equals("host"))
                .containsExactly("a", "b", "c");
        assertThat(registry.hookTypes()).extracting(Loaded::name).containsExactly("Y", "Z", "X");
    }

    @Test
    void loadsAPlainJarWithAWarning() {
        PluginJar.named("plain.jar").hookType("p.P", "Plain", "").in(plugins);

        load();

        assertThat(line(registry, "plain").isReady()).isTrue();
        assertThat(line(registry, "plain").version()).isEmpty();
        assertThat(line(registry, "plain").warnings())
                .singleElement()
                .asString()
                .startsWith("no Hooks-Plugin-Name in the manifest");
    }

    @Test
    void warnsIfTheManifestDoesNotSayTheApiVersion() {
        PluginJar.named("p.jar")
                .manifest("Hooks-Plugin-Name", "p")
                .hookType("p.P", "P", "")
                .in(plugins);

        load();

        assertThat(line(registry, "p").warnings())
                .singleElement()
                .asString()
                .startsWith("no Hooks-Api-Version in the manifest");
    }

    @Test
    void findsAPluginsNameInWhicheverOfItsJarsSaysIt() {
        PluginJar.named("a-library.jar")
                .source("lib.L", "package lib; public class L {}")
                .in(plugins.resolve("dir"));
        PluginJar.named("z.jar")
                .metadata("real name", "2")
                .hookType("z.Z", "Z", "")
                .in(plugins.resolve("dir"));

        load();

        assertThat(line(registry, "real name").version()).isEqualTo("2");
        assertThat(line(registry, "real name").warnings()).isEmpty();
    }

    @Test
    void readsSeveralTypesAndSinksOfOnePlugin() {
        PluginJar.named("p.jar")
                .metadata("p", "1")
                .hookType("p.One", "One", "")
                .hookType("p.Two", "Two", "")
                .sink("p.Three", "three", "")
                .in(plugins);

        load();

        assertThat(line(registry, "p").hookTypes()).containsExactly("One", "Two");
        assertThat(line(registry, "p").sinks()).containsExactly("three");
    }

    @Test
    void readsServiceFilesLikeTheServiceLoader() {
        PluginJar.named("p.jar")
                .metadata("p", "1")
                .source("p.P", PluginJar.hookTypeSource("p.P", "P", ""))
                .entry(
                        "META-INF/services/org.cdshooks.api.HookType",
                        "\uFEFF# providers\r\n\r\n  p.P # ours\r\np.P\r\n")
                .in(plugins);

        load();

        assertThat(line(registry, "p").hookTypes()).containsExactly("P");
        assertThat(line(registry, "p").problems()).isEmpty();
    }

    @Test
    void ignoresWhatIsNoPlugin() throws IOException {
        Files.writeString(plugins.resolve("README.md"), "drop jars here");
        Files.writeString(plugins.resolve(".hidden.jar"), "x");
        Files.writeString(plugins.resolve("new.jar.part"), "x");
        Files.createDirectories(plugins.resolve(".git"));
        Files.createDirectories(plugins.resolve("lost+found"));
        PluginJar.named("p.jar").metadata("p", "1").hookType("p.P", "P", "").in(plugins.resolve("p"));
        Files.writeString(plugins.resolve("p/LICENSE"), "x");
        Files.writeString(plugins.resolve("p/._p.jar"), "x");

        load();

        assertThat(registry.report().plugins())
                .filteredOn(line -> !line.name().equals("host"))
                .singleElement()
                .satisfies(line -> assertThat(line.isReady()).isTrue())
                .satisfies(line -> assertThat(line.warnings()).isEmpty());
    }

    @Test
    void followsLinksToDirectoriesAndJars(@TempDir Path elsewhere) throws IOException {
        Path jar = PluginJar.named("v2.jar")
                .metadata("linked jar", "2")
                .hookType("a.A", "A", "")
                .in(elsewhere);
        PluginJar.named("b.jar")
                .metadata("linked directory", "1")
                .hookType("b.B", "B", "")
                .in(elsewhere.resolve("b"));
        Files.createSymbolicLink(plugins.resolve("current.jar"), jar);
        Files.createSymbolicLink(plugins.resolve("b"), elsewhere.resolve("b"));

        load();

        assertThat(registry.hookType("A")).isPresent();
        assertThat(registry.hookType("B")).isPresent();
    }

    @Test
    void asksForTheDescriptorOnceAndKeepsIt() {
        PluginJar.named("p.jar").metadata("p", "1").hookType("p.P", "", """
                        private int calls;
                        public HookTypeDescriptor descriptor() {
                            calls++;
                            return HookTypeDescriptor.of("Call" + calls, "Counts.", ConfigDef.of()).servesModels("M");
                        }
                        """).in(plugins);

        load();

        Loaded<HookType> type = registry.hookType("Call1").orElseThrow();
        assertThat(type.read(HookType::descriptor).name()).isEqualTo("Call1");
        assertThat(type.read(HookType::descriptor)).isSameAs(type.read(HookType::descriptor));
        assertThat(registry.hookTypeForModel("M")).contains(type);
    }

    @Test
    void warnsIfTwoTypesServeOneModel() {
        String members = """
                public HookTypeDescriptor descriptor() {
                    return HookTypeDescriptor.of("%s", "Serves.", ConfigDef.of()).servesModels("Some model");
                }
                """;
        PluginJar.named("a.jar")
                .metadata("a", "1")
                .hookType("a.A", "", members.formatted("A"))
                .in(plugins);
        PluginJar.named("b.jar")
                .metadata("b", "1")
                .hookType("b.B", "", members.formatted("B"))
                .in(plugins);

        load();

        assertThat(registry.hookTypeForModel("Some model").orElseThrow().name()).isEqualTo("A");
        assertThat(line(registry, "b").warnings())
                .containsExactly(
                        "hook type 'B' does not get the CDS hook model 'Some model', which hook type 'A' serves"
                                + " already");
    }

    @Test
    void takesSinksFromTheHostsClassPathAndThoseItWasGiven(@TempDir Path host) throws IOException {
        Path file = host.resolve("providers");
        Files.writeString(file, FakeSink.class.getName() + "\nno.such.Sink\n");
        PluginJar.named("p.jar").metadata("p", "1").sink("p.P", "from-host", "").in(plugins);

        registry =
                PluginLoader.load(plugins, List.of(new FakeSink("given")), new HostLoader(file), PluginLoader.PATIENCE);

        assertThat(line(registry, "host").sinks()).contains("given", "from-host");
        assertThat(line(registry, "host").problems())
                .containsExactly("sink no.such.Sink: META-INF/services/org.cdshooks.api.EventSink names it, and there"
                        + " is no such class");
        assertThat(line(registry, "p").problems())
                .containsExactly("sink 'from-host' of plugin 'p' is left out, since plugin 'host' offers a sink of that"
                        + " name already; remove one of them");
    }

    @Test
    void hidesTheHostsProvidersFromPlugins(@TempDir Path host) throws Exception {
        Path file = host.resolve("providers");
        Files.writeString(file, FakeSink.class.getName());
        PluginJar.named("p.jar").metadata("p", "1").probe("p.P", "P", """
                        String name = "META-INF/services/org.cdshooks.api.EventSink";
                        ClassLoader own = getClass().getClassLoader();
                        return ServiceLoader.load(EventSink.class).stream().count()
                                + " " + own.getResource(name) + " " + own.getResources(name).hasMoreElements();
                        """).in(plugins);

        registry = PluginLoader.load(plugins, List.of(), new HostLoader(file), PluginLoader.PATIENCE);

        assertThat(registry.sink("from-host")).isPresent();
        assertThat(ask(registry, "P")).isEqualTo("0 null false");
    }

    /** A host that has one more provider file on its class path. */
    private static final class HostLoader extends ClassLoader {
        private final Path providers;

        HostLoader(Path providers) {
            super(PluginLoaderTest.class.getClassLoader());
            this.providers = providers;
        }

        @Override
        protected Enumeration<URL> findResources(String name) throws IOException {
            return name.equals("META-INF/services/" + EventSink.class.getName())
                    ? Collections.enumeration(List.of(providers.toUri().toURL()))
                    : Collections.emptyEnumeration();
        }
    }

    /** A sink of the host. */
    public static final class FakeSink implements EventSink {
        private final String name;

        public FakeSink() {
            this("from-host");
        }

        FakeSink(String name) {
            this.name = name;
        }

        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of(name, "A sink of the host.", ConfigDef.of());
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            return DeliveryResult.delivered("");
        }
    }
}
