package org.cdshooks.runtime.plugin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.cdshooks.runtime.plugin.Plugins.line;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.cdshooks.api.HookType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Each way in which a plugin can be bad is one line in words, and a good plugin beside it loads. */
final class PluginProblemsTest {
    private static byte[] goodPlugin = new byte[0];

    @TempDir
    Path plugins;

    private PluginRegistry registry = PluginRegistry.of(List.of(), List.of());

    @BeforeAll
    static void compileTheGoodPlugin() throws IOException {
        goodPlugin = PluginJar.named("good.jar")
                .metadata("good", "1")
                .hookType("good.Good", "Good", "")
                .bytes();
    }

    @AfterEach
    void close() {
        registry.stopAll();
    }

    /** Loads what the test made and a good plugin, which must load. */
    private PluginReport.Line problemLine(String plugin) {
        addGoodPlugin();
        registry = PluginLoader.load(plugins);
        assertThat(line(registry, "good").isReady()).isTrue();
        assertThat(registry.hookType("Good")).isPresent();
        return line(registry, plugin);
    }

    private void addGoodPlugin() {
        try {
            Files.write(plugins.resolve("good.jar"), goodPlugin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String onlyProblem(String plugin) {
        PluginReport.Line line = problemLine(plugin);
        assertThat(line.problems()).hasSize(1);
        assertThat(line.problems().getFirst()).doesNotContain("\n").doesNotContain("\tat ");
        return line.problems().getFirst();
    }

    private static PluginJar bad() {
        return PluginJar.named("bad.jar").metadata("bad", "1");
    }

    @Test
    void namesAMissingDependency() {
        bad().source("absent.Library", "package absent; public class Library {}")
                .leavesOut("absent.Library")
                .hookType("bad.Bad", "Bad", "public Bad() { new absent.Library(); }")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo(
                        "hook type bad.Bad: its constructor failed: class absent.Library is missing; put the jar that"
                                + " has it beside the plugin's own");
    }

    @Test
    void namesAMissingSuperclass() {
        bad().source("absent.Base", PluginJar.hookTypeSource("absent.Base", "Base", ""))
                .leavesOut("absent.Base")
                .source("bad.Bad", "package bad; public class Bad extends absent.Base {}")
                .provides(HookType.class, "bad.Bad")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo(
                        "hook type bad.Bad: class absent.Base is missing; put the jar that has it beside the plugin's own");
    }

    @Test
    void tellsWhatAConstructorThrew() {
        bad().hookType("bad.Bad", "Bad", """
                        public Bad() {
                            throw new IllegalStateException("no\\n token", new java.io.IOException("disk is full"));
                        }
                        """).in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("hook type bad.Bad: its constructor failed: IllegalStateException: no token, caused by"
                        + " IOException: disk is full");
    }

    @Test
    void tellsWhatAStaticInitialiserThrew() {
        bad().hookType("bad.Bad", "Bad", "static final int PORT = Integer.parseInt(\"many\");")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("hook type bad.Bad: a static initialiser failed: NumberFormatException: For input string:"
                        + " \"many\"");
    }

    @Test
    void saysWhichJavaAClassWantsAndWhichThisIs() {
        bad().hookType("bad.Bad", "Bad", "").compiledForJava("bad.Bad", 99).in(plugins);

        int ours = Runtime.version().feature();
        assertThat(onlyProblem("bad"))
                .isEqualTo("hook type bad.Bad: class bad.Bad was compiled for Java 99 and this service runs on Java "
                        + ours + "; run it on Java 99, or compile the plugin with --release " + ours);
    }

    @Test
    void refusesAnotherApiVersionBeforeAClassIsLoaded() {
        String property = "org.cdshooks.test.loaded." + System.nanoTime();
        bad().manifest("Hooks-Api-Version", "2")
                .hookType("bad.Bad", "Bad", "static { System.setProperty(\"" + property + "\", \"yes\"); }")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo(
                        "built for API version 2 (Hooks-Api-Version in bad.jar), and this service has version 1; take"
                                + " a newer service or an older plugin");
        assertThat(System.getProperty(property)).isNull();
    }

    @Test
    void refusesAnApiVersionThatIsNoNumber() {
        bad().manifest("Hooks-Api-Version", "latest")
                .hookType("bad.Bad", "Bad", "")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("bad.jar says Hooks-Api-Version: latest, which is no version; this service has API 1");
    }

    @Test
    void takesAMinorApiVersion() {
        bad().manifest("Hooks-Api-Version", "1.3")
                .hookType("bad.Bad", "Bad", "")
                .in(plugins);

        assertThat(problemLine("bad").problems()).isEmpty();
    }

    @Test
    void tellsWhatIsWrongWithEachProviderAndKeepsTheGoodOnes() {
        bad().hookType("bad.Good", "BesideBadOnes", "")
                .provides(HookType.class, "bad.Absent", "bad.Other", "bad.Abstract", "bad.Contract", "bad.Private")
                .provides(HookType.class, "bad.Outer$Inner", "bad.Hidden", "bad.Good2")
                .source("bad.Other", "package bad; public class Other {}")
                .source("bad.Abstract", """
                        package bad;
                        public abstract class Abstract implements org.cdshooks.api.HookType {}
                        """)
                .source("bad.Contract", "package bad; public interface Contract extends org.cdshooks.api.HookType {}")
                .source("bad.Private", PluginJar.hookTypeSource("bad.Private", "P", "private Private() {}"))
                .source("bad.Outer", """
                        package bad;
                        public class Outer {
                            public class Inner extends Good {}
                        }
                        """)
                .source("bad.Hidden", "package bad; class Hidden extends Good { public Hidden() {} }")
                .source("bad.Good2", PluginJar.hookTypeSource("bad.Good2", "BehindBadOnes", ""))
                .in(plugins);

        PluginReport.Line line = problemLine("bad");

        assertThat(line.hookTypes()).containsExactly("BesideBadOnes", "BehindBadOnes");
        assertThat(line.state()).isEqualTo(PluginReport.State.PARTLY);
        String file = "META-INF/services/org.cdshooks.api.HookType";
        assertThat(line.problems())
                .containsExactly(
                        "hook type bad.Absent: " + file + " names it, and there is no such class",
                        "hook type bad.Other: " + file + " names it, and it is no HookType",
                        "hook type bad.Abstract: it is abstract, so no instance can be made of it",
                        "hook type bad.Contract: it is an interface, so no instance can be made of it",
                        "hook type bad.Private: it has no public constructor without parameters",
                        "hook type bad.Outer$Inner: it has no public constructor without parameters (it is an inner"
                                + " class; make it static)",
                        "hook type bad.Hidden: the class is not public");
    }

    @Test
    void tellsWhatADescriptorThrew() {
        bad().hookType("bad.Bad", "Bad", """
                        public HookTypeDescriptor descriptor() {
                            throw new UnsupportedOperationException();
                        }
                        """).in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("hook type bad.Bad: its descriptor() failed: UnsupportedOperationException");
    }

    @Test
    void tellsThatADescriptorIsNull() {
        bad().hookType("bad.Bad", "Bad", "public HookTypeDescriptor descriptor() { return null; }")
                .in(plugins);

        assertThat(onlyProblem("bad")).isEqualTo("hook type bad.Bad: its descriptor() returned null");
    }

    @Test
    void tellsThatANameIsBad() {
        bad().hookType("bad.Bad", "two words", "").sink("bad.Sink", "Upper", "").in(plugins);

        assertThat(problemLine("bad").problems())
                .satisfiesExactly(
                        type -> assertThat(type)
                                .startsWith("hook type bad.Bad: its descriptor() failed: IllegalArgumentException: hook"
                                        + " type name 'two words' does not match"),
                        sink -> assertThat(sink)
                                .startsWith(
                                        "sink bad.Sink: its descriptor() failed: IllegalArgumentException: sink name"
                                                + " 'Upper' does not match"));
    }

    @Test
    void givesATypeNameToTheFirstPluginByName() {
        PluginJar.named("1.jar")
                .metadata("second", "1")
                .hookType("b.B", "Same", "")
                .in(plugins);
        PluginJar.named("2.jar")
                .metadata("first", "1")
                .hookType("a.A", "Same", "")
                .in(plugins);

        assertThat(onlyProblem("second"))
                .isEqualTo("hook type 'Same' of plugin 'second' is left out, since plugin 'first' offers a hook type of"
                        + " that name already; remove one of them");
        assertThat(line(registry, "first").isReady()).isTrue();
        assertThat(registry.hookType("Same").orElseThrow().door().plugin()).isEqualTo("first");
    }

    @Test
    void givesASinkNameToTheFirstPluginByName() {
        PluginJar.named("1.jar").metadata("second", "1").sink("b.B", "same", "").in(plugins);
        PluginJar.named("2.jar").metadata("first", "1").sink("a.A", "same", "").in(plugins);

        assertThat(onlyProblem("second"))
                .isEqualTo("sink 'same' of plugin 'second' is left out, since plugin 'first' offers a sink of that name"
                        + " already; remove one of them");
    }

    @Test
    void warnsOfTwoPluginsWithOneName() {
        PluginJar.named("a.jar").metadata("twin", "1").hookType("a.A", "A", "").in(plugins.resolve("twin-1"));
        PluginJar.named("a.jar").metadata("twin", "2").hookType("a.A", "A", "").in(plugins.resolve("twin-2"));

        registry = PluginLoader.load(plugins);

        PluginReport.Line second = registry.report().plugins().getLast();
        assertThat(second.version()).isEqualTo("2");
        assertThat(second.warnings())
                .containsExactly("it has the same name as the plugin in " + plugins.resolve("twin-1")
                        + "; if one is an older copy, remove it");
        assertThat(second.problems()).hasSize(1);
    }

    @Test
    void warnsOfTwoPluginsInOneDirectory() {
        PluginJar.named("a.jar").metadata("a", "1").hookType("a.A", "A", "").in(plugins.resolve("both"));
        PluginJar.named("b.jar").metadata("b", "1").hookType("b.B", "B", "").in(plugins.resolve("both"));

        assertThat(problemLine("a").warnings())
                .containsExactly("a.jar and b.jar are two plugins in one directory and share a class loader; give each"
                        + " its own");
    }

    @Test
    void warnsOfACopyOfTheApiAndUsesItsOwn() {
        bad().source(
                        "org.cdshooks.api.HookType",
                        "package org.cdshooks.api; public interface HookType { void other(); }")
                .in(plugins.resolve("bad"));
        PluginJar.named("type.jar").hookType("t.T", "T", "").in(plugins.resolve("bad"));

        PluginReport.Line line = problemLine("bad");

        assertThat(line.problems()).isEmpty();
        assertThat(line.hookTypes()).containsExactly("T");
        assertThat(line.warnings())
                .containsExactly("bad.jar brings a copy of the API (org.cdshooks.api), and this service's own is used"
                        + " instead; build the plugin with hooks-api in scope provided");
    }

    @Test
    void tellsThatTheApiWasAnother() {
        // compiled against an API of the plugin author's dreams
        PluginJar.named("dream-api.jar")
                .source("org.cdshooks.api.Dream", "package org.cdshooks.api; public class Dream {}")
                .in(plugins.resolve(".build"));
        bad().against(plugins.resolve(".build/dream-api.jar"))
                .hookType("bad.Bad", "Bad", "public Bad() { new org.cdshooks.api.Dream(); }")
                .in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("hook type bad.Bad: its constructor failed: the API of this service has no"
                        + " org.cdshooks.api.Dream; the plugin was built against another version of it");
    }

    @Test
    void tellsThatADirectoryIsEmpty() throws IOException {
        Files.createDirectories(plugins.resolve("bad"));

        assertThat(onlyProblem("bad")).isEqualTo("the directory is empty; put the plugin's jars into it, or remove it");
    }

    @Test
    void tellsThatADirectoryHasNoJar() throws IOException {
        Files.createDirectories(plugins.resolve("bad"));
        Files.writeString(plugins.resolve("bad/README"), "soon");

        assertThat(onlyProblem("bad"))
                .isEqualTo("there is no jar in the directory; put the plugin's jars into it, or remove it");
    }

    @Test
    void tellsThatJarsLieTooDeep() {
        bad().hookType("bad.Bad", "Bad", "").in(plugins.resolve("bad/lib"));

        assertThat(onlyProblem("bad"))
                .isEqualTo("its jars lie in lib/, which is not looked at; put them directly into "
                        + plugins.resolve("bad"));
    }

    @Test
    void tellsThatATextFileIsNoJar() throws IOException {
        Files.writeString(plugins.resolve("bad.jar"), "404 not found");

        assertThat(onlyProblem("bad"))
                .startsWith("bad.jar is no jar, or only a part of one (ZipException: ")
                .endsWith("; copy it again");
    }

    @Test
    void tellsThatAJarIsTruncatedAndLoadsNothingOfItsPlugin() throws IOException {
        PluginJar.named("type.jar").hookType("bad.Bad", "Bad", "").in(plugins.resolve("bad"));
        byte[] whole = PluginJar.named("x.jar")
                .source("lib.L", "package lib; public class L {}")
                .bytes();
        Files.write(plugins.resolve("bad/library.jar"), Arrays.copyOf(whole, whole.length - 30));

        assertThat(onlyProblem("bad")).startsWith("library.jar is no jar, or only a part of one");
        assertThat(registry.hookType("Bad")).isEmpty();
    }

    @Test
    void tellsThatAClassIsDamaged() throws IOException {
        Path jar = bad().hookType("bad.Bad", "Bad", "").in(plugins);
        byte[] bytes = Files.readAllBytes(jar);
        // the class's data follows its name, in its local header
        int at = new String(bytes, ISO_8859_1).indexOf("bad/Bad.class") + 20;
        Arrays.fill(bytes, at, at + 40, (byte) 0x55);
        Files.write(jar, bytes);

        assertThat(onlyProblem("bad"))
                .startsWith("hook type bad.Bad: a class file is broken: class bad.Bad can't be read from bad.jar: ");
    }

    @Test
    void tellsThatALinkLeadsNowhere() throws IOException {
        Files.createSymbolicLink(plugins.resolve("bad.jar"), plugins.resolve("gone/bad-2.jar"));

        assertThat(onlyProblem("bad")).isEqualTo("bad.jar is a link to something that is not there");
    }

    @Test
    void tellsThatAFileMayNotBeRead() throws IOException {
        Path jar = bad().hookType("bad.Bad", "Bad", "").in(plugins);
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("---------"));
        assumeThat(Files.isReadable(jar)).as("not run by root").isFalse();

        assertThat(onlyProblem("bad")).isEqualTo("bad.jar can't be read: the user of this service may not read it");
    }

    @Test
    void tellsThatAJarOffersNothing() {
        bad().source("bad.Bad", "package bad; public class Bad {}").in(plugins);

        assertThat(onlyProblem("bad"))
                .isEqualTo("it offers no hook type and no sink: none of its jars has"
                        + " META-INF/services/org.cdshooks.api.HookType or …/org.cdshooks.api.EventSink");
    }

    @Test
    void namesTheOptionIfThePluginsDirectoryIsMissing() {
        Path missing = plugins.resolve("not-here");

        registry = PluginLoader.load(missing);

        assertThat(registry.hookTypes()).isEmpty();
        assertThat(line(registry, "plugins.dir").problems())
                .containsExactly("option plugins.dir: " + missing
                        + " does not exist; set plugins.dir to the directory that holds the plugins");
    }

    @Test
    void namesTheOptionIfThePluginsDirectoryIsAFile() throws IOException {
        Path file = Files.writeString(plugins.resolve("file"), "x");

        registry = PluginLoader.load(file);

        assertThat(line(registry, "plugins.dir").problems())
                .containsExactly("option plugins.dir: " + file
                        + " is a file and should be a directory; set plugins.dir to the directory that holds the"
                        + " plugins");
    }

    @Test
    void namesTheOptionIfThereIsNoPlugin() {
        registry = PluginLoader.load(plugins);

        assertThat(line(registry, "plugins.dir").isReady()).isTrue();
        assertThat(line(registry, "plugins.dir").warnings())
                .containsExactly("there is no plugin in " + plugins
                        + "; put jars into it, or set the option plugins.dir to the directory that holds them");
    }

    @Test
    void doesNotWaitForeverForAConstructor() {
        bad().hookType("bad.Bad", "Bad", """
                        public Bad() throws InterruptedException {
                            new java.util.concurrent.CountDownLatch(1).await();
                        }
                        """).in(plugins);
        addGoodPlugin();

        registry = Plugins.loadWithLimit(plugins, Duration.ofSeconds(2));

        assertThat(line(registry, "bad").problems()).containsExactly("hook type bad.Bad: it has not ended within 2 s");
        assertThat(line(registry, "good").isReady()).isTrue();
    }

    @Test
    void logsEachProblemOnceAndTheStackTraceAtDebugOnly() {
        bad().hookType("bad.Bad", "Bad", "public Bad() { throw new IllegalStateException(\"no token\"); }")
                .in(plugins);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(PluginLoader.class);
        Level before = logger.getLevel();
        logger.setLevel(Level.DEBUG);
        logger.addAppender(log);
        try {
            problemLine("bad");
        } finally {
            logger.detachAppender(log);
            logger.setLevel(before);
        }

        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .filteredOn(event -> event.getFormattedMessage().contains("no token"))
                .singleElement()
                .satisfies(event -> assertThat(event.getLevel()).isEqualTo(Level.ERROR))
                .satisfies(event -> assertThat(event.getThrowableProxy()).isNull())
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .isEqualTo(
                                "Plugin 'bad' (" + plugins.resolve("bad.jar") + "): hook type bad.Bad: its constructor"
                                        + " failed: IllegalStateException: no token"));
        assertThat(log.list)
                .filteredOn(event -> event.getLevel() == Level.DEBUG)
                .anySatisfy(event -> assertThat(event.getThrowableProxy()).isNotNull());
    }
}
