package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start-up cache: classes loaded and linked ahead of time (JEP 483 and 514), for exactly one build of Java and one set
 * of JVM options, so it is made where it is used and is no part of the zip. The launcher script takes it when it is there.
 */
final class StartCache {
    private static final Logger LOG = LoggerFactory.getLogger(StartCache.class);
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path home;

    private StartCache(Path home) {
        this.home = home;
    }

    static StartCache of(Home home) {
        return new StartCache(home.home());
    }

    /** The name tells the build of Java, so that another one does not try it; the launcher script makes the same name. */
    private Path file() {
        return home.resolve("lib").resolve("hooks-" + Runtime.version() + ".aot");
    }

    /** Tells whether a cache can be made and is not there. */
    boolean isMissing() {
        return Files.isRegularFile(home.resolve("bin").resolve("hooks"))
                && Files.isWritable(home.resolve("lib"))
                && !Files.exists(file());
    }

    /** Makes the cache in a process of its own with low priority, if it is missing. It ends with this one. */
    void makeInBackground() {
        if (isMissing()) {
            Thread.ofPlatform().daemon().name("start-cache").start(() -> {
                try {
                    make(true);
                    LOG.info("made a start-up cache, {}; the next start takes half the time", file());
                } catch (IOException e) {
                    LOG.info("no start-up cache was made: {}", e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** Makes the cache anew: a training run in a process of its own, written beside and moved into place at the end. */
    void make(boolean background) throws IOException, InterruptedException {
        Path fresh =
                file().resolveSibling("hooks.aot.new." + ProcessHandle.current().pid());
        List<String> command = new ArrayList<>();
        if (background && Files.isExecutable(Path.of("/usr/bin/nice"))) {
            command.addAll(List.of("/usr/bin/nice", "-n", "19"));
        }
        command.addAll(List.of(home.resolve("bin").resolve("hooks").toString(), "start-cache", "--train"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOOKS_AOT", "off");
        builder.environment().put("HOOKS_JAVA_OPTS", "-XX:AOTCacheOutput=" + fresh);
        Process process = builder.start();
        Thread end = new Thread(process::destroyForcibly, "start-cache-end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the training run took more than " + LIMIT.toMinutes() + " minutes");
            }
            if (process.exitValue() != 0 || !Files.exists(fresh)) {
                throw new IOException("the training run ended with exit code " + process.exitValue());
            }
            Files.move(fresh, file(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(fresh);
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException e) {
                LOG.debug("stopping", e);
            }
        }
    }
}
