package org.cdshooks.runtime.store.redis;

import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;
import org.cdshooks.testbed.ClusterSetup;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The same contract on a real Cluster of three masters, waiting for no replica. */
class ClusterTaskStoreTest extends TaskStoreContract {
    private static ClusterSetup cluster;

    @BeforeAll
    static void startCluster() {
        cluster = ClusterSetup.start();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    private TaskStore connect() {
        return RedisStores.open(RedisFixtures.options(cluster), clock);
    }

    @Override
    protected TaskStore open() {
        for (RedisServer node : cluster.nodes()) {
            node.command("FLUSHALL");
        }
        return connect();
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        opened.close();
        return connect();
    }
}
