package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A service whose data is in a temporary directory, of which nothing is left behind. */
final class TemporaryService implements AutoCloseable {
    private final Path directory;
    private final HooksServer server;
    private final LocalClient client;

    /**
     * Starts it.
     *
     * @param origin what the settings are said to come from, for messages
     * @param overrides settings on top of the defaults and the environment
     */
    TemporaryService(String origin, Map<String, String> overrides) throws IOException {
        directory = Files.createTempDirectory("hooks-");
        Home home = Home.detect();
        Map<String, Map.Entry<String, String>> options = new TreeMap<>();
        options.put(
                Settings.DATA_DIR.name(),
                Map.entry(origin, directory.resolve("data").toString()));
        // What it calls is the receiver beside it.
        options.put(Settings.SINK_HTTP_ALLOW.name(), Map.entry(origin, "127.0.0.1/32"));
        overrides.forEach((key, value) -> options.put(key, Map.entry(origin, value)));
        try {
            Settings settings = new SettingsLoader(home.home(), home.base(), System.getenv(), warning -> {})
                    .load(Optional.empty(), options);
            Logging.apply(settings.get(Settings.LOG_LEVEL), settings.get(Settings.LOG_FORMAT));
            server = HooksServer.start(settings, InstantSource.system());
            client = new LocalClient(server.url(), ServiceHash.readOrCreate(settings.dataDir()));
        } catch (IOException | RuntimeException e) {
            delete();
            throw e;
        }
    }

    HooksServer server() {
        return server;
    }

    LocalClient client() {
        return client;
    }

    Path dataDirectory() {
        return directory.resolve("data");
    }

    @Override
    public void close() {
        client.close();
        server.stop();
        delete();
    }

    private void delete() {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, java.io.IOException failure) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            System.err.println("hooks: " + directory + " could not be removed: " + e.getMessage());
        }
    }
}
