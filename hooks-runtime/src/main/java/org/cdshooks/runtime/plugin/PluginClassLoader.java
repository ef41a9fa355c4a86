package org.cdshooks.runtime.plugin;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.CodeSigner;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ResourceBundle;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The loader of one plugin's classes. Isolation is by allow-list: the JDK's platform classes, the plugin's own jars, and
 * of the host nothing but the API and SLF4J. Its name is the plugin's, which the JDK prints in stack traces.
 *
 * <p>It reads from jars that are held open, unlike {@code URLClassLoader}, whose URLs open files anew by path. {@code
 * Class-Path} in a manifest is not followed: a plugin is what lies in its directory.
 */
final class PluginClassLoader extends ClassLoader implements Closeable {
    private static final String API = "org.cdshooks.api.";
    private static final String LOGGING = "org.slf4j.";

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader host;
    private final List<HeldJar> jars;
    private final Map<HeldJar, ProtectionDomain> domains = new ConcurrentHashMap<>();

    /** The loader owns the jars and releases them when it is closed. */
    PluginClassLoader(String plugin, List<HeldJar> jars, ClassLoader host) {
        super(plugin, getPlatformClassLoader());
        this.host = host;
        this.jars = List.copyOf(jars);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith(API)) {
            return host.loadClass(name);
        }
        if (name.startsWith(LOGGING)) {
            try {
                return host.loadClass(name);
            } catch (ClassNotFoundException e) {
                // an extension of SLF4J that the plugin brings and the host has not
                return super.loadClass(name, resolve);
            }
        }
        return super.loadClass(name, resolve);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String entryName = name.replace('.', '/') + ".class";
        for (HeldJar jar : jars) {
            byte[] bytes = read(jar, entryName, name);
            if (bytes.length > 0) {
                definePackageOf(name, jar);
                return defineClass(name, bytes, 0, bytes.length, domains.computeIfAbsent(jar, this::domain));
            }
        }
        throw new ClassNotFoundException(name);
    }

    /** Returns an empty array if the jar has no such entry. */
    private static byte[] read(HeldJar jar, String entryName, String className) throws ClassNotFoundException {
        try {
            JarEntry entry = jar.getJarEntry(entryName);
            if (entry == null) {
                return new byte[0];
            }
            try (InputStream in = jar.getInputStream(entry)) {
                return in.readAllBytes();
            }
        } catch (IllegalStateException e) {
            throw new ClassNotFoundException(className + " (its plugin has been stopped)", e);
        } catch (IOException | SecurityException e) {
            // not "class not found", which would send the author looking for a missing jar
            LinkageError broken = new ClassFormatError(
                    "class " + className + " can't be read from " + jar.fileName() + ": " + e.getMessage());
            broken.initCause(e);
            throw broken;
        }
    }

    private void definePackageOf(String className, HeldJar jar) {
        int dot = className.lastIndexOf('.');
        String name = dot < 0 ? "" : className.substring(0, dot);
        if (name.isEmpty() || getDefinedPackage(name) != null) {
            return;
        }
        Attributes main = new Attributes();
        try {
            Manifest manifest = jar.getManifest();
            if (manifest != null) {
                main = manifest.getMainAttributes();
            }
        } catch (IOException e) {
            // only versions of packages are lost, and the class itself is about to be read from the same file
        }
        try {
            definePackage(
                    name,
                    main.getValue(Attributes.Name.SPECIFICATION_TITLE),
                    main.getValue(Attributes.Name.SPECIFICATION_VERSION),
                    main.getValue(Attributes.Name.SPECIFICATION_VENDOR),
                    main.getValue(Attributes.Name.IMPLEMENTATION_TITLE),
                    main.getValue(Attributes.Name.IMPLEMENTATION_VERSION),
                    main.getValue(Attributes.Name.IMPLEMENTATION_VENDOR),
                    null);
        } catch (IllegalArgumentException e) {
            // another thread was first
        }
    }

    private ProtectionDomain domain(HeldJar jar) {
        CodeSource source = new CodeSource(jar.location(), (CodeSigner[]) null);
        return new ProtectionDomain(source, null, this, null);
    }

    @Override
    public @Nullable URL getResource(String name) {
        return isShared(name) ? host.getResource(name) : super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return isShared(name) ? host.getResources(name) : super.getResources(name);
    }

    /** Only what lies in the shared packages: providers named in {@code META-INF/services} are each side's own. */
    private static boolean isShared(String resource) {
        return resource.startsWith("org/cdshooks/api/") || resource.startsWith("org/slf4j/");
    }

    @Override
    protected @Nullable URL findResource(String name) {
        return own(name).findFirst().orElse(null);
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        return Collections.enumeration(own(name).toList());
    }

    private Stream<URL> own(String name) {
        try {
            return jars.stream().map(jar -> jar.resource(name)).flatMap(Optional::stream).toList().stream();
        } catch (IllegalStateException e) {
            return Stream.empty(); // closed
        }
    }

    /** Returns the jars whose files have changed since they were opened, by name. */
    Map<String, HeldJar.Change> changedJars() {
        Map<String, HeldJar.Change> changed = new TreeMap<>();
        jars.forEach(jar -> jar.change().ifPresent(change -> changed.put(jar.fileName(), change)));
        return changed;
    }

    /** Releases the files. Classes that were not loaded before can't be loaded afterwards. */
    @Override
    public void close() throws IOException {
        ResourceBundle.clearCache(this);
        IOException failure = null;
        for (HeldJar jar : jars) {
            try {
                jar.release();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
