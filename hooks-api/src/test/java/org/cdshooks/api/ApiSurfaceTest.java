package org.cdshooks.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares what plugins can see of this module with what was agreed on, so that nothing changes unnoticed. */
class ApiSurfaceTest {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path AGREED = Path.of("src", "test", "api-surface.txt");
    private static final String UPDATE = "api.update";
    private static final String MESSAGE = """
            what %s in the API. A plugin that was built before must go on working: ImplementedByPlugins and \
            ProvidedByRuntime say what may change. If this may, run \
            ./mvnw -pl hooks-api -Dtest=ApiSurfaceTest -Dapi.update=true verify \
            and look at the difference in hooks-api/src/test/api-surface.txt""";

    @Test
    void theSurfaceIsTheOneThatWasAgreedOn() throws Exception {
        String surface = surface();
        if (Boolean.getBoolean(UPDATE)) {
            Files.writeString(AGREED, surface);
        }
        List<String> is = surface.lines().toList();
        List<String> agreed = Files.readAllLines(AGREED);
        assertThat(without(agreed, is)).as(MESSAGE, "is gone").isEmpty();
        assertThat(without(is, agreed)).as(MESSAGE, "is new").isEmpty();
        assertThat(is).as(MESSAGE, "is in another order").isEqualTo(agreed);
    }

    private static List<String> without(List<String> lines, List<String> others) {
        return lines.stream().filter(line -> !others.contains(line)).toList();
    }

    @Test
    void theSurfaceHoldsWhatItShould() throws Exception {
        assertThat(surface().lines())
                .contains(
                        "@ImplementedByPlugins public abstract interface org.cdshooks.api.Hook",
                        "    public abstract java.util.List<org.cdshooks.api.Trigger> org.cdshooks.api.Hook.triggers()",
                        "    public default void org.cdshooks.api.Hook.stop() throws java.lang.Exception",
                        "    public <T> java.util.Optional<T> org.cdshooks.api.config.HookConfig.find("
                                + "org.cdshooks.api.config.ConfigOption<T>)")
                .noneMatch(line -> line.contains("private ") || line.contains("lambda$"));
    }

    private static String surface() throws IOException, ClassNotFoundException {
        StringBuilder lines = new StringBuilder();
        for (Class<?> type : exportedTypes()) {
            lines.append(type(type)).append('\n');
            members(type).map(member -> "    " + member + "\n").forEach(lines::append);
        }
        return lines.toString();
    }

    private static List<Class<?>> exportedTypes() throws IOException, ClassNotFoundException {
        ModuleDescriptor module;
        try (var in = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        List<String> names;
        try (Stream<Path> files = Files.walk(CLASSES)) {
            List<String> exported = module.exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .toList();
            names = files.map(file -> CLASSES.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
                    .sorted()
                    .toList();
        }
        List<Class<?>> types = new ArrayList<>();
        for (String name : names) {
            Class<?> type = Class.forName(name, false, ApiSurfaceTest.class.getClassLoader());
            if (isVisible(type)) {
                types.add(type);
            }
        }
        return types;
    }

    private static boolean isVisible(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return isVisible(type.getModifiers()) && !type.isAnonymousClass() && (outer == null || isVisible(outer));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String type(Class<?> type) {
        String supertypes = Stream.concat(
                        Stream.ofNullable(type.getGenericSuperclass()), Arrays.stream(type.getGenericInterfaces()))
                .map(Type::getTypeName)
                .filter(name -> !name.equals("java.lang.Object"))
                .collect(Collectors.joining(", "));
        String permitted = type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses())
                        .map(Class::getName)
                        .collect(Collectors.joining(", "))
                : "";
        return marks(type.getAnnotations())
                + type.toGenericString()
                + (supertypes.isEmpty() ? "" : " extends " + supertypes)
                + (permitted.isEmpty() ? "" : " permits " + permitted);
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                .flatMap(Arrays::stream)
                .map(Member.class::cast)
                .filter(member -> isVisible(member.getModifiers()) && !member.isSynthetic())
                .map(ApiSurfaceTest::member)
                .sorted();
    }

    private static String member(Member member) {
        return switch (member) {
            case Field field -> field.toGenericString() + constant(field);
            case Constructor<?> constructor -> marks(constructor.getAnnotations()) + constructor.toGenericString();
            case Method method ->
                marks(method.getAnnotations()) + method.toGenericString() + (method.isVarArgs() ? " varargs" : "");
            default -> throw new IllegalStateException(member.toString());
        };
    }

    /** The compiler copies constants into plugins, so their values are part of what was agreed on. */
    private static String constant(Field field) {
        if (!Modifier.isStatic(field.getModifiers()) || field.getType() != String.class) {
            return "";
        }
        try {
            return " = \"" + field.get(null) + "\"";
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String marks(Annotation[] annotations) {
        return Arrays.stream(annotations)
                .map(annotation -> switch (annotation) {
                    case ImplementedByPlugins mark -> "@ImplementedByPlugins ";
                    case ProvidedByRuntime mark -> "@ProvidedByRuntime ";
                    case Experimental mark -> "@Experimental(" + mark.decideBy() + ") ";
                    case FunctionalInterface mark -> "@FunctionalInterface ";
                    case Deprecated mark -> "@Deprecated ";
                    default -> "";
                })
                .sorted()
                .collect(Collectors.joining());
    }
}
