package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes of the unpacked zip whose clocks are wrong, and a node that its machine stops for a while. {@code -Dfrozen=60} stops
 * it for longer than the 13 s that are just longer than a lease.
 */
final class NodeClocksIT {
    private static final Duration FROZEN = Duration.ofSeconds(Integer.getInteger("frozen", 13));
    private static final int EXECUTIONS = 600;
    private static final int SENDERS = 4;
    private static final Pattern TOO_LATE = Pattern.compile("(\\d+) refused as too late");

    @TempDir
    static Path dir;

    private static Distribution distribution;
    private Path data;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
    }

    @BeforeEach
    void freshData(TestInfo test) {
        data = dir.resolve(test.getTestMethod().orElseThrow().getName());
    }

    private Service node(RedisServer redis, int number, String clockOffset) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOOKS_STORE_TYPE", "redis",
                "HOOKS_STORE_REDIS_URL", redis.uri(),
                "HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32",
                "HOOKS_RETRYDELAY", "1"));
        if (!clockOffset.isEmpty()) {
            environment.put("HOOKS_JAVA_OPTS", "-Dhooks.test.clockOffset=" + clockOffset);
        }
        return distribution.serve(data.resolve("node" + number), environment);
    }

    private static String status(Service node) throws IOException, InterruptedException {
        return node.send("GET", "/mon/status", "").body();
    }

    private static void signal(Service node, String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder(
                        "kill", "-" + signal, Long.toString(node.process().pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    private static void end(Service... nodes) throws IOException, InterruptedException {
        for (Service node : nodes) {
            assertThat(node.terminate()).isZero();
            node.close();
        }
    }

    @Test
    void nodesWhoseClocksAreWrongByTenMinutesLoseNothingDoNothingTwiceAndSayIt() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            Service ahead = node(redis, 0, "PT10M");
            Service behind = node(redis, 1, "-PT10M");
            Service right = node(redis, 2, "");
            List<Service> nodes = List.of(ahead, behind, right);
            String task = ahead.createTask(ledger.webhook());
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                Service node = nodes.get(i % nodes.size());
                sending.add(senders.submit(() -> {
                    for (int n = 0; n < EXECUTIONS / SENDERS; n++) {
                        ledger.send(node, task, 0);
                    }
                    return true;
                }));
            }
            for (Future<?> each : sending) {
                each.get();
            }
            ledger.awaitAll();

            System.out.println("clocks wrong by ten minutes: " + ledger);
            assertThat(ledger.refused()).isZero();
            assertThat(ledger.repeats()).isZero();
            assertThat(status(ahead)).contains("\"component\":\"Clock\"", "600.", "ahead of", "NTP");
            assertThat(status(behind)).contains("\"component\":\"Clock\"", "behind", "NTP");
            assertThat(status(right)).doesNotContain("\"component\":\"Clock\"");
            assertThat(ahead.log()).contains("The clock of node ", "ahead of the clock of the store");
            assertThat(right.log()).doesNotContain("The clock of node ");
            end(ahead, behind, right);
        }
    }

    @Test
    void aNodeThatStoodStillForLongerThanItsLeasesLosesNothingAndItsLateResultsAreRefused() throws Exception {
        try (RedisServer redis = RedisServer.start();
                SlowTarget held = new SlowTarget();
                Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            Service frozen = node(redis, 0, "");
            String slow = frozen.createTask(
                    "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + held.url() + "\"}}");
            assertThat(frozen.send("POST", "/webhook/" + slow, "{}").statusCode())
                    .isEqualTo(200);
            held.awaitCalls(1); // from the only node that there is
            Service other = node(redis, 1, "");
            String task = other.createTask(ledger.webhook());
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                sending.add(senders.submit(() -> {
                    while (!over.get()) {
                        ledger.send(other, task, 0);
                        TimeUnit.MILLISECONDS.sleep(2); // a steady load, not a wait for something
                    }
                    return true;
                }));
            }
            waitUntil("the load has begun", () -> ledger.arrived() > 50);

            signal(frozen, "STOP");
            try {
                TimeUnit.NANOSECONDS.sleep(FROZEN.toNanos()); // how long the machine keeps the node from running
                held.awaitCalls(2); // the other node has taken over
            } finally {
                signal(frozen, "CONT");
            }
            held.answer();
            waitUntil("the late result is refused", () -> refusedAsTooLate(frozen) >= 1);
            over.set(true);
            for (Future<?> each : sending) {
                each.get();
            }
            ledger.awaitAll();
            waitUntil("nothing is left", () -> isIdle(other));

            System.out.println("stood still for " + FROZEN + ": " + ledger);
            assertThat(ledger.refused()).isZero();
            end(frozen, other);
        }
    }

    private static long refusedAsTooLate(Service node) {
        try {
            Matcher found = TOO_LATE.matcher(status(node));
            return found.find() ? Long.parseLong(found.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isIdle(Service node) {
        try {
            String status = status(node);
            return status.contains("\"component\":\"Queue\",\"value\":\"0\"")
                    && status.contains("\"component\":\"Execs Doing\",\"value\":\"0 ");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
