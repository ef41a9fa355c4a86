package org.cdshooks.testbed;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Brings a RabbitMQ with its Erlang out of the packages of Debian or Ubuntu: fetched and unpacked without root into a
 * directory of the user's cache, once, in some seconds. Nothing is installed.
 */
final class RabbitMqPackages {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);
    private static final List<String> NAMES = List.of(
            "rabbitmq-server",
            "erlang-base",
            "erlang-asn1",
            "erlang-crypto",
            "erlang-eldap",
            "erlang-ftp",
            "erlang-inets",
            "erlang-mnesia",
            "erlang-os-mon",
            "erlang-parsetools",
            "erlang-public-key",
            "erlang-runtime-tools",
            "erlang-snmp",
            "erlang-ssl",
            "erlang-syntax-tools",
            "erlang-tftp",
            "erlang-tools",
            "erlang-xmerl");

    private RabbitMqPackages() {}

    /**
     * Returns the directory in which {@code usr/lib/rabbitmq} and {@code usr/lib/erlang} are.
     *
     * @return empty if this machine has no such packages, or can't reach them; what was tried then stands on stderr
     */
    static synchronized Optional<Path> find() {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(path -> !path.isBlank())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("cds-hooks-testbed");
        Path ready = cache.resolve("rabbitmq");
        if (Files.isDirectory(ready)) {
            return Optional.of(ready);
        }
        try {
            Files.createDirectories(cache);
            Path made = Files.createTempDirectory(cache, "unpacking-");
            try {
                bring(made);
                Files.move(made.resolve("root"), ready, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Leftovers.delete(made);
            }
        } catch (FileSystemException e) {
            // another build has put it there in the meantime, or the cache can't be written
        } catch (IOException e) {
            System.err.println("No RabbitMQ is brought, so tests do without: " + e.getMessage());
        }
        return Optional.of(ready).filter(Files::isDirectory);
    }

    private static void bring(Path directory) throws IOException {
        long end = System.nanoTime() + LIMIT;
        List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download"));
        download.addAll(NAMES);
        try {
            run(directory, download, end);
        } catch (IOException e) {
            // Without root, and perhaps on a machine that has never asked: with lists of its own.
            List<String> own = List.of(
                    "apt-get",
                    "-q",
                    "-o",
                    "Dir::State::Lists="
                            + Files.createDirectories(directory.resolve("lists/partial"))
                                    .getParent(),
                    "-o",
                    "Dir::Cache=" + Files.createDirectories(directory.resolve("cache")));
            List<String> update = new ArrayList<>(own);
            update.add("update");
            run(directory, update, end);
            List<String> again = new ArrayList<>(own);
            again.add("download");
            again.addAll(NAMES);
            run(directory, again, end);
        }
        List<Path> packages;
        try (Stream<Path> files = Files.list(directory)) {
            packages = files.filter(file -> file.toString().endsWith(".deb")).toList();
        }
        for (Path file : packages) {
            run(directory, List.of("dpkg", "-x", file.toString(), "root"), end);
        }
        Path erl = directory.resolve("root/usr/lib/erlang/bin/erl");
        // It names the place where it is usually installed.
        Files.writeString(
                erl,
                Files.readString(erl)
                        .replace("ROOTDIR=/usr/lib/erlang", "ROOTDIR=$(cd \"$(dirname \"$0\")/..\" && pwd)"));
    }

    private static void run(Path directory, List<String> command, long end) throws IOException {
        Path said = Files.createTempFile(directory, "said-", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (!process.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " took longer than a minute");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " ran", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(command.getFirst() + " says: "
                    + Files.readString(said)
                            .lines()
                            .reduce((first, last) -> last)
                            .orElse("nothing"));
        }
    }
}
