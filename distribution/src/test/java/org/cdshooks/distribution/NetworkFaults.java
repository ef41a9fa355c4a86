package org.cdshooks.distribution;

import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.cdshooks.distribution.Ledger.Event;
import org.cdshooks.distribution.StoreView.Unfinished;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.testbed.FaultProxy;
import org.cdshooks.testbed.FaultProxy.Direction;
import org.cdshooks.testbed.RedisServer;

/** A bad network between Redis and one of two nodes. The other node, and the view of the store, reach Redis directly. */
final class NetworkFaults implements Scene {
    private final Ledger ledger;
    private final RedisServer redis;
    private final FaultProxy proxy;
    private final RedisNodes nodes;

    /** What the network does. */
    private enum Kind {
        LATENCY,
        CUT,
        CUT_WITHIN_A_REQUEST,
        CUT_WITHIN_A_REPLY,
        REPLIES_DROPPED,
        HALF_OPEN,
        CUT_UNTIL_LEASES_ARE_OVER,
        HALF_OPEN_UNTIL_LEASES_ARE_OVER;

        private static final List<Kind> ALL = List.of(values());

        boolean isLong() {
            return this == CUT_UNTIL_LEASES_ARE_OVER || this == HALF_OPEN_UNTIL_LEASES_ARE_OVER;
        }
    }

    NetworkFaults(Distribution distribution, Path data, Ledger ledger) throws Exception {
        this.ledger = ledger;
        this.redis = RedisServer.start();
        this.proxy = FaultProxy.to(redis.port());
        this.nodes = new RedisNodes(
                distribution,
                data,
                ledger,
                List.of("redis://127.0.0.1:" + proxy.port() + "/0", redis.uri()),
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
        Kind kind = Kind.ALL.get(random.nextInt(Kind.ALL.size()));
        ledger.await(Event.any(random), 20 + random.nextInt(200));
        long begin = ledger.now();
        disturb(kind, random);
        try {
            Unfinished before = nodes.view().unfinished();
            if (kind.isLong()) {
                ledger.paused(begin, before);
                nodes.awaitEndOf(before);
            } else {
                // Shorter than a lease: what then comes again has not ended before the network is mended.
                ledger.await(Event.ACKNOWLEDGED, 20 + random.nextInt(200));
                ledger.paused(begin, both(before, nodes.view().unfinished()));
            }
        } finally {
            proxy.mend();
        }
        waitUntil(
                "the node behind the proxy works again",
                () -> places().getFirst().service().isReady());
    }

    private void disturb(Kind kind, Random random) {
        switch (kind) {
            case LATENCY -> proxy.delay(Duration.ofMillis(20 + random.nextInt(400)));
            case CUT, CUT_UNTIL_LEASES_ARE_OVER -> proxy.cut();
            case CUT_WITHIN_A_REQUEST -> proxy.cutAfter(1 + random.nextInt(3000), Direction.TO_SERVER);
            case CUT_WITHIN_A_REPLY -> proxy.cutAfter(1 + random.nextInt(1000), Direction.TO_CLIENT);
            case REPLIES_DROPPED -> proxy.dropReplies(true);
            case HALF_OPEN, HALF_OPEN_UNTIL_LEASES_ARE_OVER -> proxy.halfOpen();
        }
    }

    private static Unfinished both(Unfinished one, Unfinished other) {
        Set<Integer> all = new HashSet<>(one.all());
        all.addAll(other.all());
        Set<Integer> leased = new HashSet<>(one.leased());
        leased.addAll(other.leased());
        return new Unfinished(all, leased);
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        proxy.close();
        redis.close();
    }
}
