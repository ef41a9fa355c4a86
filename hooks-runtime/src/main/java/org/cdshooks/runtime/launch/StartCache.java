package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start-up cache: classes loaded and linked ahead of time (JEP 483 and 514), for exactly one build of Java and one set
 * of JVM options, so it is made where it is used and is no part of the zip. The launcher script takes it when it is there.
 */
final class StartCache {
    private static final Logger LOG = LoggerFactory.getLogger(StartCache.class);
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final String UNFINISHED = "hooks.aot.new.";

    private final Path home;
    // Guarded by this object.
    private @Nullable Process training;
    private boolean isCancelled;

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
            removeUnfinished();
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
        Path fresh = fresh();
        List<String> command = new ArrayList<>();
        if (background && Files.isExecutable(Path.of("/usr/bin/nice"))) {
            command.addAll(List.of("/usr/bin/nice", "-n", "19"));
        }
        command.addAll(List.of(home.resolve("bin").resolve("hooks").toString(), "start-cache", "--train"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOOKS_AOT", "off");
        builder.environment().put("HOOKS_JAVA_OPTS", "-XX:AOTCacheOutput=" + fresh);
        Process process = train(builder);
        Thread end = new Thread(this::cancel, "start-cache-end");
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
            cancel();
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException e) {
                LOG.debug("stopping", e);
            }
        }
    }

    private synchronized Process train(ProcessBuilder builder) throws IOException {
        if (isCancelled) {
            throw new IOException("the service stops");
        }
        Process process = builder.start();
        training = process;
        return process;
    }

    /**
     * Ends a training run, and leaves nothing of it behind. Whoever comes second waits for the first: the process may be
     * halted after this has returned.
     */
    synchronized void cancel() {
        isCancelled = true;
        Process process = training;
        training = null;
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly()
                    .onExit()
                    .orTimeout(5, TimeUnit.SECONDS)
                    .handle((_, _) -> true)
                    .join();
            removeAll(fresh().getFileName().toString());
        }
    }

    private Path fresh() {
        return file().resolveSibling(UNFINISHED + ProcessHandle.current().pid());
    }

    /** Removes what processes have left behind that were killed in the middle. */
    private void removeUnfinished() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home.resolve("lib"), UNFINISHED + "*")) {
            for (Path file : files) {
                String pid = file.getFileName()
                        .toString()
                        .substring(UNFINISHED.length())
                        .replaceAll("\\D.*", "");
                if (pid.isEmpty() || ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.debug("what is left of training runs can't be removed", e);
        }
    }

    /** The JVM writes beside the file that it is told, under longer names. */
    private void removeAll(String name) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home.resolve("lib"), name + "*")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("what is left of a training run can't be removed", e);
        }
    }
}
