package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.redis.RedisFixtures.soon;

import java.time.Duration;
import java.util.Optional;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisFixtures.Senders;
import org.cdshooks.testbed.ClusterSetup;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.SentinelSetup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A master dies under load and a replica takes its place; each acknowledgement has waited for one replica. */
class FailOverTest {
    private static final Duration FAIL_OVER = Duration.ofSeconds(30);
    private static final Duration WAIT = Duration.ofMillis(500);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void behindSentinelNothingAcknowledgedIsLost(boolean asCdsWritesIt) throws Exception {
        try (SentinelSetup sentinel = SentinelSetup.start();
                TaskStore store = RedisStores.open(RedisOptions.of(asCdsWritesIt ? sentinel.cdsHost() : sentinel.uri())
                        .waitFor(1, WAIT))) {
            soon(FAIL_OVER, () -> put(store));
            Senders senders = new Senders(store, 8);
            soon(FAIL_OVER, () -> more(senders, 200));

            sentinel.killMaster();
            sentinel.awaitNewMaster(FAIL_OVER);
            int before = senders.acknowledged().size();
            soon(FAIL_OVER, () -> more(senders, before + 200));
            senders.end();

            assertThat(senders.refused()).isPositive();
            expectAll(store, senders);
        }
    }

    @Test
    void onAClusterNothingAcknowledgedIsLost() throws Exception {
        try (ClusterSetup cluster = ClusterSetup.start(1, options -> {});
                TaskStore store =
                        RedisStores.open(RedisFixtures.options(cluster).waitFor(1, WAIT))) {
            soon(FAIL_OVER, () -> put(store));
            Senders senders = new Senders(store, 8);
            soon(FAIL_OVER, () -> more(senders, 200));

            RedisServer master = cluster.awaitMasterOf("{hooks}", FAIL_OVER);
            master.kill();
            cluster.awaitMasterOf("{hooks}", FAIL_OVER);
            master.restart(); // as the replica that acknowledgements wait for
            int before = senders.acknowledged().size();
            soon(FAIL_OVER, () -> more(senders, before + 200));
            senders.end();

            assertThat(senders.refused()).isPositive();
            expectAll(store, senders);
        }
    }

    /** On a busy machine a replica that has just begun may be later than what is waited for it. */
    private static Optional<Boolean> put(TaskStore store) {
        try {
            store.putTask(task("a"), Optional.empty());
            return Optional.of(true);
        } catch (StoreUnavailableException e) {
            return Optional.empty();
        }
    }

    private static Optional<Boolean> more(Senders senders, int than) {
        return senders.acknowledged().size() > than ? Optional.of(true) : Optional.empty();
    }

    private static void expectAll(TaskStore store, Senders senders) {
        assertThat(senders.acknowledged())
                .allSatisfy(key -> assertThat(store.execution(key)).isPresent());
    }
}
