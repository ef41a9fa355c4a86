package org.cdshooks.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How large the file of the local store is for what is live in it, after a load and after a minute without one. */
final class FileSizeBenchmark {
    private static final int ROUNDS = 20;
    private static final int KEPT = 200;
    private static final int DELETED = 4_000;
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern TIMESTAMP = Pattern.compile("\"timestamp\":(\\d+)");
    private static final double MIB = 1 << 20;

    private final Path home;
    private final Path data;
    private final Table table;

    FileSizeBenchmark(Path home, Path data, Table table) {
        this.home = home;
        this.data = data;
        this.table = table;
    }

    void run() throws Exception {
        System.out.printf(
                "%nFile: %,d executions of 1 KiB, of which all but %,d are deleted, then nothing for a minute%n",
                ROUNDS * (KEPT + DELETED), ROUNDS * KEPT);
        try (Target target = new Target();
                Node node = Node.service(home, data, Map.of("HOOKS_MAXUNFINISHED", "2000000"))) {
            String kept = node.createTask(Benchmark.webhook(target.slowUrl()));
            String deleted = node.createTask(Benchmark.webhook(target.slowUrl()));
            for (int round = 0; round < ROUNDS; round++) {
                new Load(node.port(), Benchmark.oneKilobyte(kept)).run(16, KEPT, LIMIT);
                new Load(node.port(), Benchmark.oneKilobyte(deleted)).run(16, DELETED, LIMIT);
            }
            node.send("DELETE", "/task/" + deleted, "");
            double live = ROUNDS * KEPT * stored(node, kept) / MIB;
            double loaded = size();
            TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
            double idle = size();
            table.row(
                    "file of the local store after a minute idle",
                    String.format("%.1f MiB for %.1f MiB live (%.1f MiB before)", idle, live, loaded),
                    "<= 3 times what is live",
                    idle <= 3 * live);
        }
    }

    /** About how many bytes an execution takes: it is stored as it is shown. */
    private static int stored(Node node, String task) throws IOException, InterruptedException {
        Matcher timestamp = TIMESTAMP.matcher(node.send("GET", "/task/" + task + "/execution?limit=1", ""));
        if (!timestamp.find()) {
            throw new IOException("no execution was kept");
        }
        return node.send("GET", "/task/" + task + "/execution/" + timestamp.group(1), "")
                .getBytes(StandardCharsets.UTF_8)
                .length;
    }

    private double size() throws IOException {
        return Files.size(data.resolve("hooks.mv")) / MIB;
    }
}
