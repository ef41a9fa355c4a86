package org.cdshooks.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What many repository pollers cost while nothing changes: a server with the API of GitHub gives its lists an ETag and
 * answers 304 to it. It says nothing of limits, as a GitHub Enterprise Server does unless they are switched on; the tasks
 * have ten tokens.
 */
final class PollersBenchmark {
    static final int TASKS = 1_000;
    static final int INTERVAL = 5;
    private static final int LISTS = 2; // branches and tags
    private static final int TOKENS = 10;
    private static final int SECONDS = 30;
    private static final long LIMIT = TimeUnit.MINUTES.toNanos(3);
    private static final Pattern EXECUTIONS = Pattern.compile("\"nb_executions_total\":(\\d+)");

    private final Path home;
    private final Path work;
    private final Table table;

    PollersBenchmark(Path home, Path work, Table table) {
        this.home = home;
        this.work = work;
        this.table = table;
    }

    /** The server, and what it saw. */
    private static final class Repositories implements AutoCloseable {
        private static final String ETAG = "\"state-1\"";

        private final LongAdder all = new LongAdder();
        private final LongAdder unchanged = new LongAdder();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpServer server;

        Repositories() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            server.setExecutor(threads);
            server.createContext("/api/v3/repos/", this::handle);
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        private void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                exchange.getResponseHeaders().set("ETag", ETAG);
                if (ETAG.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                    unchanged.increment();
                    exchange.sendResponseHeaders(304, -1);
                } else {
                    byte[] list = list();
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, list.length);
                    exchange.getResponseBody().write(list);
                }
                all.increment();
            }
        }

        private static byte[] list() {
            StringBuilder list = new StringBuilder("[");
            for (int i = 0; i < 10; i++) {
                list.append(i == 0 ? "" : ",")
                        .append("{\"name\":\"name-")
                        .append(i)
                        .append("\",\"commit\":{\"sha\":\"")
                        .append("0123456789".repeat(4))
                        .append("\"}}");
            }
            return list.append("]").toString().getBytes(UTF_8);
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    void run() throws Exception {
        System.out.printf(
                "%nPollers: %,d tasks ask for branches and tags every %d s, and nothing changes%n", TASKS, INTERVAL);
        double ofService;
        LongAdder events = new LongAdder();
        try (Repositories repositories = new Repositories();
                Target target = new Target();
                Node node = Node.service(home, work, Map.of())) {
            target.onDelivery(body -> events.increment());
            for (int i = 0; i < TASKS; i++) {
                var _ = node.createTask("{\"type\":\"RepoPoller\",\"config\":{\"provider\":\"github\",\"url\":\""
                        + repositories.url() + "\",\"repository\":\"team/app-" + i + "\",\"token\":\"token-"
                        + i % TOKENS + "\",\"interval\":\"" + INTERVAL + "s\",\"sink\":\"http\",\"sink.url\":\""
                        + target.url() + "\"}}");
            }
            ofService = measure("the service", node, repositories);
            table.row("events that it sent", String.valueOf(events.sum()), "0", events.sum() == 0);
            table.note("executions that it keeps, of which a poll is one", String.format("%,d", executions(node)));
            long heap = node.heapMiB();
            table.row("heap with them", heap + " MiB (RSS " + node.residentMiB() + " MiB)", "<= 256 MiB", heap <= 256);
        }
        try (Repositories repositories = new Repositories();
                Node bare = Node.java(BarePoller.class, repositories.url())) {
            double ofBare = measure("a bare HttpClient", bare, repositories);
            double ratio = ofService / ofBare;
            table.row("processor, service to bare client", String.format("%.1f to 1", ratio), "<= 5 to 1", ratio <= 5);
        }
    }

    /** Returns the processor use in per cent of a core. */
    private double measure(String who, Node node, Repositories repositories) throws Exception {
        // Each list was read once, and asked for with its ETag for some rounds.
        long rounds = 4L * TASKS * LISTS;
        long end = System.nanoTime() + LIMIT;
        while (repositories.all.sum() < rounds && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        double cpu = node.cpuSeconds();
        long all = repositories.all.sum();
        long unchanged = repositories.unchanged.sum();
        TimeUnit.SECONDS.sleep(SECONDS);
        all = repositories.all.sum() - all;
        unchanged = repositories.unchanged.sum() - unchanged;
        double percent = (node.cpuSeconds() - cpu) / SECONDS * 100;
        double perSecond = (double) all / LISTS / SECONDS;
        double asked = (double) TASKS / INTERVAL;
        table.row(
                "polls by " + who + ", " + TASKS + " tasks",
                String.format("%.0f/s of %.0f/s", perSecond, asked),
                ">= 0.95 of them",
                perSecond >= 0.95 * asked);
        table.row(
                "requests of it, and answered with 304",
                String.format("%,d, %,d", all, unchanged),
                "all of them",
                all == unchanged && all > 0);
        table.note("processor of " + who, String.format("%.1f %% of a core", percent));
        return percent;
    }

    private static long executions(Node node) throws Exception {
        long sum = 0;
        for (int offset = 0; offset < TASKS; offset += 100) {
            Matcher total = EXECUTIONS.matcher(node.send("GET", "/task?limit=100&offset=" + offset, ""));
            while (total.find()) {
                sum += Long.parseLong(total.group(1));
            }
        }
        return sum;
    }
}
