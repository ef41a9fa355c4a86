package org.cdshooks.runtime.store.redis;

import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The store on one real Redis, emptied before each test. */
class RedisTaskStoreTest extends TaskStoreContract {
    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Override
    protected TaskStore open() throws Exception {
        redis.command("FLUSHALL");
        return RedisStores.open(RedisOptions.of(redis.uri()), clock);
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        opened.close();
        return RedisStores.open(RedisOptions.of(redis.uri()), clock);
    }
}
