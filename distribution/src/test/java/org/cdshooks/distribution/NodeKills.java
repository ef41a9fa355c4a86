package org.cdshooks.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cdshooks.distribution.Ledger.Event;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.testbed.RedisServer;

/** {@code kill -9} of one of three nodes on one Redis. */
final class NodeKills implements Scene {
    /** As many as a task may have under lease, and those that begin while the store is read. */
    static final int MOST_IN_FLIGHT = 2 * 16;

    private static final int NODES = 3;

    private final Clocks clocks;
    private final Ledger ledger;
    private final RedisServer redis;
    private final RedisNodes nodes;

    NodeKills(Clocks clocks, Distribution distribution, Path data, Ledger ledger) throws Exception {
        this.clocks = clocks;
        this.ledger = ledger;
        this.redis = RedisServer.start();
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

    @Override
    public void strike(Random random) throws Exception {
        Place victim = places().get(random.nextInt(NODES));
        ledger.await(Event.any(random), 40 + random.nextInt(300));
        long begin = ledger.now();
        victim.kill();
        ledger.killed(begin, nodes.view().unfinished());
        victim.restart(clocks.next(random));
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        redis.close();
    }
}
