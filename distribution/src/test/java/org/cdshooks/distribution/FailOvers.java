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
import org.cdshooks.testbed.SentinelSetup;

/** {@code kill -9} of the Redis master of two nodes that wait for one replica; Sentinel makes another one master. */
final class FailOvers implements Scene {
    private static final int NODES = 2;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Ledger ledger;
    private final SentinelSetup sentinel;
    private final RedisNodes nodes;

    FailOvers(Distribution distribution, Path data, Ledger ledger) throws Exception {
        this.ledger = ledger;
        this.sentinel = SentinelSetup.start(RedisServer.Options::durable);
        this.nodes = new RedisNodes(
                distribution,
                data,
                ledger,
                Collections.nCopies(NODES, sentinel.uri()),
                RedisOptions.of(sentinel.uri()),
                Map.of("HOOKS_STORE_REDIS_WAIT", "1", "HOOKS_STORE_REDIS_WAITTIMEOUT", "PT0.5S"));
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
        ledger.await(Event.any(random), 20 + random.nextInt(200));
        long begin = ledger.now();
        RedisServer killed = sentinel.killMaster();
        // What the new master does not know as ended may begin again before it can be looked into, but must not end;
        // nor must
        // what runs while Sentinel makes a second replica master, as now and then happens.
        ledger.holdAnswers();
        try {
            sentinel.awaitNewMaster(LIMIT);
            killed.restart();
            sentinel.awaitWhole(LIMIT);
            ledger.killed(begin, nodes.view().unfinished());
        } finally {
            ledger.answer();
        }
        ledger.await(Event.ACKNOWLEDGED, 1);
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        sentinel.close();
    }
}
