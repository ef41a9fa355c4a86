package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void tasksThatTogetherNeedMoreThanThereIsAreAllStretchedAlike() {
        Budget budget = new Budget("https://api.example.org", 1000, NOON);
        for (int i = 0; i < 6; i++) {
            assertThat(budget.polled(new TaskId("t" + i), 2, MINUTE, NOON)).isEqualTo(1);
        }
        double stretch = budget.polled(new TaskId("t6"), 2, MINUTE, NOON);

        assertThat(stretch).as("7 tasks, 120 requests an hour each, of 800").isEqualTo(840 / 800.0);
        assertThat(budget.polled(new TaskId("t0"), 2, MINUTE, NOON)).isEqualTo(stretch);
    }

    @Test
    void aTaskThatPollsNoMoreLeavesItsShare() {
        Budget budget = new Budget("https://api.example.org", 100, NOON);
        budget.polled(new TaskId("gone"), 10, MINUTE, NOON);
        assertThat(budget.polled(new TaskId("t"), 1, MINUTE, NOON)).isEqualTo(660 / 80.0);

        assertThat(budget.polled(new TaskId("t"), 1, MINUTE, NOON.plus(Duration.ofHours(3))))
                .isEqualTo(1);
    }

    @Test
    void whatIsLeftUntilTheResetCounts() {
        Budget budget = new Budget("https://api.example.org", 0, NOON);
        assertThat(budget.polled(new TaskId("t"), 60, MINUTE, NOON)).isEqualTo(1);
        long reset = NOON.plusSeconds(1800).getEpochSecond();
        budget.learn(headers("RateLimit-Remaining", "900", "RateLimit-Reset", "" + reset), NOON);

        assertThat(budget.polled(new TaskId("t"), 60, MINUTE, NOON)).isCloseTo(3600 / 1440.0, within(1e-9));
        assertThat(budget.blocked(NOON)).isEmpty();
        assertThat(budget.polled(new TaskId("t"), 60, MINUTE, NOON.plusSeconds(1801)))
                .isEqualTo(1);
    }

    @Test
    void whereNothingIsLeftNobodyAsksUntilTheReset() {
        Budget budget = new Budget("https://api.example.org", 0, NOON);
        Instant reset = NOON.plusSeconds(1800);
        budget.learn(headers("x-ratelimit-remaining", "0", "x-ratelimit-reset", "" + reset.getEpochSecond()), NOON);

        assertThat(budget.blocked(NOON)).contains(reset);
        assertThat(budget.blocked(reset)).isEmpty();
        assertThat(budget.polled(new TaskId("t"), 1, MINUTE, NOON)).isEqualTo(60);
    }

    @ParameterizedTest
    @CsvSource({
        "120,120",
        "0,1",
        "'Tue, 01 Jan 2030 12:10:00 GMT',600",
        "'Tue, 01 Jan 2030 11:00:00 GMT',1",
        "soon,60",
    })
    void retryAfterIsATimeOrSeconds(String value, long seconds) {
        Budget budget = new Budget("https://api.example.org", 0, NOON);

        assertThat(budget.refused(headers("Retry-After", value), NOON)).isEqualTo(NOON.plusSeconds(seconds));
    }

    @Test
    void tasksShareABudgetIfTheyLogInAlike() {
        Budgets budgets = new Budgets();
        Budget one = budgets.of("https://a", Optional.of(Secret.of("s")), 0, NOON);

        assertThat(budgets.of("https://a", Optional.of(Secret.of("s")), 0, NOON))
                .isSameAs(one);
        assertThat(budgets.of("https://a", Optional.of(Secret.of("other")), 0, NOON))
                .isNotSameAs(one);
        assertThat(budgets.of("https://a", Optional.empty(), 0, NOON)).isNotSameAs(one);
        assertThat(budgets.of("https://b", Optional.of(Secret.of("s")), 0, NOON))
                .isNotSameAs(one);
    }

    @Test
    void aTokenThatWasChangedIsForgottenOnceNobodyPollsWithIt() {
        Budgets budgets = new Budgets();
        Budget old = budgets.of("https://a", Optional.of(Secret.of("old")), 0, NOON);
        Budget used = budgets.of("https://a", Optional.of(Secret.of("used")), 0, NOON);
        old.refused(headers("Retry-After", "999999"), NOON);

        Instant later = NOON.plus(Duration.ofHours(2));
        used.blocked(later);
        assertThat(budgets.of("https://a", Optional.of(Secret.of("old")), 0, later))
                .isSameAs(old);
        budgets.of("https://a", Optional.of(Secret.of("new")), 0, NOON.plus(Duration.ofHours(4)));

        assertThat(budgets.size()).as("the used one and the new one").isEqualTo(2);
        assertThat(budgets.of("https://a", Optional.of(Secret.of("used")), 0, NOON.plus(Duration.ofHours(4))))
                .isSameAs(used);
    }

    private static HttpHeaders headers(String... namesAndValues) {
        Map<String, List<String>> all = IntStream.range(0, namesAndValues.length / 2)
                .boxed()
                .collect(Collectors.toMap(i -> namesAndValues[2 * i], i -> List.of(namesAndValues[2 * i + 1])));
        return HttpHeaders.of(all, (name, value) -> true);
    }
}
