package org.cdshooks.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisCalls;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;

/** The store on Redis: Redis, the service, the generator and the target share this machine's cores. */
final class RedisBenchmark {
    private static final Pattern DONE = Pattern.compile("(\\d+) done");
    private static final Pattern SENT = Pattern.compile("\"sent\":\"(\\d+)\"");
    private static final int EXECUTED = 20_000;
    private static final int STORED = 1_000_000;
    private static final int TASKS = 1_000;
    private static final Duration MEASURE = Duration.ofSeconds(5);

    private final Path home;
    private final Path work;
    private final Table table;

    RedisBenchmark(Path home, Path work, Table table) {
        this.home = home;
        this.work = work;
        this.table = table;
    }

    void run() throws Exception {
        Files.createDirectories(work);
        try (RedisServer redis = RedisServer.start()) {
            System.out.printf("%nRedis %s, without a disk%n", redis.version());
            bare(redis);
            double[] empty = measured(redis, "");
            elsewhere(redis);
            fill(redis);
            double[] full = measured(redis, String.format(", %,d executions stored", STORED));
            table.row(
                    String.format("with %,d stored, of the rate without", STORED),
                    String.format("accept %.2f, execute %.2f", full[0] / empty[0], full[1] / empty[1]),
                    "within a fifth (>= 0.8)",
                    full[0] / empty[0] >= 0.8 && full[1] / empty[1] >= 0.8);
        }
    }

    private double scriptRate;

