package org.cdshooks.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An endpoint on loopback that keeps, of each message with a number {@code n}, which executions have delivered it. */
final class NumberedTarget implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("\"n\":\"(\\d+)\"");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Integer, Set<String>> arrived = new ConcurrentHashMap<>();

    NumberedTarget() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.setExecutor(threads);
        server.createContext("/in", exchange -> {
            try (exchange) {
                Matcher number =
                        NUMBER.matcher(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                if (number.find()) {
                    arrived.computeIfAbsent(Integer.valueOf(number.group(1)), n -> ConcurrentHashMap.newKeySet())
                            .add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/in";
    }

    /** How many messages have come. */
    int count() {
        return arrived.size();
    }

    /** The executions that have delivered each message. */
    Collection<Set<String>> executions() {
        return arrived.values();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
