package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.plugin.Plugins.ask;
import static org.cdshooks.runtime.plugin.Plugins.line;
import static org.cdshooks.runtime.plugin.Plugins.loaderOf;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a plugin sees of the host and of others, and what it does not. */
final class PluginIsolationTest {
    @TempDir
    Path plugins;

    private PluginRegistry registry = PluginRegistry.of(List.of(), List.of());

    @AfterEach
    void close() {
        registry.stopAll();
    }

    private static PluginJar jar(String name) {
        return PluginJar.named(name + ".jar").metadata(name, "1");
    }

    private String answerOf(String statements) throws Exception {
        jar("p").probe("p.P", "P", statements).in(plugins.resolve("p"));
        registry = PluginLoader.load(plugins);
        return ask(registry, "P");
    }

    @Test
    void givesEachPluginItsOwnVersionOfALibrary() throws Exception {
        for (String version : List.of("1", "2")) {
            Path library = PluginJar.named("library-" + version + ".jar")
                    .source("lib.Library", """
                            package lib;
                            public class Library {
                                public static String version() { return "%s"; }
                            }
                            """.formatted(version))
                    .in(plugins.resolve("p" + version));
            jar("p" + version)
                    .against(library)
                    .probe("p.P", "P" + version, "return lib.Library.version();")
                    .in(plugins.resolve("p" + version));
        }

        registry = PluginLoader.load(plugins);

        assertThat(ask(registry, "P1")).isEqualTo("1");
        assertThat(ask(registry, "P2")).isEqualTo("2");
        assertThat(loaderOf(registry, "P1")).isNotSameAs(loaderOf(registry, "P2"));
    }

    @Test
    void hidesTheHostsLibraries() throws Exception {
        assertThat(getClass().getClassLoader().loadClass("com.fasterxml.jackson.databind.ObjectMapper"))
                .isNotNull();

        assertThat(answerOf("""
                StringBuilder seen = new StringBuilder();
                for (String name : List.of(
                        "com.fasterxml.jackson.databind.ObjectMapper",
                        "ch.qos.logback.classic.Logger",
                        "org.cdshooks.runtime.plugin.PluginLoader",
                        "org.cdshooks.apifake.X")) {
                    try {
                        seen.append(Class.forName(name));
                    } catch (ClassNotFoundException e) {
                        seen.append("-");
                    }
                    String resource = name.replace('.', '/') + ".class";
                    seen.append(getClass().getClassLoader().getResource(resource) == null ? "-" : "+");
                    seen.append(getClass().getClassLoader().getResources(resource).hasMoreElements() ? "+" : "-");
                }
                return seen.toString();
                """)).isEqualTo("-".repeat(12));
    }

    @Test
    void sharesTheApiAndTheJdk() throws Exception {
        assertThat(answerOf("""
                return HookType.class.getClassLoader().getClass().getSimpleName()
                        + " " + Class.forName("java.sql.Connection").getSimpleName()
                        + " " + Class.forName("java.net.http.HttpClient").getSimpleName()
                        + " " + (getClass().getClassLoader().getResource("org/cdshooks/api/HookType.class") != null);
                """)).isEqualTo("AppClassLoader Connection HttpClient true");
    }

    @Test
    void namesTheLoaderAfterThePlugin() throws Exception {
        assertThat(answerOf("""
                return getClass().getClassLoader().getName() + " " + new Exception().getStackTrace()[0];
                """)).startsWith("p p//p.P.answer(P.java:");
    }

    @Test
    void findsThePluginsOwnProvidersOfOtherServices() throws Exception {
        jar("p").source("p.Greeter", "package p; public interface Greeter { String greet(); }")
                .source("p.Hello", """
                        package p;
                        public class Hello implements Greeter {
                            public String greet() { return "hello"; }
                        }
                        """)
                .provides("p.Greeter", "p.Hello")
                .probe("p.P", "P", "return ServiceLoader.load(Greeter.class).findFirst().orElseThrow().greet();")
                .in(plugins);

        registry = PluginLoader.load(plugins);

        assertThat(ask(registry, "P")).isEqualTo("hello");
    }

    @Test
    void readsResourcesOfAllItsJars() throws Exception {
        PluginJar.named("one.jar").entry("conf/a b+c%.txt", "one").in(plugins.resolve("p"));
        PluginJar.named("two.jar").entry("conf/a b+c%.txt", "two").in(plugins.resolve("p"));

        assertThat(answerOf("""
                ClassLoader own = getClass().getClassLoader();
                StringBuilder text = new StringBuilder();
                for (java.net.URL url : Collections.list(own.getResources("conf/a b+c%.txt"))) {
                    var connection = (java.net.JarURLConnection) url.openConnection();
                    text.append(new String(connection.getInputStream().readAllBytes())).append(' ');
                    text.append(url.getProtocol()).append(' ').append(connection.getContentLength()).append(' ');
                    connection.getJarFile().close(); // as some libraries do
                }
                var relative = new java.net.URL(own.getResource("p/P.class"), "P.class");
                text.append(relative.openStream().read() == 0xCA).append(' ');
                text.append(own.getResource("conf/absent.txt"));
                return text.toString();
                """)).isEqualTo("one jar 3 two jar 3 true null");
    }

