package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RecentCountTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:30Z");

    private final RecentCount count = new RecentCount();

    @Test
    void whatIsOlderThanAnHourDoesNotCount() {
        count.add(START);
        count.add(START);
        count.add(START.plus(Duration.ofMinutes(30)));

        assertThat(count.sum(START)).isEqualTo(2);
        assertThat(count.sum(START.plus(Duration.ofMinutes(59)))).isEqualTo(3);
        assertThat(count.sum(START.plus(RecentCount.WINDOW))).isEqualTo(1);
        assertThat(count.sum(START.plus(Duration.ofMinutes(90)))).isZero();
    }

    @Test
    void aMinuteOfLongAgoGivesItsPlaceToOneOfNow() {
        count.add(START);
        count.add(START.plus(RecentCount.WINDOW));

        assertThat(count.sum(START.plus(RecentCount.WINDOW))).isEqualTo(1);
    }
}
