package org.cdshooks.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own that can be started, killed and started again; it ends with this JVM. */
final class ServerProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TAIL = 4_000;

    /**
     * The kernel sends the signal of {@link #DIES_WITH_US} when the <em>thread</em> ends that started the process, so
     * that has to be one which never does.
     */
    private static final Executor SPAWNER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("testbed-spawner").factory());

    /** What a command begins with so that it is killed even when nobody can run a shutdown hook; empty if unknown here. */
    private static final List<String> DIES_WITH_US = diesWithUs(List.of("setpriv", "--pdeathsig", "KILL"));

    private final List<String> command;
    private final Path log;
    private Optional<Process> process = Optional.empty();

    ServerProcess(List<String> command, Path log) {
        this.command = List.copyOf(command);
        this.log = log;
    }

    private static List<String> diesWithUs(List<String> prefix) {
        List<String> harmless = new ArrayList<>(prefix);
        harmless.add("true");
        try {
            Process tried = new ProcessBuilder(harmless)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) && tried.exitValue() == 0 ? prefix : List.of();
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Whether servers end even with a JVM that is killed hard. */
    static boolean endsWithAKilledJvm() {
        return !DIES_WITH_US.isEmpty();
    }

    synchronized void start() {
        if (isAlive()) {
            throw new IllegalStateException("already running: " + command);
        }
        List<String> whole = new ArrayList<>(DIES_WITH_US);
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process started =
                    CompletableFuture.supplyAsync(() -> spawn(builder), SPAWNER).join();
            process = Optional.of(started);
        } catch (CompletionException e) {
            throw new IllegalStateException(
                    command.getFirst() + " cannot be run. " + RedisBinary.WAY_OUT, e.getCause());
        }
    }

    private static Process spawn(ProcessBuilder builder) {
        try {
            Process started = builder.start();
            Leftovers.killAtExit(started.toHandle());
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    /** The process id, also of a process that has ended. */
    synchronized long pid() {
        return process.orElseThrow(() -> new IllegalStateException("never started"))
                .pid();
    }

    /** SIGKILL; comes back when the process is gone. */
    synchronized void kill() {
        process.ifPresent(running -> {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            awaitEnd(running);
        });
    }

    /** SIGTERM, and SIGKILL if that is not obeyed in time. */
    synchronized void stop() {
        process.filter(Process::isAlive).ifPresent(running -> {
            signal("CONT");
            running.destroy();
            try {
                if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    kill();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                kill();
            }
        });
    }

    private void awaitEnd(Process running) {
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (running.isAlive() && System.nanoTime() < end) {
            try {
                var _ = running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true; // told to hurry, but a server left behind is worse
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (running.isAlive()) {
            throw new IllegalStateException("process " + running.pid() + " does not die: " + command);
        }
    }

    /** SIGSTOP; comes back when no thread of the process runs any more. */
    synchronized void pause() {
        signal("STOP");
        Path state = Path.of("/proc", Long.toString(pid()), "stat");
        if (Files.exists(state)) {
            Await.until("process " + pid() + " is stopped", PATIENCE, () -> state(state) == 'T', this::log);
        }
    }

    /** SIGCONT. */
    synchronized void resume() {
        signal("CONT");
    }

    /** The letter after the name in parentheses. */
    private static char state(Path stat) {
        try {
            String line = Files.readString(stat);
            return line.charAt(line.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String name) {
        if (!isAlive()) {
            throw new IllegalStateException("not running: " + command + "\n" + log());
        }
        try {
            // The shell has kill built in; the program of that name is not everywhere.
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(kill.getInputStream().readAllBytes(), UTF_8);
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid() + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    /** The end of what the server printed since it was first started. */
    String log() {
        if (!Files.exists(log)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - TAIL);
            byte[] bytes = new byte[Math.toIntExact(file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
