package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A real git server: git's own {@code http-backend} behind a small HTTP server, and a clone to push from. */
final class GitServer implements AutoCloseable {
    private final Path root;
    private final Path clone;
    private final HttpServer server;
    private final ExecutorService threads;
    private final List<String> protocols = new CopyOnWriteArrayList<>();
    private volatile String password = "";
    private volatile boolean speaksVersion2 = true;

    GitServer(Path dir) throws Exception {
        root = Files.createDirectory(dir.resolve("root"));
        clone = dir.resolve("clone");
        git(dir, "init", "-q", "--bare", root.resolve("team/app.git").toString());
        git(root.resolve("team/app.git"), "config", "http.receivepack", "true");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("git-server").factory());
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        git(dir, "clone", "-q", url(), clone.toString());
        git("checkout", "-q", "-b", "main");
    }

    static boolean isGitThere() {
        try {
            return new ProcessBuilder("git", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/team/app.git";
    }

    /** Asks for this password from now on; pushing is done without by then. */
    void password(String value) {
        password = value;
    }

    /** As a server that is older than version 2 of the protocol. */
    void speakOldProtocol() {
        speaksVersion2 = false;
    }

    /** What clients said of the protocol that they speak. */
    List<String> protocols() {
        return protocols;
    }

    /** Makes a commit and returns its hash. */
    String commit(String message) throws Exception {
        git("commit", "-q", "--allow-empty", "-m", message);
        return git("rev-parse", "HEAD");
    }

    /** Runs git in the clone and returns what it says. */
    String git(String... arguments) throws Exception {
        return git(clone, arguments);
    }

    private static String git(Path dir, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        isolate(builder.environment());
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(command + ": " + output).isZero();
        return output.strip();
    }

    private static void isolate(Map<String, String> environment) {
        environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put("GIT_TERMINAL_PROMPT", "0");
        environment.put("NO_PROXY", "127.0.0.1");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String credential = Base64.getEncoder().encodeToString(("git:" + password).getBytes(UTF_8));
            if (!password.isEmpty()
                    && !("Basic " + credential)
                            .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
            Map<String, String> environment = builder.environment();
            isolate(environment);
            environment.put("GIT_PROJECT_ROOT", root.toString());
            environment.put("GIT_HTTP_EXPORT_ALL", "1");
            environment.put("PATH_INFO", exchange.getRequestURI().getPath());
            environment.put(
                    "QUERY_STRING", String.valueOf(exchange.getRequestURI().getRawQuery()));
            environment.put("REQUEST_METHOD", exchange.getRequestMethod());
            environment.put("REMOTE_ADDR", "127.0.0.1");
            header(exchange, "Content-Type", environment, "CONTENT_TYPE");
            header(exchange, "Content-Encoding", environment, "HTTP_CONTENT_ENCODING");
            String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
            if (protocol != null && !exchange.getRequestURI().toString().contains("receive-pack")) {
                protocols.add(protocol);
            }
            if (speaksVersion2) {
                header(exchange, "Git-Protocol", environment, "GIT_PROTOCOL");
            }
            Process process = builder.start();
            try (OutputStream out = process.getOutputStream()) {
                exchange.getRequestBody().transferTo(out);
            }
            answer(exchange, process.getInputStream());
        }
    }

    private static void header(HttpExchange exchange, String name, Map<String, String> environment, String variable) {
        String value = exchange.getRequestHeaders().getFirst(name);
        if (value != null) {
            environment.put(variable, value);
        }
    }

    private static void answer(HttpExchange exchange, InputStream in) throws IOException {
        int status = 200;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).strip();
            if (line.startsWith("Status:")) {
                status = Integer.parseInt(value.substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(line.substring(0, colon), value);
            }
        }
        byte[] body = in.readAllBytes();
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(ISO_8859_1).strip();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
