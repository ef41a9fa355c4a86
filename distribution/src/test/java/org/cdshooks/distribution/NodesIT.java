package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes on one Redis, all of them real processes of the unpacked zip. A ledger of what was acknowledged against what
 * arrived decides. {@code -Dkills=1000} makes it longer; the seed is printed.
 */
final class NodesIT {
    private static final int KILLS = Integer.getInteger("kills", 4);
    private static final int EXECUTIONS = Integer.getInteger("executions", 10_000);
    private static final int NODES = 3;
    private static final int SENDERS = 6;

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

    private Service node(RedisServer redis, int number) throws IOException, InterruptedException {
        return distribution.serveOn(redis, data.resolve("node" + number));
    }

    private List<Service> nodes(RedisServer redis) throws Exception {
        List<Service> nodes = new ArrayList<>();
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Service>> starting = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                int number = i;
                starting.add(starters.submit(() -> node(redis, number)));
            }
            for (Future<Service> each : starting) {
                nodes.add(each.get());
            }
        }
        return nodes;
    }

    /** Defect B6 of CDS. */
    @Test
    void withoutFaultsNothingIsLostAndNothingComesTwice() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Service> nodes = nodes(redis);
            String task = nodes.getFirst().createTask(ledger.webhook());
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                Service node = nodes.get(i % NODES);
                sending.add(senders.submit(() -> {
                    for (int n = 0; n < EXECUTIONS / SENDERS + 1; n++) {
                        ledger.send(node, task);
                    }
                    return true;
                }));
            }
            for (Future<?> each : sending) {
                each.get();
            }
            ledger.awaitAll();
            for (Service node : nodes) {
                assertThat(node.terminate()).isZero();
                node.close();
            }
            System.out.println("nodes, no fault: " + ledger);
            assertThat(ledger.acknowledged()).isGreaterThanOrEqualTo(EXECUTIONS);
            assertThat(ledger.refused()).isZero();
            assertThat(ledger.twice()).isZero();
            assertThat(ledger.arrived()).isEqualTo(ledger.acknowledged());
        }
    }

    @Test
    void killedNodesLoseNothingAndOnlyWhatWasInFlightComesTwice() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("nodes killed: " + KILLS + " kills, -Dseed=" + seed);
        Random random = new Random(seed);
        List<Instant> kills = new ArrayList<>();
        try (RedisServer redis = RedisServer.start();
                Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicReferenceArray<Service> nodes =
                    new AtomicReferenceArray<>(nodes(redis).toArray(Service[]::new));
            String task = nodes.get(0).createTask(ledger.webhook());
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                int number = i % NODES;
                sending.add(senders.submit(() -> {
                    while (!over.get()) {
                        try {
                            ledger.send(nodes.get(number), task);
                        } catch (IOException e) {
                            TimeUnit.MILLISECONDS.sleep(50); // it is dead, its successor is starting
                        }
                    }
                    return true;
                }));
            }
            for (int i = 0; i < KILLS; i++) {
                TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1000)); // the moment of the kill
                int number = random.nextInt(NODES);
                Service victim = nodes.get(number);
                kills.add(Instant.now());
                victim.kill();
                victim.close();
                nodes.set(number, node(redis, number));
            }
            over.set(true);
            for (Future<?> each : sending) {
                each.get();
            }
            ledger.awaitAll();
            for (int i = 0; i < NODES; i++) {
                assertThat(nodes.get(i).terminate()).isZero();
                nodes.get(i).close();
            }
            System.out.println("nodes killed: " + ledger);
            assertThat(ledger.acknowledged()).isGreaterThan(20 * KILLS);
            ledger.expectTwiceOnlyNear(kills);
        }
    }

    @Test
    void killedRedisLosesNothingThatWasAcknowledged() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("Redis killed: " + KILLS + " kills, -Dseed=" + seed);
        Random random = new Random(seed);
        try (RedisServer redis = RedisServer.start(RedisServer.Options::durable);
                Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Service> nodes = List.of(node(redis, 0), node(redis, 1));
            String task = nodes.getFirst().createTask(ledger.webhook());
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                Service node = nodes.get(i % nodes.size());
                sending.add(senders.submit(() -> {
                    while (!over.get()) {
                        if (!ledger.send(node, task)) {
                            TimeUnit.MILLISECONDS.sleep(20); // as Retry-After asks, only sooner
                        }
                    }
                    return true;
                }));
            }
            for (int i = 0; i < KILLS; i++) {
                TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(1000)); // the moment of the kill
                redis.kill();
                redis.restart();
                int before = ledger.acknowledged();
                Instant back = Instant.now();
                waitUntil("it is acknowledged again", () -> ledger.acknowledged() > before);
                assertThat(Duration.between(back, Instant.now())).isLessThan(Duration.ofSeconds(5));
            }
            over.set(true);
            for (Future<?> each : sending) {
                each.get();
            }
            ledger.awaitAll();
            System.out.println("Redis killed: " + ledger);
            for (Service node : nodes) {
                assertThat(node.terminate()).isZero();
                node.close();
            }
        }
    }

    @Test
    void whatADeadNodeWasWorkingOnRunsElsewhereWithin15Seconds() throws Exception {
        try (RedisServer redis = RedisServer.start();
                SlowTarget target = new SlowTarget()) {
            Service doomed = node(redis, 0);
            String task = doomed.createTask(
                    "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}");
            assertThat(doomed.send("POST", "/webhook/" + task, "{}").statusCode())
                    .isEqualTo(200);
            target.awaitCalls(1);
            Service other = node(redis, 1);

            Instant killed = Instant.now();
            doomed.kill();
            doomed.close();

            target.answer();
            target.awaitCalls(2);
            assertThat(Duration.between(killed, Instant.now())).isLessThan(Duration.ofSeconds(15));
            assertThat(other.terminate()).isZero();
            other.close();
        }
    }
}
