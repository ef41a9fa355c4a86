package org.cdshooks.benchmark;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What idle and slow connections take from everybody else: the latency of webhooks with them and without. */
final class DoorBenchmark {
    private static final int IDLE = 10_000;
    private static final int SLOW = 1_000;
    private static final int CONNECTIONS = 8;
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration MEASURE = Duration.ofSeconds(20);

    private final Path home;
    private final Path work;
    private final Table table;

    DoorBenchmark(Path home, Path work, Table table) {
        this.home = home;
        this.work = work;
        this.table = table;
    }

    void run() throws Exception {
        System.out.printf(
                "%nDoor: POST of 1 KiB JSON over %d connections, beside %,d idle and %,d slow ones%n",
                CONNECTIONS, IDLE, SLOW);
        requireFiles(IDLE + SLOW + 200);
        compare("default settings", Map.of());
        compare("room for all of them", Map.of("HOOKS_HTTP_MAXCONNECTIONS", "12000", "HOOKS_HEAP", "512m"));
    }

    private static void requireFiles(long needed) throws IOException {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < needed) {
            throw new IOException("This benchmark opens " + needed + " connections, and a process may open "
                    + system.getMaxFileDescriptorCount() + " files. Allow more with 'ulimit -n " + 2 * needed + "'.");
        }
    }

    private void compare(String name, Map<String, String> settings) throws Exception {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("HOOKS_MAXUNFINISHED", "2000000");
        try (Target target = new Target();
                Node node = Node.service(home, work.resolve(name.replace(' ', '-')), environment)) {
            String uuid = node.createTask(Benchmark.webhook(target.slowUrl()));
            load(node, uuid, WARM_UP);
            Load.Outcome without = load(node, uuid, MEASURE);
            table.note("door, " + name + ": without them", figures(without));
            try (Crowd crowd = new Crowd(node.port(), uuid, IDLE, SLOW)) {
                Load.Outcome with = load(node, uuid, MEASURE);
                double p99 = with.latency().getValueAtPercentile(99) / 1e3;
                table.row(
                        "door, " + name + ": with them",
                        figures(with)
                                + String.format(
                                        ", p99 %.1f times, %.2f of the rate",
                                        p99 * 1e3 / without.latency().getValueAtPercentile(99),
                                        with.perSecond() / without.perSecond()),
                        "p99 <= 50 ms, none refused",
                        p99 <= 50 && with.others() == 0);
                table.note("idle connections left of " + IDLE, String.valueOf(crowd.idleLeft()));
                table.note("memory of the node (RSS / heap)", node.residentMiB() + " / " + node.heapMiB() + " MiB");
            }
        }
    }

    private static Load.Outcome load(Node node, String uuid, Duration time) throws IOException {
        return new Load(node.port(), Benchmark.oneKilobyte(uuid)).run(CONNECTIONS, time);
    }

    private static String figures(Load.Outcome outcome) {
        return String.format("%,.0f/s", outcome.perSecond()) + ", p50 " + outcome.percentile(50) + " ms, p99 "
                + outcome.percentile(99) + " ms, " + outcome.others() + " refused";
    }
}
