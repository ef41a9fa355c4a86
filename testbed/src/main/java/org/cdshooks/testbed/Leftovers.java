package org.cdshooks.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Processes and directories that must not outlive this JVM. */
final class Leftovers {
    private static final Set<ProcessHandle> PROCESSES = ConcurrentHashMap.newKeySet();
    private static final Set<Path> DIRECTORIES = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::clear, "testbed-leftovers"));
    }

    private Leftovers() {}

    private static void clear() {
        PROCESSES.forEach(ProcessHandle::destroyForcibly);
        // A server that is still dying may write a last file; it is unlinked with the others or left as litter.
        DIRECTORIES.forEach(Leftovers::delete);
    }

    static void killAtExit(ProcessHandle process) {
        PROCESSES.add(process);
        var _ = process.onExit().thenRun(() -> PROCESSES.remove(process));
    }

    /** Makes a directory that is deleted by {@link #delete} or, at the latest, when this JVM ends. */
    static Path directory(String prefix) {
        try {
            Path directory = Files.createTempDirectory(prefix);
            DIRECTORIES.add(directory);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a directory with all in it, as far as that goes. */
    static void delete(Path directory) {
        DIRECTORIES.remove(directory);
        try (Stream<Path> found = Files.walk(directory)) {
            List<Path> innerFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : innerFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // Litter in a directory for temporary files; a test must not fail for it.
        }
    }
}
