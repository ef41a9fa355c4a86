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
 * A master, two replicas and three Sentinels that watch them. A dead master is noticed after half a second, and another
 * is master two seconds after the kill, or some six seconds later if the Sentinels vote for different ones at first.
 *
 * <p>Every server can be broken by itself, see {@link RedisServer}. A master that was killed and is restarted takes itself
 * for a master until the Sentinels tell it otherwise, up to ten seconds later. For one thread at a time.
 */
public final class SentinelSetup implements AutoCloseable {
    /** The name by which the Sentinels know the master. */
    public static final String NAME = "master";

    private static final int QUORUM = 2;
    private static final Duration START = Duration.ofSeconds(60);

    private final List<RedisServer> data = new ArrayList<>();
    private final List<RedisServer> sentinels = new ArrayList<>();
    private RedisServer master;

    private SentinelSetup(Consumer<RedisServer.Options> configurer) {
        master = RedisServer.start(configurer);
        data.add(master);
        try {
            for (int i = 0; i < 2; i++) {
                data.add(RedisServer.start(options ->
                        configurer.andThen(own -> own.replicaOf(master)).accept(options)));
            }
            // A Sentinel reads the state of a replica only every ten seconds, so it must be right the first time.
            data.stream().skip(1).forEach(replica -> replica.awaitInfo("master_link_status", "up", START));
            for (int i = 0; i < 3; i++) {
                sentinels.add(RedisServer.start(this::configureSentinel));
            }
            Await.until(
                    "the Sentinels know each other",
                    START,
                    () -> sentinels.stream().allMatch(this::seesAll),
                    this::log);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void configureSentinel(RedisServer.Options options) {
        options.sentinel()
                .config("sentinel monitor " + NAME + " 127.0.0.1 " + master.port() + " " + QUORUM)
                .config("sentinel auth-user " + NAME + " " + RedisServer.USER)
                .config("sentinel auth-pass " + NAME + " " + RedisServer.SECRET)
                .config("sentinel down-after-milliseconds " + NAME + " 500")
                .config("sentinel failover-timeout " + NAME + " 3000")
                .config("sentinel parallel-syncs " + NAME + " 2");
    }

    private boolean seesAll(RedisServer sentinel) {
        String line = sentinel.info("master0");
        return Set.of(line.split(",")).containsAll(Set.of("status=ok", "slaves=2", "sentinels=3"));
    }

    /** Starts all six and waits until every Sentinel knows all the others. */
    public static SentinelSetup start() {
        return start(options -> {});
    }

    /** As {@link #start()}, with options for the three servers that keep data, such as {@code durable()}. */
    public static SentinelSetup start(Consumer<RedisServer.Options> configurer) {
        return new SentinelSetup(configurer);
    }

    /** The address as Lettuce takes it: {@code redis-sentinel://127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/0#master}. */
    public String uri() {
        return "redis-sentinel://" + master.credentials() + hosts() + "/0#" + NAME;
    }

    /** The address as CDS takes it: {@code master@127.0.0.1:1,127.0.0.1:2,127.0.0.1:3}, without a password. */
    public String cdsHost() {
        return NAME + "@" + hosts();
    }

    private String hosts() {
        return sentinels.stream()
                .map(sentinel -> "127.0.0.1:" + sentinel.port())
                .collect(Collectors.joining(","));
    }

    /** The master: the one at first, or the last that {@link #awaitNewMaster} found. */
    public RedisServer master() {
        return master;
    }

    /** The servers that keep data and are not {@link #master()}. */
    public List<RedisServer> replicas() {
        return data.stream().filter(server -> server != master).toList();
    }

    /** The three Sentinels. */
    public List<RedisServer> sentinels() {
        return List.copyOf(sentinels);
    }

    /** Kills {@link #master()} with SIGKILL and returns it, to be restarted later. */
    public RedisServer killMaster() {
        master.kill();
        return master;
    }

    /**
     * Waits until all Sentinels that run name the same new master and it says so itself; it is {@link #master()} from
     * then on.
     */
    public RedisServer awaitNewMaster(Duration limit) {
        master = Await.value("there is another master than " + master, limit, this::newMaster, this::log);
        return master;
    }

    private Optional<RedisServer> newMaster() {
        Set<Long> named = named();
        return data.stream()
                .filter(server -> server != master && named.equals(Set.of((long) server.port())))
                .filter(server -> server.info("role").equals("master"))
                .findFirst();
    }

    /**
     * Waits until all Sentinels that run name the same master, which may be another one than {@link #awaitNewMaster} has found,
     * since the Sentinels now and then make a second replica master, and until both other servers follow that master. It is
     * {@link #master()} from then on.
     */
    public RedisServer awaitWhole(Duration limit) {
        master = Await.value(
                "two replicas follow the master that all Sentinels name", limit, this::wholeMaster, this::log);
        return master;
    }

    private Optional<RedisServer> wholeMaster() {
        Set<Long> named = named();
        Optional<RedisServer> found = data.stream()
                .filter(server -> named.equals(Set.of((long) server.port())))
                .filter(server -> server.info("role").equals("master"))
                .findFirst();
        return found.filter(leader -> data.stream()
                .filter(server -> server != leader)
                .allMatch(server -> server.info("master_port").equals(Integer.toString(leader.port()))
                        && server.info("master_link_status").equals("up")));
    }

    private Set<Long> named() {
        return sentinels.stream()
                .filter(RedisServer::isAlive)
                .map(sentinel -> sentinel.command("SENTINEL", "get-master-addr-by-name", NAME))
                .map(address -> address.items().getLast().number())
                .collect(Collectors.toSet());
    }

    private String log() {
        return Stream.concat(data.stream(), sentinels.stream())
                .map(server -> server + ":\n" + server.log())
                .collect(Collectors.joining("\n"));
    }

    /** Kills all six. Allowed twice. */
    @Override
    public void close() {
        sentinels.forEach(RedisServer::close);
        data.forEach(RedisServer::close);
    }
}
