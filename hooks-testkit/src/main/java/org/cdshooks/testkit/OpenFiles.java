package org.cdshooks.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which files and sockets this process has open. Knows it on Linux, from {@code /proc}; elsewhere it sees none. */
final class OpenFiles {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private OpenFiles() {}

    static Set<String> now() {
        Set<String> open = new TreeSet<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return open;
        }
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            descriptors.map(OpenFiles::target).flatMap(Optional::stream).forEach(open::add);
        } catch (IOException e) {
            return new TreeSet<>();
        }
        return open;
    }

    /** Leaves out what class loading and the JDK itself open: jars, devices, selectors. */
    private static Optional<String> target(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            boolean isSocket = target.startsWith("socket:");
            boolean isFile = target.startsWith("/")
                    && !target.startsWith("/dev/")
                    && !target.startsWith("/proc/")
                    && !target.endsWith(".jar")
                    && !target.endsWith(".class")
                    && !target.endsWith("/modules");
            return isSocket || isFile ? Optional.of(target) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // closed since the list was made
        }
    }
}
