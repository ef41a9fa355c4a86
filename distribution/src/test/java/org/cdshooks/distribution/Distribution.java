package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The zip, unpacked as a user would, and its launcher script. */
final class Distribution {
    private static final Pattern READY = Pattern.compile("is ready at (http://\\S+)");
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration START_CACHE_LIMIT = Duration.ofMinutes(3);

    /** Killed when this JVM ends before it has ended them. */
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private static final AtomicInteger STARTS = new AtomicInteger();

    private final Path home;
    private volatile Optional<Path> logs = Optional.empty();

    private Distribution(Path home) {
        this.home = home;
    }

    /** Unpacks the zip that the build has just made. */
    static Distribution unpackInto(Path directory) throws IOException {
        Path zip = Path.of(System.getProperty("hooks.zip"));
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path target = directory.resolve(entry.getName()).normalize();
                assertThat(target.startsWith(directory)).as("entry %s", entry).isTrue();
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(in, target);
                }
            }
        }
        try (var roots = Files.list(directory)) {
            Path home = roots.filter(Files::isDirectory).findFirst().orElseThrow();
            assertThat(home.resolve("bin/hooks").toFile().setExecutable(true)).isTrue();
            return new Distribution(home);
        }
    }

    /** One that is unpacked already. */
    static Distribution at(Path home) {
        return new Distribution(home);
    }

    /** Makes the start-up cache anew, so that each start takes half the time. */
    void makeStartCache() throws IOException, InterruptedException {
        Process making = process(Map.of(), "start-cache").inheritIO().start();
        if (!making.waitFor(START_CACHE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            making.descendants().forEach(ProcessHandle::destroyForcibly);
            making.destroyForcibly();
            System.out.println("there is no start-up cache, as making it took too long: starts take longer");
        }
    }

    /** Keeps the logs of services that are started from now on. */
    void keepLogsIn(Optional<Path> directory) {
        logs = directory;
    }

    private Path newLog() throws IOException {
        return logs.isPresent()
                ? Files.createTempFile(logs.get(), "serve-" + STARTS.incrementAndGet() + "-", ".log")
                : Files.createTempFile("hooks-serve", ".err");
    }

    Path home() {
        return home;
    }

    /** What a command printed and ended with. */
    record Result(int exitCode, String out, String err) {}

    /** Runs a command to its end. */
    Result run(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), arguments);
    }

    Result run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile("hooks-out", ".txt");
        Path err = Files.createTempFile("hooks-err", ".txt");
        try {
            Process process = process(environment, arguments)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(
                        List.of(arguments) + " did not end\n" + Files.readString(out) + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Starts one of several nodes on a Redis, which tries again soon and keeps few executions. */
    Service serveOn(String redis, Path data) throws IOException, InterruptedException {
        return serveOn(redis, data, Map.of());
    }

    /** Starts such a node with more settings. */
    Service serveOn(String redis, Path data, Map<String, String> more) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(more);
        environment.putAll(Map.of(
                "HOOKS_STORE_TYPE", "redis",
                "HOOKS_STORE_REDIS_URL", redis,
                "HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32",
                "HOOKS_RETRYDELAY", "1",
                "HOOKS_EXECUTIONHISTORY", "5"));
        return serve(data, environment);
    }

    /** Starts the service on a free port and waits until it says that it is ready. */
    Service serve(Path data, Map<String, String> environment) throws IOException, InterruptedException {
        return serve(data, environment, Optional.empty());
    }

    /** Starts it; the token is asked for unless it is known from a process before on the same store. */
    private Service serve(Path data, Map<String, String> environment, Optional<String> known)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("hooks-serve", ".out");
        Path err = newLog();
        Process process = process(environment, "serve", "--port", "0", "--data", data.toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        RUNNING.add(process);
        var _ = process.onExit().thenRun(() -> RUNNING.remove(process));
        waitUntil("the service is ready", () -> READY.matcher(read(out)).find() || !process.isAlive());
        Matcher ready = READY.matcher(read(out));
        Files.delete(out);
        if (!ready.find()) {
            throw new AssertionError("serve ended with " + process.exitValue() + ": " + read(err));
        }
        String token = known.isPresent()
                ? known.get()
                : run(environment, "token", "--data", data.toString()).out().strip();
        return new Service(process, ready.group(1), token, err, logs.isEmpty(), more -> {
            Map<String, String> all = new HashMap<>(environment);
            all.putAll(more);
            return serve(data, all, Optional.of(token));
        });
    }

    private ProcessBuilder process(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/hooks").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("HOOKS_STARTCACHE", "false");
        builder.environment().putAll(all);
        // As on a machine where nobody exported anything.
        builder.environment().remove("JAVA_HOME");
        return builder;
    }

    static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for something that another process does; polls, since it can't be told. */
    static void waitUntil(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + START_LIMIT.toSeconds() + " s in vain until " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
