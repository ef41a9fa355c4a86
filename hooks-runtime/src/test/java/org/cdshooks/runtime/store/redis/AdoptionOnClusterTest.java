package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.testbed.ClusterSetup;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.Test;

/** Taking over reads all keys and renames some: on a Cluster, those of one node. */
class AdoptionOnClusterTest {
    @Test
    void theNotesOfThisStoreAreMadeAnewOnACluster() {
        try (ClusterSetup cluster = ClusterSetup.start()) {
            String url = cluster.nodes().stream()
                    .map(node -> "127.0.0.1:" + node.port())
                    .collect(Collectors.joining(",", "redis-cluster://", ""));
            RedisOptions options = RedisOptions.of(url).prefix("{hooks}");
            try (TaskStore store = RedisStores.open(options)) {
                AdoptionTest.awaitServing(store);
                store.putTask(Samples.task("one"), Optional.empty());
                store.accept(Samples.execution("one", 1, "a"), AcceptTerms.ANY);
                store.accept(Samples.execution("one", 2, "b"), AcceptTerms.ANY);
            }
            RedisServer master = cluster.awaitMasterOf("{hooks}:tasks", Duration.ofSeconds(20));
            master.command("HDEL", "{hooks}:scheduler:meta", "layout");

            try (TaskStore store = RedisStores.open(options)) {
                AdoptionTest.awaitServing(store);
                assertThat(store.counts(new TaskId("one")).queued()).isEqualTo(2);
                assertThat(store.claim(10, 10, Duration.ofMinutes(1)))
                        .extracting(claim -> claim.key().timestamp())
                        .containsExactly(1L, 2L);
            }
        }
    }
}
