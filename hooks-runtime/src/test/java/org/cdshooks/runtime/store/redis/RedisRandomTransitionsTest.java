package org.cdshooks.runtime.store.redis;

import java.util.Optional;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.runtime.store.RandomTransitions;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.Test;

class RedisRandomTransitionsTest {
    private static final RedisKeys KEYS = new RedisKeys("hooks");

    /** Defect A6 of CDS. */
    @Test
    void onOneRedis() {
        try (RedisServer redis = RedisServer.start();
                RespClient client = redis.connect()) {
            for (long seed = 2000; seed < 2040; seed++) {
                client.command("FLUSHALL");
                TurnedClock clock = new TurnedClock();
                TaskStore store = new RedisTaskStore(
                        KEYS, clock, new SimulatedLink(client, KEYS, TestScripts.load(KEYS), new Faults(), () -> {}));
                RandomTransitions.run(seed, 120, clock, store, Optional.empty());
                RedisAudit.run(client, KEYS);
            }
        }
    }
}
