package org.cdshooks.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cdshooks.distribution.Ledger.Event;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.testbed.RedisServer;

/** {@code kill -9} of a Redis that two nodes share, and that forces each write to its disk. */
final class RedisKills implements Scene {
    private static final int NODES = 2;

    private final Ledger ledger;
    private final RedisServer redis;
    private final RedisNodes nodes;
    private Duration slowest = Duration.ZERO;

    RedisKills(Distribution distribution, Path data, Ledger ledger) throws Exception {
        this.ledger = ledger;
        this.redis = RedisServer.start(RedisServer.Options::durable);
        this.nodes = new RedisNodes(
                distribution,
                data,
                ledger,
                Collections.nCopies(NODES, redis.uri()),
                RedisOptions.of(redis.uri()),
                Map.of());
    }

    @Override
    public String task() {
        return nodes.task();
    }

    @Override
    public List<Place> places() {
        return nodes.places();
    }

    /** The longest time from Redis being back to the next acknowledgement. */
    Duration slowestReturn() {
        return slowest;
    }

    @Override
    public void strike(Random random) throws Exception {
        ledger.await(Event.any(random), 20 + random.nextInt(300));
        long begin = ledger.now();
        redis.kill();
        redis.restart();
        long back = System.nanoTime();
        // What was under way when Redis died stays under lease until its result has come or its lease is over.
        ledger.killed(begin, nodes.view().unfinished());
        ledger.await(Event.ACKNOWLEDGED, 1);
        Duration took = Duration.ofNanos(System.nanoTime() - back);
        slowest = took.compareTo(slowest) > 0 ? took : slowest;
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        redis.close();
    }
}
