package org.cdshooks.runtime.store.redis;

import java.util.Optional;
import org.cdshooks.runtime.store.RandomTransitions;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.Test;

class RedisRandomTransitionsTest {
    @Test
    void onOneRedis() {
        try (RedisServer redis = RedisServer.start()) {
            for (long seed = 2000; seed < 2050; seed++) {
                redis.command("FLUSHALL");
                TurnedClock clock = new TurnedClock();
                RandomTransitions.run(
                        seed, 120, clock, RedisStores.open(RedisOptions.of(redis.uri()), clock), Optional.empty());
            }
        }
    }
}
