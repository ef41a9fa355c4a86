package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.plugin.Plugins.ask;
import static org.cdshooks.runtime.plugin.Plugins.line;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What plugins leave behind, and what becomes of their jars. */
@Timeout(60)
final class PluginHealthTest {
    @TempDir
    Path plugins;

    private PluginRegistry registry = PluginRegistry.of(List.of(), List.of());

    @AfterEach
    void close() {
        registry.stopAll();
    }

    private Path load(String statements) {
        Path jar = PluginJar.named("p.jar")
                .metadata("p", "1")
                .probe("p.P", "P", statements)
                .in(plugins.resolve("p"));
        registry = PluginLoader.load(plugins);
        return jar;
    }

    @Test
    void tellsOfThreadsThatOutliveTheirCalls() throws Exception {
        load("""
                String what = System.getProperty("p.leaks", "");
                for (int i = 0; i < 200; i++) {
                    Thread thread = new Thread(() -> {
                        synchronized (P.class) {
                            while (System.getProperty("p.end") == null) {
                                try {
                                    P.class.wait(50);
                                } catch (InterruptedException e) {
                                    return;
                                }
                            }
                        }
                    });
                    thread.setDaemon(true);
                    thread.start();
                }
                return what;
                """);
        registry.health().check();
        assertThat(line(registry, "p").problems()).isEmpty();
        try {
            ask(registry, "P");
            registry.health().check();

            assertThat(line(registry, "p").problems())
                    .singleElement()
                    .asString()
                    .contains("more than 100 threads that outlive the calls into it", "restart the service");
        } finally {
            System.setProperty("p.end", "true");
        }
    }

    @Test
    void someThreadsOfAPoolAreNoProblem() throws Exception {
        load("""
                Thread thread = new Thread(() -> {
                    try {
                        Thread.sleep(java.time.Duration.ofMinutes(1));
                    } catch (InterruptedException e) {
                    }
                });
                thread.setDaemon(true);
                thread.start();
                return "";
                """);
        ask(registry, "P");
        registry.health().check();

        assertThat(line(registry, "p").problems()).isEmpty();
    }

    @Test
    void tellsOfAJarThatIsOverwrittenWhileItIsOpen() throws Exception {
        Path jar = load("return \"\";");
        byte[] bytes = Files.readAllBytes(jar);
        Files.write(jar, new byte[bytes.length / 2], StandardOpenOption.TRUNCATE_EXISTING);

        registry.health().check();

        assertThat(line(registry, "p").problems())
                .singleElement()
                .asString()
                .contains("p.jar was overwritten while the service has it open", "restart the service", "rename it");
        assertThat(registry.problem(registry.hookType("P").orElseThrow()).orElseThrow())
                .contains("plugin 'p'", "overwritten");
        Files.write(jar, bytes); // so that the jar can be closed
    }

    @Test
    void aJarThatIsReplacedByAnotherFileGoesOnUntilARestart() throws Exception {
        Path jar = load("return \"\";");
        Path newer = Files.write(plugins.resolve("newer"), Files.readAllBytes(jar));
        Files.move(newer, jar, StandardCopyOption.REPLACE_EXISTING);

        registry.health().check();

        assertThat(line(registry, "p").problems()).isEmpty();
        assertThat(line(registry, "p").warnings())
                .containsExactly("p.jar was replaced: the service goes on with the old one until it is restarted");
        assertThat(registry.problem(registry.hookType("P").orElseThrow())).isEmpty();
        Files.delete(jar);
        registry.health().check();
        assertThat(line(registry, "p").warnings()).singleElement().asString().contains("p.jar was removed");
    }

    @Test
    void namesThePluginThatCallsExit() {
        PluginExits exits = PluginExits.watch();
        try {
            exits.publish(call(new StackTraceElement("app", null, null, "org.Main", "main", "Main.java", 1)));
            assertThat(exits.plugin()).isEmpty();

            exits.publish(call(
                    new StackTraceElement(null, "java.base", "25", "java.lang.System", "exit", "System.java", 1),
                    new StackTraceElement("bad", null, null, "bad.Bad", "execute", "Bad.java", 7),
                    new StackTraceElement("app", null, null, "org.Engine", "run", "Engine.java", 1)));
            assertThat(exits.plugin()).contains("bad");
        } finally {
            exits.close();
        }
    }

    private static LogRecord call(StackTraceElement... stack) {
        Throwable thrown = new Throwable("Runtime.exit(3)");
        thrown.setStackTrace(stack);
        LogRecord call = new LogRecord(Level.FINE, "Runtime.exit() called with status: 3");
        call.setThrown(thrown);
        return call;
    }
}
