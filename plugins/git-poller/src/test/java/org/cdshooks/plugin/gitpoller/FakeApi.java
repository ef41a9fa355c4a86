package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on loopback that answers what the test says, by path and query. What it does not know is 404. */
final class FakeApi implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** A request that came in. */
    record Request(String target, Headers headers) {
        String header(String name) {
            return String.valueOf(headers.getFirst(name));
        }
    }

    /** What is answered. With an etag, 304 to who has it already. */
    record Reply(int status, Map<String, String> headers, String body) {
        Reply with(String name, String value) {
            Map<String, String> all = new TreeMap<>(headers);
            all.put(name, value);
            return new Reply(status, all, body);
        }
    }

    FakeApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("fake-api").factory());
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    FakeApi json(String target, String body) {
        return reply(target, new Reply(200, Map.of("Content-Type", "application/json"), body));
    }

    FakeApi reply(String target, Reply reply) {
        replies.put(target, reply);
        return this;
    }

    static Reply ok(String body) {
        return new Reply(200, Map.of(), body);
    }

    static Reply status(int status) {
        return new Reply(status, Map.of(), "");
    }

    List<Request> requests() {
        return requests;
    }

    List<String> targets() {
        return requests.stream().map(Request::target).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String target = exchange.getRequestURI().toString();
            requests.add(new Request(target, exchange.getRequestHeaders()));
            Reply reply = replies.getOrDefault(target, status(404));
            reply.headers.forEach(
                    (name, value) -> exchange.getResponseHeaders().set(name, value.replace("{url}", url())));
            String etag = reply.headers.get("ETag");
            if (etag != null && etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
            byte[] body = reply.body.replace("{url}", url()).getBytes(UTF_8);
            exchange.sendResponseHeaders(reply.status, body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