    @Test
    void readsJarsForSeveralJavaVersions() throws Exception {
        byte[] newer = PluginJar.named("x.jar")
                .source("p.V", "package p; public class V { public static String java() { return \"21\"; } }")
                .classes()
                .values()
                .iterator()
                .next();
        jar("p").manifest("Multi-Release", "true")
                .source("p.V", "package p; public class V { public static String java() { return \"old\"; } }")
                .entry("META-INF/versions/21/p/V.class", newer)
                .entry("p/text.txt", "old")
                .entry("META-INF/versions/21/p/text.txt", "new")
                .probe("p.P", "P", """
                        return V.java() + " " + new String(getClass().getResourceAsStream("text.txt").readAllBytes());
                        """)
                .in(plugins);

        registry = PluginLoader.load(plugins);

        assertThat(ask(registry, "P")).isEqualTo("21 new");
    }

    @Test
    void givesPackagesTheirVersionAndClassesTheirSource() throws Exception {
        jar("p").manifest("Implementation-Version", "7.1")
                .probe("p.P", "P", """
                        return getClass().getPackage().getImplementationVersion() + " "
                                + getClass().getProtectionDomain().getCodeSource().getLocation();
                        """)
                .in(plugins);

        registry = PluginLoader.load(plugins);

        assertThat(ask(registry, "P"))
                .isEqualTo("7.1 " + plugins.resolve("p.jar").toUri().toURL());
    }

    @Test
    void goesOnWithTheOldFileWhenAJarIsReplaced(@TempDir Path build) throws Exception {
        Path jar = lateClassJar("old").in(plugins);
        registry = PluginLoader.load(plugins);

        Path replacement = lateClassJar("new, and longer").in(build);
        Files.move(replacement, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        assertThat(ask(registry, "P")).isEqualTo("old old");
        registry.stopAll();
        registry = PluginLoader.load(plugins);
        assertThat(ask(registry, "P")).isEqualTo("new, and longer new, and longer");
    }

    private static PluginJar lateClassJar(String text) {
        return jar("p").source("p.Late", "package p; class Late { static String text() { return \"" + text + "\"; } }")
                .entry("p/late.txt", text)
                .probe("p.P", "P", """
                        try (var in = getClass().getResource("late.txt").openStream()) {
                            return Late.text() + " " + new String(in.readAllBytes());
                        }
                        """);
    }

    @Test
    void bringsThePluginsLoggingToTheHost() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("p.P");
        logger.addAppender(log);
        try {
            answerOf("""
                    org.slf4j.LoggerFactory.getLogger(getClass()).info("polled {}", "nothing");
                    return "";
                    """);
        } finally {
            logger.detachAppender(log);
        }

        assertThat(log.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).isEqualTo("polled nothing"))
                .satisfies(event -> assertThat(event.getMDCPropertyMap()).containsEntry("plugin", "p"));
    }

    @Test
    void usesTheHostsLoggingEvenIfThePluginBringsItsOwnAndTakesWhatTheHostLacksFromIt() throws Exception {
        jar("p").source("org.slf4j.Logger", "package org.slf4j; public interface Logger { String FAKE = \"\"; }")
                .source("org.slf4j.ext.Extension", """
                        package org.slf4j.ext;
                        public class Extension {}
                        """)
                .probe("p.P", "P", """
                        return org.slf4j.Logger.class.getClassLoader().getClass().getSimpleName() + " "
                                + org.slf4j.ext.Extension.class.getClassLoader().getName();
                        """)
                .in(plugins);

        registry = PluginLoader.load(plugins);

        assertThat(ask(registry, "P")).isEqualTo("AppClassLoader p");
    }

    @Test
    void saysThatThePluginWasStoppedWhenAClassIsAskedForTooLate() {
        jar("p").source("p.Late", "package p; public class Late {}")
                .hookType("p.P", "P", "")
                .in(plugins);
        registry = PluginLoader.load(plugins);
        ClassLoader loader = loaderOf(registry, "P");

        registry.stopAll();

        assertThatThrownBy(() -> loader.loadClass("p.Late"))
                .isInstanceOf(ClassNotFoundException.class)
                .hasMessage("p.Late (its plugin has been stopped)");
        assertThat(loader.getResource("p/Late.class")).isNull();
    }

    @Test
    void doesNotFollowClassPathsOfManifests(@TempDir Path elsewhere) {
        Path library = PluginJar.named("library.jar")
                .source("lib.Library", "package lib; public class Library {}")
                .in(elsewhere);
        jar("p").manifest("Class-Path", library.toUri().toString())
                .against(library)
                .hookType("p.P", "P", "public P() { new lib.Library(); }")
                .in(plugins);

        registry = PluginLoader.load(plugins);

        assertThat(line(registry, "p").problems()).singleElement().asString().contains("class lib.Library is missing");
    }
}
