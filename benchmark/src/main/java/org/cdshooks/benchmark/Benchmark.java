package org.cdshooks.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Measures the unpacked distribution on this machine. Generator, target and service share its cores, so ratios within one
 * run say more than absolute figures. Everything is bounded in count and time.
 */
public final class Benchmark {
    private static final Set<String> ALL = new TreeSet<>(Set.of(
            "ingest", "burst", "idle", "schedules", "start", "redis", "kafka", "verify", "pollers", "door", "file"));
    private static final Pattern TIMESTAMP = Pattern.compile("\"timestamp\":(\\d+)");
    private static final Pattern SENT = Pattern.compile("\"sent\":\"(\\d+)\"");
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration MEASURE = Duration.ofSeconds(5);
    private static final int SCHEDULES = 100_000;
    private static final int DUE_AT_ONCE = 500;

    private final Table table = new Table();
    private final Path home;
    private final Path work;

    private Benchmark(Path home, Path work) {
        this.home = home;
        this.work = work;
    }

    /**
     * Runs it.
     *
     * @param arguments {@code --home DIR} of the unpacked distribution, {@code --only a,b} to run some parts
     */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        Path home = Path.of(option(given, "--home", "."));
        Set<String> parts = new TreeSet<>(
                Arrays.asList(option(given, "--only", String.join(",", ALL)).split(",")));
        if (!ALL.containsAll(parts)) {
            System.err.println("benchmark: --only takes some of " + ALL);
            System.exit(2);
        }
        Path work = Files.createTempDirectory("hooks-benchmark");
        try {
            new Benchmark(home, work).run(parts);
        } finally {
            try (Stream<Path> files = Files.walk(work)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static String option(List<String> arguments, String name, String otherwise) {
        int at = arguments.indexOf(name);
        return at < 0 ? otherwise : arguments.get(at + 1);
    }

    private void run(Set<String> parts) throws Exception {
        System.out.printf(
                "%d processors, Java %s, %s%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), System.getProperty("os.version"));
        // As serve makes it by itself, but now and not in the middle of a measurement.
        new ProcessBuilder(home.resolve("bin/hooks").toString(), "start-cache")
                .inheritIO()
                .start()
                .waitFor();
        if (parts.contains("ingest")) {
            ingest();
        }
        if (parts.contains("burst")) {
            burst();
        }
        if (parts.contains("idle")) {
            idle();
        }
        if (parts.contains("schedules")) {
            schedules();
        }
        if (parts.contains("start")) {
            start();
        }
        if (parts.contains("redis")) {
            new RedisBenchmark(home, work.resolve("redis"), table).run();
        }
        if (parts.contains("kafka")) {
            new KafkaBenchmark(home, work.resolve("kafka"), table).run();
        }
        if (parts.contains("verify")) {
            new VerifyBenchmark(home, work.resolve("verify"), table).run();
        }
        if (parts.contains("pollers")) {
            new PollersBenchmark(home, work.resolve("pollers"), table).run();
        }
        if (parts.contains("door")) {
            new DoorBenchmark(home, work.resolve("door"), table).run();
        }
        if (parts.contains("file")) {
            new FileSizeBenchmark(home, work.resolve("file"), table).run();
        }
        System.out.println("\n" + table.markdown());
    }

    private static byte[] post(String path, String token, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
                        + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    static IntFunction<byte[]> oneKilobyte(String uuid) {
        byte[] request = post("/webhook/" + uuid, "", oneKilobyte());
        return n -> request;
    }

    static String oneKilobyte() {
        StringBuilder body = new StringBuilder("{\"git.branch\":\"main\",\"commits\":[{\"id\":1234567,\"message\":\"");
        while (body.length() < 1020) {
            body.append("lorem ipsum ");
        }
        return body.append("\"}]}").toString();
    }

    static String webhook(String url) {
        return "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + url + "\"}}";
    }

    /** A target that does not answer holds executions back, so what is measured is accepting and storing, with a queue. */
    private void ingest() throws Exception {
        System.out.println(
                "\nIngest: POST of 1 KiB JSON; acknowledged = stored (local: on disk); the target is slow, so a queue builds up");
        double[] bare = new double[3];
        int[] connections = {1, 16, 64};
        try (Node node = Node.bare()) {
            for (int i = 0; i < connections.length; i++) {
                Load.Outcome outcome = measure(node, "x", connections[i]);
                bare[i] = outcome.perSecond();
                table.note("bare server, " + connections[i] + " connections", figures(outcome));
            }
        }
        for (String store : List.of("memory", "local")) {
            try (Target target = new Target();
                    Node node = Node.service(
                            home,
                            work.resolve("ingest-" + store),
                            // The memory store keeps every body of the queue on the heap, the local one does not.
                            Map.of(
                                    "HOOKS_STORE_TYPE",
                                    store,
                                    "HOOKS_MAXUNFINISHED",
                                    "2000000",
                                    "HOOKS_HEAP",
                                    store.equals("memory") ? "2g" : "256m"))) {
                for (int i = 0; i < connections.length; i++) {
                    String uuid = node.createTask(webhook(target.slowUrl()));
                    Load.Outcome outcome = measure(node, uuid, connections[i]);
                    boolean aimed = store.equals("local") && connections[i] == 64;
                    double ratio = outcome.perSecond() / bare[i];
                    table.row(
                            "ingest " + store + ", " + connections[i] + " connections",
                            figures(outcome) + String.format(", %.2f of bare", ratio),
                            aimed ? ">= 10,000/s, p99 <= 25 ms, >= 0.3" : "",
                            outcome.perSecond() >= 10_000
                                    && outcome.latency().getValueAtPercentile(99) <= 25_000
                                    && ratio >= 0.3);
                    node.send("DELETE", "/task/" + uuid, "");
                    if (aimed) {
                        ingestBehindQueue(node, target, outcome.perSecond());
                    }
                }
                table.note(
                        "memory of the " + store + " node after it (RSS / heap)",
                        node.residentMiB() + " / " + node.heapMiB() + " MiB");
            }
        }
    }

    private void ingestBehindQueue(Node node, Target target, double empty) throws Exception {
        String uuid = node.createTask(webhook(target.slowUrl()));
        new Load(node.port(), oneKilobyte(uuid)).run(64, 100_000, Duration.ofMinutes(2));
        Load.Outcome outcome = new Load(node.port(), oneKilobyte(uuid)).run(64, MEASURE);
        double ratio = outcome.perSecond() / empty;
        table.row(
                "the same with 100,000 queued",
                figures(outcome) + String.format(", %.2f of it", ratio),
                "within a fifth (>= 0.8)",
                ratio >= 0.8);
        node.send("DELETE", "/task/" + uuid, "");
    }

    static Load.Outcome measure(Node node, String uuid, int connections) throws IOException {
        Load load = new Load(node.port(), oneKilobyte(uuid));
        load.run(connections, WARM_UP);
        return load.run(connections, MEASURE);
    }

    static String figures(Load.Outcome outcome) {
        return String.format(
                "%,.0f/s, p50 %s, p99 %s ms%s",
                outcome.perSecond(),
                outcome.percentile(50),
                outcome.percentile(99),
                outcome.others() == 0 ? "" : ", " + outcome.others() + " NOT 2xx");
    }

    private void burst() throws Exception {
        System.out.println("\nBurst: 5,000 webhooks as fast as they go, all delivered through the http sink");
        try (Target target = new Target();
                Node node = Node.service(home, work.resolve("burst"), Map.of())) {
            String uuid = node.createTask(webhook(target.url()));
            for (int round = 1; round <= 3; round++) {
                long before = target.delivered();
                long start = System.nanoTime();
                Load.Outcome outcome = new Load(node.port(), oneKilobyte(uuid)).run(64, 5_000, Duration.ofMinutes(1));
                while (target.delivered() < before + 5_000 && System.nanoTime() - start < 120e9) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                table.row(
                        "burst of 5,000, round " + round,
                        String.format(
                                "all delivered after %.2f s (accepted after %.2f s)",
                                seconds, outcome.elapsed().toNanos() / 1e9),
                        "<= 5 s",
                        seconds <= 5 && target.delivered() >= before + 5_000);
            }
        }
    }

    private void idle() throws Exception {
        System.out.println("\nIdle: one webhook every 20 ms; from sending it to its arrival at the target");
        Histogram latency = new Histogram(60_000_000L, 3);
        try (Target target = new Target();
                Node node = Node.service(home, work.resolve("idle"), Map.of())) {
            String uuid = node.createTask(webhook(target.url()));
            IntFunction<byte[]> stamped = n -> post("/webhook/" + uuid, "", "{\"sent\":\"" + System.nanoTime() + "\"}");
            Load load = new Load(node.port(), stamped);
            load.run(1, 3_000, Duration.ofSeconds(20));
            target.onDelivery(body -> {
                Matcher sent = SENT.matcher(body);
                if (sent.find()) {
                    latency.recordValue((System.nanoTime() - Long.parseLong(sent.group(1))) / 1000);
                }
            });
            TimeUnit.SECONDS.sleep(1);
            latency.reset();
            for (int i = 0; i < 1_000; i++) {
                load.run(1, 1, Duration.ofSeconds(5));
                TimeUnit.MILLISECONDS.sleep(20);
            }
            double p50 = latency.getValueAtPercentile(50) / 1000.0;
            double p99 = latency.getValueAtPercentile(99) / 1000.0;
            table.row(
                    "webhook to delivery when idle (" + latency.getTotalCount() + ")",
                    String.format("p50 %.2f, p99 %.2f, max %.2f ms", p50, p99, latency.getMaxValue() / 1000.0),
                    "p50 <= 4 ms, p99 <= 12 ms",
                    p50 <= 4 && p99 <= 12);
        }
    }

    private void schedules() throws Exception {
        System.out.printf("%nSchedules: %,d tasks stored, %d of them due in the same second%n", SCHEDULES, DUE_AT_ONCE);
        Path data = work.resolve("schedules");
        List<String> frequent = new ArrayList<>();
        try (Target target = new Target()) {
            try (Node node = Node.service(home, data, Map.of())) {
                int rare = SCHEDULES - DUE_AT_ONCE;
                IntFunction<byte[]> yearly = n -> post(
                        "/task",
                        node.token(),
                        String.format(
                                "{\"type\":\"Scheduler\",\"config\":{\"cron\":\"%d %d %d 1 *\",\"sink\":\"log\"}}",
                                n % 60, n / 60 % 24, n % 28 + 1));
                Load.Outcome created = new Load(node.port(), yearly).run(16, rare, Duration.ofMinutes(10));
                table.note("creating schedulers, 16 connections", figures(created));
                Histogram late = new Histogram(600_000_000L, 3);
                target.onDelivery(body -> {
                    Matcher due = TIMESTAMP.matcher(body);
                    if (due.find()) {
                        Instant now = Instant.now();
                        long nanos =
                                now.getEpochSecond() * 1_000_000_000L + now.getNano() - Long.parseLong(due.group(1));
                        late.recordValue(Math.max(0, nanos / 1000));
                    }
                });
                for (int i = 0; i < DUE_AT_ONCE; i++) {
                    frequent.add(node.createTask(
                            "{\"type\":\"Scheduler\",\"config\":{\"cron\":\"*/5 * * * * * *\",\"sink\":\"http\",\"sink.url\":\""
                                    + target.url() + "\"}}"));
                }
                TimeUnit.SECONDS.sleep(11);
                late.reset();
                TimeUnit.SECONDS.sleep(31);
                table.row(
                        "lateness of a due schedule (" + late.getTotalCount() + " runs)",
                        String.format(
                                "p50 %.1f, p99 %.1f, max %.1f ms",
                                late.getValueAtPercentile(50) / 1000.0,
                                late.getValueAtPercentile(99) / 1000.0,
                                late.getMaxValue() / 1000.0),
                        "p99 <= 100 ms",
                        late.getValueAtPercentile(99) <= 100_000 && late.getTotalCount() >= 5L * DUE_AT_ONCE);
                for (String uuid : frequent) {
                    node.send("DELETE", "/task/" + uuid, "");
                }
                idleWithTasks(node, "");
                node.terminate();
            }
            long start = System.nanoTime();
            try (Node node = Node.service(home, data, Map.of())) {
                node.send("GET", "/mon/status", "");
                double seconds = (System.nanoTime() - start) / 1e9;
                table.row(
                        "restart with them, to the first answer",
                        String.format("%.2f s", seconds),
                        "<= 5 s",
                        seconds <= 5);
                idleWithTasks(node, " after the restart");
            }
        }
    }

    private void idleWithTasks(Node node, String when) throws Exception {
        TimeUnit.SECONDS.sleep(5);
        double before = node.cpuSeconds();
        TimeUnit.SECONDS.sleep(30);
        double percent = (node.cpuSeconds() - before) / 30 * 100;
        table.row(
                "processor when idle with them" + when,
                String.format("%.2f %% of a core", percent),
                "<= 2 %",
                percent <= 2);
        long slowest = 0;
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            node.send("GET", "/mon/status", "");
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        table.row(
                "/mon/status, slowest of 20" + when,
                String.format("%.1f ms", slowest / 1e6),
                "<= 50 ms",
                slowest <= 50_000_000);
        long heap = node.heapMiB();
        table.row(
                "heap with them" + when, heap + " MiB (RSS " + node.residentMiB() + " MiB)", "<= 256 MiB", heap <= 256);
    }

    private void start() throws Exception {
        System.out.println("\nStart: from bin/hooks serve to the first answered request; with the start-up cache");
        new ProcessBuilder(home.resolve("bin/hooks").toString(), "start-cache")
                .inheritIO()
                .start()
                .waitFor();
        for (boolean cached : new boolean[] {true, false}) {
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                long start = System.nanoTime();
                try (Node node =
                        Node.service(home, work.resolve("start"), Map.of("HOOKS_AOT", cached ? "auto" : "off"))) {
                    new Load(
                                    node.port(),
                                    n -> "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                                            .getBytes(StandardCharsets.US_ASCII))
                            .run(1, 1, Duration.ofSeconds(10));
                    times.add((System.nanoTime() - start) / 1e9);
                    if (i == 0 && cached) {
                        table.note("memory after the start (RSS)", node.residentMiB() + " MiB");
                    }
                    node.terminate();
                }
            }
            times.sort(null);
            String figure = String.format("median %.2f, fastest %.2f s", times.get(3), times.getFirst());
            table.row(
                    "start to first answer, " + (cached ? "cached" : "not cached"),
                    figure,
                    cached ? "<= 0.7 s" : "",
                    times.get(3) <= 0.7);
        }
    }
}
