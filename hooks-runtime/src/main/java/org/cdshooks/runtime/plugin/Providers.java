package org.cdshooks.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds and makes the providers of a service as {@link java.util.ServiceLoader} does, one by one. {@code ServiceLoader}
 * itself does not tell which provider it was when one fails to link, nor what its author did wrong, and its iterator's
 * state after such an error is not specified (JDK-8196182).
 *
 * @param <S> the service
 */
final class Providers<S> {
    private final Class<S> service;
    private final ClassLoader loader;
    private final String file;

    Providers(Class<S> service, ClassLoader loader) {
        this.service = service;
        this.loader = loader;
        this.file = "META-INF/services/" + service.getName();
    }

    /** The names of the provider classes, in the order of the jars and lines, each once. */
    List<String> names() throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (URL url : Collections.list(loader.getResources(file))) {
            try (InputStream in = open(url)) {
                String text = new String(in.readAllBytes(), UTF_8);
                (text.startsWith("\uFEFF") ? text.substring(1) : text)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(names::add);
            }
        }
        return List.copyOf(names);
    }

    private static InputStream open(URL url) throws IOException {
        var connection = url.openConnection();
        connection.setUseCaches(false); // the host's jars come from the JDK's own handler, which keeps files open
        return connection.getInputStream();
    }

    /** Makes an instance. Runs code of the provider, so call it through a door. */
    S make(String className) throws NotUsableException {
        Class<?> type;
        try {
            type = Class.forName(className, false, loader);
        } catch (ClassNotFoundException e) {
            throw new NotUsableException(file + " names it, and there is no such class", e);
        }
        if (!service.isAssignableFrom(type)) {
            throw new NotUsableException(file + " names it, and it is no " + service.getSimpleName());
        }
        if (Modifier.isAbstract(type.getModifiers())) {
            throw new NotUsableException("it is " + (type.isInterface() ? "an interface" : "abstract")
                    + ", so no instance can be made of it");
        }
        try {
            Constructor<? extends S> constructor = type.asSubclass(service).getConstructor();
            if (!Modifier.isPublic(type.getModifiers())) {
                throw new NotUsableException("the class is not public");
            }
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            boolean inner = type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
            throw new NotUsableException(
                    "it has no public constructor without parameters"
                            + (inner ? " (it is an inner class; make it static)" : ""),
                    e);
        } catch (InvocationTargetException e) {
            throw new NotUsableException("its constructor failed: " + Failures.explain(e.getCause()), e.getCause());
        } catch (InstantiationException | IllegalAccessException e) {
            throw new NotUsableException("no instance can be made of it: " + Failures.explain(e), e);
        }
    }
}
