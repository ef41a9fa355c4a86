package org.cdshooks.distribution;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A running service, spoken to as its users do. */
final class Service implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private static final Pattern UUID = Pattern.compile("\"uuid\":\"([^\"]+)\"");

    private final Process process;
    private final String url;
    private final String token;
    private final Path log;
    private final boolean forgetsLog;
    private final Start successor;

    /** Starts a service. */
    interface Start {
        Service start(Map<String, String> more) throws IOException, InterruptedException;
    }

    Service(Process process, String url, String token, Path log, boolean forgetsLog, Start successor) {
        this.process = process;
        this.url = url;
        this.token = token;
        this.log = log;
        this.forgetsLog = forgetsLog;
        this.successor = successor;
    }

    /** Starts another process on the same data with the same settings and some more; this one must have ended. */
    Service again(Map<String, String> more) throws IOException, InterruptedException {
        return successor.start(more);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String url() {
        return url;
    }

    /** What {@code bin/hooks token} printed once it was up. */
    String token() {
        return token;
    }

    Process process() {
        return process;
    }

    String log() {
        return Distribution.read(log);
    }

    /** Sends a request, with more headers as names and values. */
    HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Creates a task and returns its uuid. */
    String createTask(String json) throws IOException, InterruptedException {
        HttpResponse<String> answer = send("POST", "/task", json);
        Matcher uuid = UUID.matcher(answer.body());
        if (answer.statusCode() != 201 || !uuid.find()) {
            throw new AssertionError(
                    "task was not created: " + answer.statusCode() + " " + answer.body() + "\n" + log());
        }
        return uuid.group(1);
    }

    /** Stops it as an operator does and returns its exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(45, TimeUnit.SECONDS)) {
            throw new AssertionError("the service did not stop\n" + log());
        }
        return process.exitValue();
    }

    /** Kills it: {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Stops all its threads: {@code SIGSTOP}. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets a paused one go on: {@code SIGCONT}. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        // The shell has kill built in; the program of that name is not everywhere.
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " failed");
        }
    }

    /** Whether it says that it can work. */
    boolean isReady() {
        try {
            return send("GET", "/health/ready", "").statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        if (forgetsLog) {
            Files.deleteIfExists(log);
        }
    }
}
