package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SentinelSetupTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void anotherServerBecomesMasterAndTheOldOneJoinsAsReplica() {
        try (SentinelSetup setup = SentinelSetup.start(options -> options.password("secret"))) {
            RedisServer first = setup.master();
            assertThat(first.info("role")).isEqualTo("master");
            assertThat(first.info("connected_slaves")).isEqualTo("2");
            assertThat(setup.replicas()).hasSize(2).doesNotContain(first);
            String hosts = "127.0.0.1:" + setup.sentinels().get(0).port() + ",127.0.0.1:"
                    + setup.sentinels().get(1).port() + ",127.0.0.1:"
                    + setup.sentinels().get(2).port();
            assertThat(setup.uri()).isEqualTo("redis-sentinel://:secret@" + hosts + "/0#master");
            assertThat(setup.cdsHost()).isEqualTo("master@" + hosts);
            assertThatThrownBy(() -> setup.awaitNewMaster(Duration.ofMillis(1)))
                    .hasMessageContaining("another master than Redis on port " + first.port());

            first.command("SET", "key", "value");
            assertThat(first.command("WAIT", "2", "10000").number()).isEqualTo(2);
            assertThat(setup.killMaster()).isSameAs(first);
            RedisServer second = setup.awaitNewMaster(SOON);

            assertThat(second).isNotSameAs(first).isSameAs(setup.master());
            assertThat(second.command("GET", "key").text()).isEqualTo("value");
            second.command("SET", "key", "newer");

            setup.sentinels().getFirst().kill(); // two of three are enough, and one that comes back knows the rest
            first.restart();
            setup.sentinels().getFirst().restart();
            first.awaitInfo("role", "slave", SOON);
            first.awaitInfo("master_link_status", "up", SOON);
            assertThat(first.command("GET", "key").text()).isEqualTo("newer");
            assertThat(setup.awaitWhole(SOON).info("connected_slaves")).isEqualTo("2");
            assertThat(setup.replicas()).hasSize(2).contains(first);
        }
    }
}
