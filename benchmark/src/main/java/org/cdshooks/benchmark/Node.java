package org.cdshooks.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process under measurement. */
final class Node implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("is ready at http://127.0.0.1:(\\d+)");
    private static final Pattern UUID = Pattern.compile("\"uuid\":\"([^\"]+)\"");
    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final int port;
    private final String token;
    private final Path out;

    private Node(Process process, int port, String token, Path out) {
        this.process = process;
        this.port = port;
        this.token = token;
        this.out = out;
    }

    /** Starts the service from its launcher script. */
    static Node service(Path home, Path data, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                home.resolve("bin/hooks").toString(), "serve", "--port", "0", "--data", data.toString());
        builder.environment().putAll(environment);
        builder.environment().put("HOOKS_STARTCACHE", "false");
        builder.environment().put("HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32");
        Node node = start(builder, "");
        return new Node(
                node.process,
                node.port,
                Files.readString(data.resolve("service.hash")).strip(),
                node.out);
    }

    /** Starts the bare server with the options of the service's JVM. */
    static Node bare() throws IOException, InterruptedException {
        return java(BareServer.class);
    }

    /** Starts a program of this module with the options of the service's JVM. */
    static Node java(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return start(new ProcessBuilder(command), "");
    }

    private static Node start(ProcessBuilder builder, String token) throws IOException, InterruptedException {
        Path out = Files.createTempFile("hooks-benchmark", ".out");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            Matcher ready = READY.matcher(Files.readString(out));
            if (ready.find()) {
                return new Node(process, Integer.parseInt(ready.group(1)), token, out);
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("not ready: " + Files.readString(out));
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    int port() {
        return port;
    }

    String createTask(String json) throws IOException, InterruptedException {
        String answer = send("POST", "/task", json);
        Matcher uuid = UUID.matcher(answer);
        if (!uuid.find()) {
            throw new IOException("no task was created: " + answer);
        }
        return uuid.group(1);
    }

    String send(String method, String path, String body) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofMinutes(2))
                                .header("Authorization", "Bearer " + token)
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    String token() {
        return token;
    }

    /** Processor time used since the start, in seconds. */
    double cpuSeconds() {
        return process.toHandle()
                .info()
                .totalCpuDuration()
                .map(cpu -> cpu.toNanos() / 1e9)
                .orElse(Double.NaN);
    }

    /** Resident memory, in MiB. */
    long residentMiB() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return -1;
    }

    /** Heap in use after a collection, in MiB. */
    long heapMiB() throws IOException, InterruptedException {
        jcmd("GC.run");
        String info = jcmd("GC.heap_info");
        // Of each generation that is listed; metaspace comes last and is none.
        int metaspace = info.indexOf("Metaspace");
        Matcher used = HEAP.matcher(metaspace < 0 ? info : info.substring(0, metaspace));
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        return sum / 1024;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Path jcmd =
                Path.of(ProcessHandle.current().info().command().orElseThrow()).resolveSibling("jcmd");
        Process run = new ProcessBuilder(jcmd.toString(), String.valueOf(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String text = new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        run.waitFor();
        return text;
    }

    /** Stops it as an operator does. */
    void terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    String output() {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(out);
    }
}
