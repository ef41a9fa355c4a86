package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.cdshooks.api.HookType;

/**
 * A plugin that does what no plugin should. Its hook type {@code Hostile} takes requests, and each execution does what the
 * body says: {@code spin}, {@code exit}, {@code threads} or {@code load}, which needs a class that nobody has needed before.
 */
final class HostilePlugin {
    /** The name that its manifest has. */
    static final String NAME = "hostile";

    private static final String SOURCE = """
            package hostile;

            import java.util.List;
            import org.cdshooks.api.*;
            import org.cdshooks.api.config.ConfigDef;

            public final class Hostile implements HookType {
                @Override
                public HookTypeDescriptor descriptor() {
                    return HookTypeDescriptor.of("Hostile", "Does what no hook type should.", ConfigDef.of());
                }

                @Override
                public Hook create(Task task, HookContext context) {
                    return new Hook() {
                        @Override
                        public List<Trigger> triggers() {
                            return List.of(Trigger.http((call, out) ->
                                    HttpReply.accepted(out.emit(Invocation.of(call.toPayload())))));
                        }

                        @Override
                        public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
                            switch (execution.payload().text()) {
                                case "spin" -> spin();
                                case "exit" -> System.exit(3);
                                case "threads" -> leak();
                                default -> Later.load();
                            }
                            return ExecutionResult.completed();
                        }
                    };
                }

                private static void spin() {
                    while (true) {}
                }

                private static void leak() {
                    for (int i = 0; i < 200; i++) {
                        Thread thread = new Thread(java.util.concurrent.locks.LockSupport::park);
                        thread.setDaemon(true);
                        thread.start();
                    }
                }
            }

            final class Later {
                static void load() {}
            }
            """;

    private HostilePlugin() {}

    /** Compiles the plugin and puts its jar into a directory of plugins. */
    static Path in(Path plugins) throws IOException {
        Path work = Files.createTempDirectory("hostile");
        Path source = work.resolve("Hostile.java");
        Files.writeString(source, SOURCE);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            List<String> options = List.of("-proc:none", "--release", "21", "-cp", apiPath(), "-d", work.toString());
            if (!compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalStateException("the plugin does not compile:\n" + messages);
            }
        }
        Files.createDirectories(plugins);
        Path jar = plugins.resolve("hostile.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest())) {
            try (var classes = Files.list(work.resolve("hostile"))) {
                for (Path file : classes.sorted().toList()) {
                    put(out, "hostile/" + file.getFileName(), Files.readAllBytes(file));
                }
            }
            put(out, "META-INF/services/" + HookType.class.getName(), "hostile.Hostile\n".getBytes(UTF_8));
        }
        return jar;
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Hooks-Plugin-Name", NAME);
        main.putValue("Hooks-Plugin-Version", "1.0");
        main.putValue("Hooks-Api-Version", "1");
        return manifest;
    }

    private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
    }

    private static String apiPath() {
        return HookType.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
    }
}
