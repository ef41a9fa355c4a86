package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class RetryPolicyTest {
    private static final RandomGenerator LOW = () -> 0L;
    private static final RandomGenerator HIGH = () -> -1L;
    private final RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(120), 3);

    @Test
    void delaysDoubleAndAreHalfFixedAndHalfRandom() {
        assertThat(policy.backOff(1, LOW)).isEqualTo(Duration.ofSeconds(60));
        assertThat(policy.backOff(1, HIGH)).isBetween(Duration.ofMillis(119_900), Duration.ofSeconds(120));
        assertThat(policy.backOff(2, LOW)).isEqualTo(Duration.ofSeconds(120));
        assertThat(policy.backOff(3, LOW)).isEqualTo(Duration.ofSeconds(240));
    }

    @Test
    void delaysEndAtAnHour() {
        for (int errors = 6; errors < 200; errors++) {
            assertThat(policy.backOff(errors, HIGH)).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        }
    }

    @Test
    void triesAreUsedUpAfterAsManyErrors() {
        assertThat(policy.isUsedUp(2)).isFalse();
        assertThat(policy.isUsedUp(3)).isTrue();
    }

    @Test
    void whatATargetAsksForIsClamped() {
        assertThat(RetryPolicy.clamped(Duration.ofSeconds(-1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(RetryPolicy.clamped(Duration.ofSeconds(90))).isEqualTo(Duration.ofSeconds(90));
        assertThat(RetryPolicy.clamped(Duration.ofSeconds(1_000_000_000_000L))).isEqualTo(Duration.ofHours(24));
    }
}
