package org.cdshooks.distribution;

import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cdshooks.distribution.Ledger.Event;
import org.cdshooks.distribution.StoreView.Unfinished;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.testbed.RedisServer;

/** {@code SIGSTOP} of one of three nodes on one Redis, until the others have done its work; then it goes on. */
final class Pauses implements Scene {
    private static final int NODES = 3;

    private final Ledger ledger;
    private final RedisServer redis;
    private final RedisNodes nodes;

    Pauses(Distribution distribution, Path data, Ledger ledger) throws Exception {
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
        Service victim = places().get(random.nextInt(NODES)).service();
        ledger.await(Event.any(random), 40 + random.nextInt(200));
        long begin = ledger.now();
        victim.pause();
        try {
            Unfinished stopped = nodes.view().unfinished();
            ledger.paused(begin, stopped);
            nodes.awaitEndOf(stopped);
        } finally {
            victim.resume();
        }
        waitUntil("the node works again", victim::isReady);
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        redis.close();
    }
}
