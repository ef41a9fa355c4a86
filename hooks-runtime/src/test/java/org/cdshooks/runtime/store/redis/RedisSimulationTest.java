package org.cdshooks.runtime.store.redis;

import java.util.Map;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.runtime.store.Seeds;
import org.cdshooks.runtime.store.Simulation;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Simulated nodes that share one real Redis. See {@link Simulation}. */
class RedisSimulationTest {
    private static final int STEPS = 200;
    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Test
    void onRedis() {
        try (RespClient client = redis.connect()) {
            Seeds.run(getClass(), "onRedis", 200, seed -> {
                client.command("FLUSHALL");
                Simulation.run(new OneRedis(client), seed, STEPS);
            });
        }
    }

    private static final class OneRedis implements Simulation.World {
        private static final RedisKeys KEYS = new RedisKeys("hooks");
        private static final Map<Script, Script.Text> SCRIPTS = TestScripts.load(KEYS);
        private final RespClient client;

        OneRedis(RespClient client) {
            this.client = client;
        }

        @Override
        public TaskStore connect(TurnedClock clock, Faults faults, Runnable others) {
            return new RedisTaskStore(KEYS, clock, new SimulatedLink(client, KEYS, SCRIPTS, faults, others));
        }

        @Override
        public void audit() {
            RedisAudit.run(client, KEYS);
        }

        @Override
        public boolean canRestart() {
            return false;
        }

        @Override
        public void restart(TurnedClock clock, boolean crashed) {
            throw new IllegalStateException("nodes are killed one by one");
        }
    }
}
