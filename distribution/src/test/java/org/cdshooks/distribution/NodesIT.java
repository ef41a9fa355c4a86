package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cdshooks.distribution.Trial.Outcome;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes on one Redis, all of them real processes of the unpacked zip. A ledger of what was acknowledged against what
 * arrived decides. {@code -Dkills=1000} makes it longer; the seed is printed, and {@code -Dseed=}
 * takes it.
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
        return distribution.serveOn(redis.uri(), data.resolve("node" + number));
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
                        ledger.send(node, task, 0);
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
            assertThat(ledger.refusals()).isEmpty();
            assertThat(ledger.repeats()).isZero();
            assertThat(ledger.arrived()).isEqualTo(ledger.acknowledged());
        }
    }

    @Test
    void killedNodesLoseNothingAndOnlyWhatWasInFlightComesTwice() throws Exception {
        long seed = Trial.seed("nodes killed");
        try (Ledger ledger = new Ledger();
                NodeKills scene = new NodeKills(Clocks.RIGHT, distribution, data, ledger)) {
            Outcome outcome = Trial.run(scene, ledger, seed, kills -> kills < KILLS);
            System.out.println("nodes killed: " + ledger);
            outcome.expectGood();
            assertThat(outcome.mostInFlight()).isLessThanOrEqualTo(NodeKills.MOST_IN_FLIGHT);
        }
    }

    @Test
    void killedRedisLosesNothingThatWasAcknowledged() throws Exception {
        long seed = Trial.seed("Redis killed");
        try (Ledger ledger = new Ledger();
                RedisKills scene = new RedisKills(distribution, data, ledger)) {
            Outcome outcome = Trial.run(scene, ledger, seed, kills -> kills < KILLS);
            System.out.println("Redis killed: " + ledger + ", back after at most " + scene.slowestReturn());
            outcome.expectGood();
            assertThat(scene.slowestReturn()).isLessThan(Duration.ofSeconds(5));
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
