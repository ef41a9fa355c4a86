package org.cdshooks.testbed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Redis Cluster of three masters that share the slots evenly, and as many replicas as wanted.
 *
 * <p>Every node can be broken by itself, see {@link RedisServer}. A dead master is noticed after two seconds; without a
 * replica the whole cluster then refuses to serve, as it does by default. For one thread at a time.
 */
public final class ClusterSetup implements AutoCloseable {
    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration START = Duration.ofSeconds(60);

    private final List<RedisServer> nodes = new ArrayList<>();

    private ClusterSetup(int replicasEach, Consumer<RedisServer.Options> configurer) {
        try {
            for (int i = 0; i < MASTERS * (1 + replicasEach); i++) {
                nodes.add(RedisServer.start(options -> configurer.accept(options.config("cluster-enabled yes")
                        .config("cluster-config-file nodes.conf")
                        .config("cluster-node-timeout 2000"))));
            }
            for (int i = 0; i < MASTERS; i++) {
                giveSlots(i);
            }
            // Everybody meets everybody, which is faster than to wait for gossip.
            nodes.forEach(one -> nodes.stream().filter(other -> other != one).forEach(other -> meet(one, other)));
            awaitOk(START);
            for (int i = MASTERS; i < nodes.size(); i++) {
                String master =
                        nodes.get(i % MASTERS).command("CLUSTER", "MYID").text();
                nodes.get(i).command("CLUSTER", "REPLICATE", master);
            }
            nodes.stream().skip(MASTERS).forEach(replica -> replica.awaitInfo("master_link_status", "up", START));
            Await.until("all nodes know all replicas", START, this::replicasAreKnown, this::log);
            // A master counts a replica only once it has heard from it, which is a moment after the replica says "up".
            String wanted = Integer.toString(replicasEach);
            nodes.stream()
                    .limit(MASTERS)
                    .forEach(master -> Await.until(
                            "the master counts its replicas",
                            START,
                            () -> master.command("WAIT", wanted, "100").number() >= replicasEach,
                            this::log));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Gives a master its third of the slots, and an epoch of its own, so that they need not settle who is older. */
    private void giveSlots(int index) {
        List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
        for (int slot = SLOTS * index / MASTERS; slot < SLOTS * (index + 1) / MASTERS; slot++) {
            words.add(Integer.toString(slot));
        }
        nodes.get(index).command(words.toArray(String[]::new));
        nodes.get(index).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(index + 1));
    }

    private static void meet(RedisServer one, RedisServer other) {
        one.command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
    }

    private boolean replicasAreKnown() {
        int replicas = nodes.size() - MASTERS;
        return nodes.stream()
                .allMatch(node -> node.command("CLUSTER", "NODES")
                                .text()
                                .lines()
                                .filter(line -> line.contains("slave"))
                                .count()
                        == replicas);
    }

    /** Starts three masters without replicas and waits until the cluster serves. */
    public static ClusterSetup start() {
        return start(0, options -> {});
    }

    /**
     * Starts three masters and waits until the cluster serves.
     *
     * @param replicasEach how many replicas each master has
     * @param configurer options for every node, such as {@code durable()}
     */
    public static ClusterSetup start(int replicasEach, Consumer<RedisServer.Options> configurer) {
        return new ClusterSetup(replicasEach, configurer);
    }

    /** All nodes, first the three that were masters at first. */
    public List<RedisServer> nodes() {
        return List.copyOf(nodes);
    }

    /** The addresses of the three that were masters at first, from which a client finds the others. */
    public List<String> uris() {
        return nodes.stream().limit(MASTERS).map(RedisServer::uri).toList();
    }

    /** Waits until every node that runs knows every node and says {@code cluster_state:ok}. */
    public void awaitOk(Duration limit) {
        Await.until("the cluster is ok", limit, () -> living().allMatch(this::isOk), this::log);
    }

    private boolean isOk(RedisServer node) {
        List<String> lines = node.command("CLUSTER", "INFO").text().lines().toList();
        return lines.containsAll(
                List.of("cluster_state:ok", "cluster_slots_ok:" + SLOTS, "cluster_known_nodes:" + nodes.size()));
    }

    /**
     * Waits until all nodes that run agree on a running master for a key and say {@code cluster_state:ok}: at once while
     * nothing is broken, after a failover otherwise.
     */
    public RedisServer awaitMasterOf(String key, Duration limit) {
        return Await.value(
                "the cluster agrees on the master of " + key,
                limit,
                () -> masterOf(key).filter(_ -> living().allMatch(this::isOk)),
                this::log);
    }

    private Optional<RedisServer> masterOf(String key) {
        Set<Long> ports = living().map(node -> portOfMaster(node, key)).collect(Collectors.toSet());
        return living().filter(node -> ports.equals(Set.of((long) node.port()))).findFirst();
    }

    /** What a node thinks; 0 if it knows of no master. */
    private static long portOfMaster(RedisServer node, String key) {
        long slot = node.command("CLUSTER", "KEYSLOT", key).number();
        return node.command("CLUSTER", "SLOTS").items().stream()
                .map(Reply::items)
                .filter(range ->
                        range.get(0).number() <= slot && slot <= range.get(1).number())
                .map(range -> range.get(2).items().get(1).number())
                .findFirst()
                .orElse(0L);
    }

    private Stream<RedisServer> living() {
        return nodes.stream().filter(RedisServer::isAlive);
    }

    private String log() {
        return nodes.stream().map(node -> node + ":\n" + node.log()).collect(Collectors.joining("\n"));
    }

    /** Kills all nodes. Allowed twice. */
    @Override
    public void close() {
        nodes.forEach(RedisServer::close);
    }
}
