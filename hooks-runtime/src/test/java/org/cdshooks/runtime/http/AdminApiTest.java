package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders to the service as a whole. */
class AdminApiTest extends ServerTest {
    private static final String MAINTENANCE = "/admin/maintenance";

    private JsonNode line(String component) {
        for (JsonNode line : json(anonymous("GET", "/mon/status", "")).path("lines")) {
            if (line.path("component").asText().equals(component)) {
                return line;
            }
        }
        throw new AssertionError("no line " + component);
    }

    @Test
    void maintenanceIsSwitchedOnAndOffAndShown() {
        assertThat(line("Maintenance").path("status").asText()).isEqualTo("OK");
        assertThat(line("Maintenance").path("value").asText()).isEqualTo("off");

        assertThat(admin("POST", MAINTENANCE + "?enable=true", "").status()).isEqualTo(204);
        assertThat(engine.maintenance).isTrue();
        assertThat(line("Maintenance").path("status").asText()).isEqualTo("WARN");
        assertThat(line("Maintenance").path("value").asText()).startsWith("on: nothing is worked on");

        assertThat(admin("POST", MAINTENANCE + "?enable=false", "").status()).isEqualTo(204);
        assertThat(engine.maintenance).isFalse();
    }

    @Test
    void aWrongClockIsShownWithTheNodeAndTheWayOut() {
        engine.clockSkew = java.util.Optional.of(java.time.Duration.ofMillis(-601_500));
        assertThat(line("Clock").path("status").asText()).isEqualTo("WARN");
        assertThat(line("Clock").path("value").asText())
                .contains("The clock of node n1 is 601.5 s behind the clock of the store")
                .contains("NTP");

        engine.clockSkew = java.util.Optional.empty();
        assertThat(json(anonymous("GET", "/mon/status", "")).toString()).doesNotContain("Clock");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?enable", "?enable=", "?enable=yes", "?enable=TRUE", "?on=true"})
    void whatIsNeitherOnNorOffIsRefusedAndNamesTheOption(String query) {
        engine.maintenance = true;
        RawClient.Answer answer = admin("POST", MAINTENANCE + query, "");

        assertThat(error(answer, 400).path("message").asText())
                .contains("enable")
                .containsAnyOf("true", "'true'");
        assertThat(engine.maintenance).isTrue();
    }

    @Test
    void onlyWhoHasTheHashMaySwitchAndOnlyByPost() {
        assertThat(anonymous("POST", MAINTENANCE + "?enable=true", "").status()).isEqualTo(401);
        assertThat(get(MAINTENANCE + "?enable=true").status()).isEqualTo(405);
        assertThat(engine.maintenance).isFalse();
    }

    @Test
    void theNodesThatShareTheStoreAreShown() {
        engine.nodes = List.of("n1", "n2");

        assertThat(line("Nodes").path("status").asText()).isEqualTo("OK");
        assertThat(line("Nodes").path("value").asText()).isEqualTo("2 (n1, n2); this one is n1");
    }
}
