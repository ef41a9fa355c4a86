package org.cdshooks.runtime.plugin;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds plugins in the plugins directory: each directory in it is one, and so is each jar that lies directly in it.
 * Opens no file. Other files, and names that begin with a dot, are nobody's business.
 */
final class PluginFinder {
    /** What stands at the top of a volume of its own. */
    private static final String LOST_AND_FOUND = "lost+found";

    private PluginFinder() {}

    /**
     * One plugin.
     *
     * @param name the name of the directory, or of the jar without its ending
     * @param source the directory or the jar
     * @param jars its jars, by name
     * @param problem why there is nothing to load, if there is nothing
     */
    record Found(String name, Path source, List<Path> jars, Optional<String> problem) {}

    /**
     * Lists the plugins, by name.
     *
     * @throws NotUsableException if the directory can't be read, with a message that names the option
     */
    static List<Found> find(Path pluginsDir) throws NotUsableException {
        if (!Files.exists(pluginsDir)) {
            throw unusable(pluginsDir, "does not exist");
        }
        if (!Files.isDirectory(pluginsDir)) {
            throw unusable(pluginsDir, "is a file and should be a directory");
        }
        List<Path> entries;
        try {
            entries = list(pluginsDir);
        } catch (IOException e) {
            throw unusable(pluginsDir, "can't be read: " + reason(e));
        }
        List<Found> found = new ArrayList<>();
        for (Path entry : entries) {
            String name = nameOf(entry);
            if (Files.isDirectory(entry)) {
                if (!name.equals(LOST_AND_FOUND)) {
                    found.add(inDirectory(name, entry));
                }
            } else if (isJarName(name)) {
                found.add(new Found(name.substring(0, name.length() - 4), entry, List.of(entry), Optional.empty()));
            }
        }
        return found;
    }

    private static NotUsableException unusable(Path pluginsDir, String why) {
        return new NotUsableException("option plugins.dir: " + pluginsDir.toAbsolutePath() + " " + why
                + "; set plugins.dir to the directory that holds the plugins");
    }

    private static Found inDirectory(String name, Path directory) {
        try {
            List<Path> entries = list(directory);
            List<Path> jars = entries.stream()
                    .filter(entry -> isJarName(nameOf(entry)) && !Files.isDirectory(entry))
                    .toList();
            if (!jars.isEmpty()) {
                return new Found(name, directory, jars, Optional.empty());
            }
            for (Path entry : entries) {
                if (Files.isDirectory(entry) && list(entry).stream().anyMatch(nested -> isJarName(nameOf(nested)))) {
                    return nothing(
                            name,
                            directory,
                            "its jars lie in " + nameOf(entry) + "/, which is not looked at; put them directly into "
                                    + directory);
                }
            }
            return nothing(
                    name,
                    directory,
                    (entries.isEmpty() ? "the directory is empty" : "there is no jar in the directory")
                            + "; put the plugin's jars into it, or remove it");
        } catch (IOException e) {
            return nothing(name, directory, "the directory can't be read: " + reason(e));
        }
    }

    private static Found nothing(String name, Path directory, String problem) {
        return new Found(name, directory, List.of(), Optional.of(problem));
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !nameOf(entry).startsWith("."))
                    .sorted((a, b) -> nameOf(a).compareTo(nameOf(b)))
                    .toList();
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static boolean isJarName(String name) {
        return name.length() > 4 && name.toLowerCase(Locale.ROOT).endsWith(".jar");
    }

    /** Says in words why a file or directory could not be opened. */
    static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException e -> "the user of this service may not read it";
            case FileSystemException e when e.getReason() != null -> Failures.oneLine(e.getReason());
            default -> Failures.explain(failure);
        };
    }
}
