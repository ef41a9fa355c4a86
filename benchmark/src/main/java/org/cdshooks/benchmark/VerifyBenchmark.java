package org.cdshooks.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What it costs to verify senders. Two tasks of one process take turns, one that verifies GitHub's signature and one that
 * lets everybody in, so that what else goes on on this machine concerns both.
 */
final class VerifyBenchmark {
    private static final String SECRET = "It's a Secret to Everybody";
    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration MEASURE = Duration.ofSeconds(4);

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
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            String open = node.createTask(task(target, ""));
            String closed = node.createTask(task(target, ",\"verify\":\"github\",\"secret\":\"" + SECRET + "\""));
            boolean warmUp = round == 0;
            List<IntFunction<byte[]>> turns = List.of(Benchmark.oneKilobyte(open), signed(closed));
            Load.Outcome first = load(node, turns.get(round % 2), warmUp);
            Load.Outcome second = load(node, turns.get(1 - round % 2), warmUp);
            Load.Outcome without = round % 2 == 0 ? first : second;
            Load.Outcome with = round % 2 == 0 ? second : first;
            if (!warmUp) {
                ratios.add(with.perSecond() / without.perSecond());
                table.note(
                        "ingest " + store + ", round " + round,
                        Benchmark.figures(without) + "; verified " + Benchmark.figures(with));
            }
            node.send("DELETE", "/task/" + open, "");
            node.send("DELETE", "/task/" + closed, "");
        }
        ratios.sort(null);
        double median = ratios.get(ROUNDS / 2);
        table.row(
                "verification, " + store + ": what is left of ingest (median of " + ROUNDS + ")",
                String.format("%.2f (%.2f to %.2f)", median, ratios.getFirst(), ratios.getLast()),
                ">= 0.85",
                median >= 0.85);
    }

    private static Load.Outcome load(Node node, IntFunction<byte[]> requests, boolean warmUp) throws Exception {
        return new Load(node.port(), requests).run(64, warmUp ? WARM_UP : MEASURE);
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
