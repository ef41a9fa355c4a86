package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClusterSetupTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void threeMastersShareTheSlots() {
        try (ClusterSetup cluster = ClusterSetup.start()) {
            assertThat(cluster.nodes()).hasSize(3);
            assertThat(cluster.uris()).hasSize(3).allMatch(uri -> uri.startsWith("redis://127.0.0.1:"));
            for (String key : List.of("a", "b", "c")) { // one for each master
                RedisServer master = cluster.awaitMasterOf(key, SOON);
                master.command("SET", key, "value");
                assertThat(cluster.nodes())
                        .filteredOn(node -> node != master)
                        .allSatisfy(other -> assertThatThrownBy(() -> other.command("SET", key, "value"))
                                .hasMessageMatching("MOVED \\d+ 127.0.0.1:" + master.port()));
            }
            assertThat(cluster.nodes())
                    .allSatisfy(
                            node -> assertThat(node.command("DBSIZE").number()).isEqualTo(1));
        }
    }

    @Test
    void aReplicaTakesOverFromADeadMaster() {
        try (ClusterSetup cluster = ClusterSetup.start(1, options -> options.password("secret"))) {
            assertThat(cluster.nodes()).hasSize(6);
            assertThat(cluster.uris()).hasSize(3).allMatch(uri -> uri.startsWith("redis://:secret@127.0.0.1:"));
            RedisServer first = cluster.awaitMasterOf("key", SOON);
            first.command("SET", "key", "value");
            assertThat(first.command("WAIT", "1", "10000").number()).isEqualTo(1);

            first.kill();
            RedisServer second = cluster.awaitMasterOf("key", SOON);

            assertThat(second).isNotSameAs(first);
            assertThat(second.command("GET", "key").text()).isEqualTo("value");
            first.restart();
            first.awaitInfo("role", "slave", SOON);
            cluster.awaitOk(SOON);
        }
    }
}
