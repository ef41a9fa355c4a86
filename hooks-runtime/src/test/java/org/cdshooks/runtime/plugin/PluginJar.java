package org.cdshooks.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.slf4j.Logger;

/**
 * Makes a real plugin jar for a test: compiles sources against the API and SLF4J, nothing else of the host, and packs
 * them.
 *
 * <pre>{@code
 * PluginJar.named("good.jar")
 *         .metadata("good", "1.0")
 *         .hookType("good.Good", "Good", "")
 *         .in(plugins.resolve("good"));
 * }</pre>
 */
public final class PluginJar {
    private final String fileName;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Map<String, List<String>> services = new TreeMap<>();
    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, Integer> majors = new LinkedHashMap<>();
    private final Set<String> leftOut = new LinkedHashSet<>();
    private final List<Path> classPath = new ArrayList<>();

    private PluginJar(String fileName) {
        this.fileName = fileName;
    }

    public static PluginJar named(String fileName) {
        return new PluginJar(fileName);
    }

    /** The three entries of a plugin's manifest, for this runtime's API. */
    public PluginJar metadata(String name, String version) {
        return manifest("Hooks-Plugin-Name", name)
                .manifest("Hooks-Plugin-Version", version)
                .manifest("Hooks-Api-Version", "1");
    }

    public PluginJar manifest(String key, String value) {
        manifest.put(key, value);
        return this;
    }

    public PluginJar source(String className, String source) {
        sources.put(className, source);
        return this;
    }

    /**
     * Adds a hook type that is named in {@code META-INF/services}.
     *
     * @param members more members of the class, which override what the simple type has: {@code descriptor} and {@code
     *     create} are left out if the text has methods of that name
     */
    public PluginJar hookType(String className, String typeName, String members) {
        return source(className, hookTypeSource(className, typeName, members)).provides(HookType.class, className);
    }

    /** Adds a hook type whose {@code validate} answers one problem, with the text that the statements return. */
    public PluginJar probe(String className, String typeName, String statements) {
        return hookType(className, typeName, """
                public List<ConfigProblem> validate(HookConfig config) {
                    try {
                        return List.of(new ConfigProblem("", answer()));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }

                String answer() throws Exception {
                    %s
                }
                """.formatted(statements));
    }

    public PluginJar sink(String className, String sinkName, String members) {
        return source(className, """
                package %s;
                import java.util.*;
                import org.cdshooks.api.*;
                import org.cdshooks.api.config.*;

                public class %s implements EventSink {
                    public SinkDescriptor descriptor() {
                        return SinkDescriptor.of("%s", "A sink for a test.", ConfigDef.of());
                    }
                    public DeliveryResult deliver(Delivery delivery) {
                        return DeliveryResult.delivered("");
                    }
                    %s
                }
                """.formatted(packageOf(className), simpleName(className), sinkName, members))
                .provides(EventSink.class, className);
    }

    public static String hookTypeSource(String className, String typeName, String members) {
        String descriptor = members.contains(" descriptor()") ? "" : """
                public HookTypeDescriptor descriptor() {
                    return HookTypeDescriptor.of("%s", "A hook type for a test.", ConfigDef.of());
                }
                """.formatted(typeName);
        return """
                package %s;
                import java.util.*;
                import org.cdshooks.api.*;
                import org.cdshooks.api.config.*;

                public class %s implements HookType {
                    %s
                    public Hook create(Task task, HookContext context) {
                        throw new IllegalStateException("makes no hooks");
                    }
                    %s
                }
                """.formatted(packageOf(className), simpleName(className), descriptor, members);
    }

    public PluginJar provides(Class<?> service, String... classNames) {
        return provides(service.getName(), classNames);
    }

    public PluginJar provides(String service, String... classNames) {
        services.computeIfAbsent(service, _ -> new ArrayList<>()).addAll(List.of(classNames));
        return this;
    }

    public PluginJar entry(String name, String text) {
        return entry(name, text.getBytes(UTF_8));
    }

    public PluginJar entry(String name, byte[] bytes) {
        entries.put(name, bytes);
        return this;
    }

    /** Compiles the class, so that others can use it, and leaves it out of the jar. */
    public PluginJar leavesOut(String className) {
        leftOut.add(className);
        return this;
    }

    /** Pretends that the class was compiled for another Java: its class file's major version is Java's plus 44. */
    public PluginJar compiledForJava(String className, int java) {
        majors.put(className, java + 44);
        return this;
    }

    /** Compiles against another jar, which does not become part of this one. */
    public PluginJar against(Path jar) {
        classPath.add(jar);
        return this;
    }

    /** Writes the jar into a directory, which is made if it is not there. */
    public Path in(Path directory) {
        try {
            Files.createDirectories(directory);
            Path jar = directory.resolve(fileName);
            Files.write(jar, bytes());
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] bytes() throws IOException {
        Manifest main = new Manifest();
        main.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach((key, value) -> main.getMainAttributes().putValue(key, value));
        Map<String, byte[]> all = new TreeMap<>(entries);
        services.forEach((service, names) ->
                all.put("META-INF/services/" + service, (String.join("\n", names) + "\n").getBytes(UTF_8)));
        classes().forEach((name, bytes) -> {
            if (!leftOut.contains(name)) {
                all.put(name.replace('.', '/') + ".class", bytes);
            }
        });
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, main)) {
            for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                jar.putNextEntry(new JarEntry(entry.getKey()));
                jar.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** Compiles the sources. */
    public Map<String, byte[]> classes() {
        if (sources.isEmpty()) {
            return Map.of();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Map<String, ByteArrayOutputStream> compiled = new TreeMap<>();
        JavaFileManager files =
                new ForwardingJavaFileManager<JavaFileManager>(compiler.getStandardFileManager(null, null, UTF_8)) {
                    @Override
                    public JavaFileObject getJavaFileForOutput(
                            Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
                        return new SimpleJavaFileObject(URI.create("mem:///" + className), kind) {
                            @Override
                            public OutputStream openOutputStream() {
                                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                                compiled.put(className, bytes);
                                return bytes;
                            }
                        };
                    }
                };
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((className, source) -> units.add(new SourceFile(className, source)));
        List<String> options = List.of("-proc:none", "--release", "21", "-cp", compileClassPath());
        StringWriter messages = new StringWriter();
        if (!compiler.getTask(messages, files, null, options, null, units).call()) {
            throw new IllegalStateException("the test's plugin does not compile:\n" + messages);
        }
        Map<String, byte[]> classes = new TreeMap<>();
        compiled.forEach((name, bytes) -> classes.put(name, patched(name, bytes.toByteArray())));
        return classes;
    }

    private byte[] patched(String className, byte[] bytes) {
        Integer major = majors.get(className);
        if (major != null) {
            bytes[6] = (byte) (major >> 8);
            bytes[7] = (byte) (int) major;
        }
        return bytes;
    }

    private String compileClassPath() {
        List<String> paths = new ArrayList<>(List.of(homeOf(HookType.class), homeOf(Logger.class)));
        classPath.forEach(path -> paths.add(path.toString()));
        return String.join(File.pathSeparator, paths);
    }

    private static String homeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String packageOf(String className) {
        return className.substring(0, className.lastIndexOf('.'));
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private static final class SourceFile extends SimpleJavaFileObject {
        private final String source;

        SourceFile(String className, String source) {
            super(URI.create("mem:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.source = source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }
    }
}
