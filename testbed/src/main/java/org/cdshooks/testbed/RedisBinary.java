package org.cdshooks.testbed;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the {@code redis-server} of this machine, or brings one. */
final class RedisBinary {
    static final String PROPERTY = "redis.server";
    static final String VARIABLE = "REDIS_SERVER";
    /** What to do when a {@code redis-server} does not run. */
    static final String WAY_OUT = "Install Redis 6.2 or newer, or name a redis-server with -D" + PROPERTY
            + "=/path or the environment variable " + VARIABLE + ".";

    private static final Pattern VERSION = Pattern.compile("v=(\\d+)\\.(\\d+)");

    private static Optional<Path> found = Optional.empty(); // looked for once, as it may have to be unpacked

    private RedisBinary() {}

    static synchronized Path path() {
        Path path = found.orElseGet(RedisBinary::find);
        found = Optional.of(path);
        return path;
    }

    private static Path find() {
        return named(System.getProperty(PROPERTY), "-D" + PROPERTY)
                .or(() -> named(System.getenv(VARIABLE), VARIABLE))
                .or(RedisBinary::onPath)
                .orElseGet(RedisBinary::unpack);
    }

    static Optional<Path> named(@Nullable String value, String from) {
        if (value == null || value.isBlank()) {
            return Optional.empty();
        }
        Path path = Path.of(value).toAbsolutePath();
        if (!Files.isExecutable(path) || Files.isDirectory(path)) {
            throw new IllegalStateException(from + "=" + value + " names no file that can be executed.");
        }
        return Optional.of(path);
    }

    private static Optional<Path> onPath() {
        String searched = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String directory : searched.split(File.pathSeparator)) {
            Path path = Path.of(directory, "redis-server").toAbsolutePath();
            if (Files.isExecutable(path) && isNewEnough(path)) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private static boolean isNewEnough(Path path) {
        try {
            Process process = new ProcessBuilder(path.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher version = VERSION.matcher(said);
            if (!version.find()) {
                return false;
            }
            int major = Integer.parseInt(version.group(1));
            int minor = Integer.parseInt(version.group(2));
            return major > 6 || major == 6 && minor >= 2;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path unpack() {
        String name = bundled(System.getProperty("os.name", ""), System.getProperty("os.arch", ""))
                .orElseThrow(() -> new IllegalStateException("No redis-server on the PATH, and none is brought for "
                        + System.getProperty("os.name") + " on " + System.getProperty("os.arch") + ". " + WAY_OUT));
        Path path = Leftovers.directory("hooks-redis-binary-").resolve("redis-server");
        try (InputStream in = RedisBinary.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the resources of embedded-redis. " + WAY_OUT);
            }
            Files.copy(in, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!path.toFile().setExecutable(true)) {
            throw new IllegalStateException(path + " cannot be made executable. " + WAY_OUT);
        }
        return path;
    }

    /** The name of the resource for a system, as embedded-redis has them. */
    static Optional<String> bundled(String os, String arch) {
        boolean arm = List.of("aarch64", "arm64").contains(arch);
        boolean intel = List.of("amd64", "x86_64").contains(arch);
        String system = os.toLowerCase(Locale.ROOT);
        if (system.startsWith("linux") && (intel || arm)) {
            return Optional.of(intel ? "redis-server-6.2.6-v5-linux-amd64" : "redis-server-6.2.7-linux-arm64");
        }
        if (system.startsWith("mac") && (intel || arm)) {
            return Optional.of("redis-server-6.2.6-v5-darwin-" + (intel ? "amd64" : "arm64"));
        }
        return Optional.empty();
    }
}
