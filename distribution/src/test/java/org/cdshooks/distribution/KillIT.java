package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} in the middle of load: a ledger of what was acknowledged against what arrived decides. {@code
 * -Dkills=20} makes it longer; the seed is printed.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("kills", 3);
    private static final int SENDERS = 8;
    private static final Pattern ID = Pattern.compile("\"id\":\"(\\d+)\"");

    @TempDir
    Path dir;

    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Queue<Instant>> arrived = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();

    @Test
    void nothingAcknowledgedIsLostAndOnlyWhatWasInFlightComesTwice() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("kill test: " + KILLS + " kills, -Dseed=" + seed);
        Random random = new Random(seed);
        Distribution distribution = Distribution.unpackInto(dir.resolve("dist"));
        Path data = dir.resolve("data");
        List<Instant> kills = new ArrayList<>();
        Map<String, String> environment =
                Map.of("HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32", "HOOKS_RETRYDELAY", "1", "HOOKS_EXECUTIONHISTORY", "5");
        HttpServer target = target();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            String url = "http://127.0.0.1:" + target.getAddress().getPort() + "/in";
            String uuid = "";
            for (int round = 0; round < KILLS; round++) {
                try (Service service = distribution.serve(data, environment)) {
                    if (uuid.isEmpty()) {
                        uuid = service.createTask(
                                "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + url + "\"}}");
                    }
                    String task = uuid;
                    for (int i = 0; i < SENDERS; i++) {
                        senders.execute(() -> sendUntilItDies(service, task));
                    }
                    TimeUnit.MILLISECONDS.sleep(
                            300 + random.nextInt(1200)); // the moment of the kill, not a wait for something
                    kills.add(Instant.now());
                    service.kill();
                }
            }
            try (Service service = distribution.serve(data, environment)) {
                waitUntil(
                        "all that was acknowledged has arrived",
                        () -> arrived.keySet().containsAll(acknowledged));
                assertThat(service.terminate()).isZero();
            }
        } finally {
            target.stop(0);
        }
        long duplicates =
                arrived.values().stream().filter(times -> times.size() > 1).count();
        System.out.println(
                "kill test: " + acknowledged.size() + " acknowledged, 0 lost, " + duplicates + " came twice");
        assertThat(acknowledged).hasSizeGreaterThan(20 * KILLS);
        arrived.forEach((id, times) -> {
            if (times.size() > 1) {
                Instant first = times.element();
                assertThat(kills)
                        .as("%s came twice, first at %s", id, first)
                        .anySatisfy(kill ->
                                assertThat(Duration.between(first, kill).abs()).isLessThan(Duration.ofSeconds(2)));
            }
        });
    }

    private void sendUntilItDies(Service service, String task) {
        try {
            while (true) {
                int id = ids.incrementAndGet();
                if (service.send("POST", "/webhook/" + task, "{\"id\":\"" + id + "\"}")
                                .statusCode()
                        == 200) {
                    acknowledged.add(id);
                }
            }
        } catch (IOException e) {
            // Killed: what was under way is not acknowledged.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpServer target() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/in", exchange -> {
            try (exchange) {
                Matcher id = ID.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                if (id.find()) {
                    arrived.computeIfAbsent(Integer.valueOf(id.group(1)), k -> new ConcurrentLinkedQueue<>())
                            .add(Instant.now());
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        return server;
    }
}
