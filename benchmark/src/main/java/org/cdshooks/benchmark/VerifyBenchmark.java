package org.cdshooks.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What it costs to verify senders. Two tasks of one process take turns with the same signed requests, one that verifies
 * GitHub's signature and one that lets everybody in, so that what else goes on on this machine concerns both.
 */
final class VerifyBenchmark {
    private static final String SECRET = "It's a Secret to Everybody";
    private static final int ROUNDS = 12;
    private static final Duration WARM_UP = Duration.ofSeconds(12);
    private static final Duration MEASURE = Duration.ofSeconds(2);

    private final Path home;
    private final Path work;
    private final Table table;

    VerifyBenchmark(Path home, Path work, Table table) {
        this.home = home;
        this.work = work;
        this.table = table;
    }

    void run() throws Exception {
        System.out.println("\nVerify: ingest of 1 KiB JSON with GitHub's HMAC-SHA256 checked and without, in turns");
        for (String store : List.of("memory", "local")) {
            try (Target target = new Target();
                    Node node = Node.service(
                            home,
                            work.resolve(store),
                            Map.of(
                                    "HOOKS_STORE_TYPE",
                                    store,
                                    "HOOKS_MAXUNFINISHED",
                                    "2000000",
                                    "HOOKS_HEAP",
                                    store.equals("memory") ? "2g" : "256m"))) {
                compare(node, target, store);
            }
        }
    }

    private void compare(Node node, Target target, String store) throws Exception {
        Side open = new Side(node, signed(node.createTask(task(target, ""))));
        Side closed = new Side(
                node, signed(node.createTask(task(target, ",\"verify\":\"github\",\"secret\":\"" + SECRET + "\""))));
        open.load(WARM_UP);
        closed.load(WARM_UP);
        open.forget();
        closed.forget();
        for (int round = 0; round < ROUNDS; round++) {
            // the one that comes second finds a warmer process and a longer queue
            (round % 2 == 0 ? open : closed).load(MEASURE);
            (round % 2 == 0 ? closed : open).load(MEASURE);
        }
        table.note("ingest " + store + ", everybody is let in", open.figures());
        table.note("ingest " + store + ", verified", closed.figures());
        double ratio = closed.perSecond() / open.perSecond();
        table.row(
                "verification, " + store + ": what is left of ingest",
                String.format("%.2f", ratio),
                "costs <= 15 % (>= 0.85)",
                ratio >= 0.85);
        double cost = closed.processor() / open.processor();
        table.row(
                "verification, " + store + ": processor time of a request",
                String.format("%.2f times that without", cost),
                "<= 1.15",
                cost <= 1.15);
    }

    /** One of the two tasks, and what its turns came to. */
    private static final class Side {
        private final Node node;
        private final IntFunction<byte[]> requests;
        private long ok;
        private long others;
        private double seconds;
        private double processorSeconds;

        Side(Node node, IntFunction<byte[]> requests) {
            this.node = node;
            this.requests = requests;
        }

        void load(Duration time) throws IOException {
            double before = node.cpuSeconds();
            Load.Outcome outcome = new Load(node.port(), requests).run(64, time);
            processorSeconds += node.cpuSeconds() - before;
            ok += outcome.ok();
            others += outcome.others();
            seconds += outcome.elapsed().toNanos() / 1e9;
        }

        void forget() {
            ok = 0;
            others = 0;
            seconds = 0;
            processorSeconds = 0;
        }

        double perSecond() {
            return ok / seconds;
        }

        /** In seconds. */
        double processor() {
            return processorSeconds / ok;
        }

        String figures() {
            return String.format(
                    "%,.0f/s, %.0f µs of processor each%s",
                    perSecond(), processor() * 1e6, others == 0 ? "" : ", " + others + " NOT 2xx");
        }
    }

    private static String task(Target target, String more) throws IOException {
        return "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + target.slowUrl() + "\"" + more
                + "}}";
    }

    private static IntFunction<byte[]> signed(String uuid) {
        byte[] body = Benchmark.oneKilobyte().getBytes(StandardCharsets.UTF_8);
        byte[] request = ("POST /webhook/" + uuid + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "X-Hub-Signature-256: sha256=" + HexFormat.of().formatHex(hmac(body))
                        + "\r\nContent-Length: " + body.length + "\r\n\r\n" + Benchmark.oneKilobyte())
                .getBytes(StandardCharsets.UTF_8);
        return n -> request;
    }

    private static byte[] hmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
