package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was acknowledged against what arrived: decides whether something was lost, or came twice. */
final class Ledger implements AutoCloseable {
    /** How long after its first arrival an execution may still be under way: what a kill then makes come again. */
    private static final Duration IN_FLIGHT = Duration.ofSeconds(2);

    private static final Pattern ID = Pattern.compile("\"id\":\"(\\d+)\"");

    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Queue<Instant>> arrived = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer target;

    Ledger() throws IOException {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        target.setExecutor(threads);
        target.createContext("/in", exchange -> {
            try (exchange) {
                Matcher id = ID.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                if (id.find()) {
                    arrived.computeIfAbsent(Integer.valueOf(id.group(1)), k -> new ConcurrentLinkedQueue<>())
                            .add(Instant.now());
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        target.start();
    }

    /** A webhook whose events arrive here. */
    String webhook() {
        return "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"http://127.0.0.1:"
                + target.getAddress().getPort() + "/in\"}}";
    }

    /** Sends one call after the other until the service dies. */
    void sendUntilItDies(Service service, String task) {
        try {
            while (true) {
                send(service, task);
            }
        } catch (IOException e) {
            // Killed: what was under way is not acknowledged.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends one call and notes whether it was acknowledged. */
    boolean send(Service service, String task) throws IOException, InterruptedException {
        int id = ids.incrementAndGet();
        int status = service.send("POST", "/webhook/" + task, "{\"id\":\"" + id + "\"}")
                .statusCode();
        assertThat(status).isIn(200, 503);
        if (status == 200) {
            acknowledged.add(id);
        } else {
            refused.incrementAndGet();
        }
        return status == 200;
    }

    int acknowledged() {
        return acknowledged.size();
    }

    long refused() {
        return refused.get();
    }

    int arrived() {
        return arrived.size();
    }

    /** Waits until all that was acknowledged has arrived. */
    void awaitAll() throws InterruptedException {
        waitUntil(
                "all that was acknowledged has arrived", () -> arrived.keySet().containsAll(acknowledged));
    }

    long twice() {
        return arrived.values().stream().filter(times -> times.size() > 1).count();
    }

    /** Checks that only what was in flight at a kill came twice. */
    void expectTwiceOnlyNear(List<Instant> kills) {
        arrived.forEach((id, times) -> {
            if (times.size() > 1) {
                Instant first = times.element();
                assertThat(kills)
                        .as("%s came twice, first at %s", id, first)
                        .anySatisfy(kill ->
                                assertThat(Duration.between(first, kill).abs()).isLessThan(IN_FLIGHT));
            }
        });
    }

    @Override
    public String toString() {
        return acknowledged.size() + " acknowledged, " + refused + " refused, "
                + acknowledged.stream().filter(id -> !arrived.containsKey(id)).count() + " lost, " + twice()
                + " came twice";
    }

    @Override
    public void close() {
        target.stop(0);
        threads.shutdownNow();
    }
}
