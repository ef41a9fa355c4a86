package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.cdshooks.runtime.http.HttpLimits;
import org.junit.jupiter.api.Test;

/** What holds at the door of a service of which nobody sets anything. */
class DefaultSettingsTest {
    private static <T> T defaultOf(SettingKey<T> key) {
        Optional<T> value = key.option().defaultValue();
        return value.orElseThrow();
    }

    @Test
    void theLimitsAreThoseOfTheServer() {
        HttpLimits limits = HttpLimits.defaults();
        assertThat(defaultOf(Settings.HTTP_MAX_CONNECTIONS)).isEqualTo(limits.maxConnections());
        assertThat(defaultOf(Settings.HTTP_MAX_REQUESTS)).isEqualTo(limits.maxRequests());
        assertThat(defaultOf(Settings.HTTP_MAX_ADMIN_REQUESTS)).isEqualTo(limits.maxAdminRequests());
    }

    @Test
    void nobodyIsRatedAndNoProxyIsTrusted() {
        assertThat(defaultOf(Settings.HTTP_RATE_PER_PEER)).isZero();
        assertThat(defaultOf(Settings.HTTP_TRUSTED_PROXIES)).isEmpty();
        assertThat(defaultOf(Settings.HTTP_HOST)).isEqualTo("127.0.0.1");
    }

    @Test
    void aStopIsNotAnnouncedAndWaitsHalfAMinute() {
        assertThat(defaultOf(Settings.STOP_ANNOUNCE)).isEqualTo(Duration.ZERO);
        assertThat(defaultOf(Settings.STOP_GRACE)).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaultOf(Settings.MAX_UNFINISHED)).isEqualTo(200_000);
    }
}