    /** The script that accepts, said to Redis without the service. */
    private void bare(RedisServer redis) throws Exception {
        try (TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()))) {
            store.putTask(
                    org.cdshooks.runtime.task.TaskRecord.of(new TaskId("bare"), "Webhook", Map.of()), Optional.empty());
            redis.command("SCRIPT", "LOAD", RedisCalls.acceptScript());
            String body = new String(Benchmark.oneKilobyte("x").apply(0), UTF_8);
            String kilobyte = body.substring(body.indexOf("\r\n\r\n") + 4);
            IntFunction<byte[]> calls = n -> RedisCalls.encode(
                    RedisCalls.accept("bare", Long.toString(1_700_000_000_000_000_000L + n), kilobyte, "c" + n));
            RespLoad load = new RespLoad(redis.port(), calls, 8);
            load.run(64, MEASURE);
            Load.Outcome outcome = load.run(64, MEASURE);
            scriptRate = outcome.perSecond();
            table.note("accept's script alone, 64 connections", Benchmark.figures(outcome));
            redisBenchmark(redis, kilobyte);
            store.removeTask(new TaskId("bare"));
        }
    }

    /** The same by redis-benchmark, where the machine has it. */
    private void redisBenchmark(RedisServer redis, String kilobyte) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("redis.benchmark", "redis-benchmark"),
                "-p",
                Integer.toString(redis.port()),
                "-c",
                "64",
                "-n",
                "100000",
                "-r",
                "1000000000",
                "-q"));
        command.addAll(RedisCalls.accept("bare", "1800000__rand_int__", kilobyte, "__rand_int__"));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String out = new String(process.getInputStream().readAllBytes(), UTF_8);
            process.waitFor();
            Matcher rate = Pattern.compile("([\\d.]+) requests per second").matcher(out);
            String last = "";
            while (rate.find()) {
                last = rate.group(1);
            }
            if (!last.isEmpty()) {
                scriptRate = Double.parseDouble(last);
                table.note("the same by redis-benchmark -c 64", String.format("%,.0f/s", scriptRate));
            }
        } catch (IOException e) {
            table.note("the same by redis-benchmark", "not on this machine");
        }
    }

    private Map<String, String> environment(RedisServer redis) {
        Map<String, String> all = new HashMap<>();
        all.put("HOOKS_STORE_TYPE", "redis");
        all.put("HOOKS_STORE_REDIS_URL", redis.uri());
        all.put("HOOKS_MAXUNFINISHED", "2000000");
        all.put("HOOKS_LOG_LEVEL", "error");
        return all;
    }

    /** Measures accepting and executing; returns both rates. */
    private double[] measured(RedisServer redis, String when) throws Exception {
        double accepted = 0;
        double executed;
        try (Target target = new Target();
                Node node = Node.service(home, work.resolve("node"), environment(redis))) {
            for (int connections : new int[] {1, 16, 64}) {
                String uuid = node.createTask(Benchmark.webhook(target.slowUrl()));
                Load.Outcome outcome = Benchmark.measure(node, uuid, connections);
                accepted = outcome.perSecond();
                double ratio = accepted / scriptRate;
                table.row(
                        "ingest redis, " + connections + " connections" + when,
                        Benchmark.figures(outcome) + String.format(", %.2f of the script alone", ratio),
                        connections == 64 ? ">= 5,000/s, >= 0.4" : "",
                        accepted >= 5_000 && ratio >= 0.4);
                node.send("DELETE", "/task/" + uuid, "");
            }
            executed = executed(node);
            table.row(
                    "execute on redis: accept, claim, settle, a sink that does nothing" + when,
                    String.format("%,.0f/s", executed),
                    ">= 1,500/s",
                    executed >= 1_500);
            table.note("heap of the node" + when, node.heapMiB() + " MiB (RSS " + node.residentMiB() + " MiB)");
            node.terminate();
        }
        return new double[] {accepted, executed};
    }

    private double executed(Node node) throws Exception {
        String uuid = node.createTask("{\"type\":\"Webhook\",\"config\":{\"sink\":\"log\"}}");
        Load load = new Load(node.port(), Benchmark.oneKilobyte(uuid));
        double rate = 0;
        for (int round = 0; round < 2; round++) { // the first one warms up
            long before = done(node);
            long start = System.nanoTime();
            load.run(64, EXECUTED, Duration.ofMinutes(1));
            while (done(node) < before + EXECUTED && System.nanoTime() - start < 120e9) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            rate = (done(node) - before) / ((System.nanoTime() - start) / 1e9);
        }
        node.send("DELETE", "/task/" + uuid, "");
        return rate;
    }

    private static long done(Node node) throws Exception {
        Matcher done = DONE.matcher(node.send("GET", "/mon/status", ""));
        return done.find() ? Long.parseLong(done.group(1)) : 0;
    }

    /** From an execution's being accepted by one that executes nothing to its arrival at the target, through a node. */
    private void elsewhere(RedisServer redis) throws Exception {
        Histogram latency = new Histogram(60_000_000L, 3);
        try (Target target = new Target();
                Node node = Node.service(home, work.resolve("node"), environment(redis));
                TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()))) {
            TaskId task = new TaskId(node.createTask(Benchmark.webhook(target.url())));
            target.onDelivery(body -> {
                Matcher sent = SENT.matcher(body);
                if (sent.find()) {
                    latency.recordValue(Math.max(0, (System.nanoTime() - Long.parseLong(sent.group(1))) / 1000));
                }
            });
            for (int i = 0; i < 600; i++) {
                if (i == 300) {
                    latency.reset();
                }
                long now = System.currentTimeMillis() * 1_000_000;
                store.accept(
                        Execution.of(
                                new ExecutionKey("Webhook", task, now),
                                "http",
                                Map.of(),
                                Payload.of(
                                        "application/json",
                                        ("{\"sent\":\"" + System.nanoTime() + "\"}").getBytes(UTF_8))),
                        AcceptTerms.ANY);
                TimeUnit.MILLISECONDS.sleep(20);
            }
            TimeUnit.SECONDS.sleep(1);
            double p99 = latency.getValueAtPercentile(99) / 1000.0;
            table.row(
                    "accepted elsewhere to delivery when idle (" + latency.getTotalCount() + ")",
                    String.format(
                            "p50 %.2f, p99 %.2f, max %.2f ms",
                            latency.getValueAtPercentile(50) / 1000.0, p99, latency.getMaxValue() / 1000.0),
                    "p99 <= 20 ms",
                    p99 <= 20 && latency.getTotalCount() >= 300);
            node.terminate();
        }
    }

    private static void fill(RedisServer redis) {
        System.out.printf("storing %,d executions…%n", STORED);
        try (TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()));
                RespClient client = redis.connect()) {
            for (int task = 0; task < TASKS; task++) {
                String uuid = "stored-" + task;
                store.putTask(
                        org.cdshooks.runtime.task.TaskRecord.of(new TaskId(uuid), "Webhook", Map.of()),
                        Optional.empty());
                redis.command("HSET", "hooks:tasks:state:" + uuid, "types", "Webhook\n");
                List<String[]> commands = new ArrayList<>();
                for (int i = 0; i < STORED / TASKS; i++) {
                    RedisCalls.done(uuid, 1_700_000_000_000_000_000L + i, "{\"git.branch\":\"main\",\"n\":" + i + "}")
                            .forEach(words -> commands.add(words.toArray(String[]::new)));
                }
                client.commands(commands);
            }
        }
    }
}
