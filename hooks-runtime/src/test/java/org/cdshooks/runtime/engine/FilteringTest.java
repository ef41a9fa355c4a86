package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FilteringTest {
    private final FakeType web = FakeType.http("Web");
    private final FakeType poller =
            new FakeType("Poller", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMinutes(1)))));
    private final FakeType own = new FakeType(
            "Own",
            ConfigDef.of(ConfigOption.string("filter", "Its own."), ConfigOption.string("map.x", "Its own.")),
            task -> List.of());
    private final World world = new World(web, poller, own);

    @AfterEach
    void close() {
        world.close();
    }

    private static HookEvent onBranch(String branch) {
        return HookEvent.of(Map.of("git.branch", branch));
    }

    /** The hook yields an event for each branch. */
    private void yields(String... branches) {
        web.execute = (execution, context) -> ExecutionResult.completed(
                List.of(branches).stream().map(FilteringTest::onBranch).toList());
    }

    private List<Map<String, String>> delivered() {
        return world.sink.seen.stream().map(letter -> letter.event().values()).toList();
    }

    private Execution sendAndRun(String... config) {
        world.put("Web", config);
        world.send("x");
        world.run();
        return world.only();
    }

    @Test
    void aFilteredEventEndsItsExecutionWithTheRuleThatDidIt() {
        yields("dev");
        Execution done = sendAndRun("filter.branches", "main");

        assertThat(done.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(done.errors()).isZero();
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.lastError()).isEqualTo("skipped by filter.branches: branch 'dev' matches none of main");
        assertThat(delivered()).isEmpty();
        assertThat(world.engine.status().failed()).isZero();
    }

    @Test
    void whatPassesIsDeliveredAsItIs() {
        yields("main");
        Execution done = sendAndRun("filter", "git.branch == 'main'");

        assertThat(done.lastError()).isEmpty();
        assertThat(delivered()).containsExactly(Map.of("git.branch", "main"));
    }

    @Test
    void aFilterSeesTheHeadersOfTheRequest() throws Exception {
        world.put("Web", "filter", "header(X-Event) == 'push'", "map.set.event", "{header(X-Event)}");
        for (String event : List.of("push", "ping")) {
            world.engine
                    .endpoints()
                    .find(World.TASK)
                    .orElseThrow()
                    .receive(World.call("x", Map.of("x-event", List.of(event))));
        }
        world.run();

        assertThat(delivered()).containsExactly(Map.of("body", "x", "event", "push"));
        assertThat(world.executions().stream().map(Execution::lastError))
                .containsExactlyInAnyOrder(
                        "", "skipped by filter: header(X-Event) == 'push' does not hold; header(X-Event) is 'ping'");
    }

    @Test
    void severalEventsAreFilteredOneByOne() {
        yields("main", "dev", "release/1", "wip");
        Execution done = sendAndRun("filter.branches", "main, release/*", "map.rename.git.branch", "branch");

        assertThat(delivered()).containsExactly(Map.of("branch", "main"), Map.of("branch", "release/1"));
        assertThat(done.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(done.lastError())
                .isEqualTo("2 of 4 events skipped: event 2 by filter.branches: branch 'dev' matches none of main, "
                        + "release/*; event 4 by filter.branches: branch 'wip' matches none of main, release/*");
    }

    @Test
    void ofManyFilteredEventsOnlySomeAreToldOf() {
        yields(IntStream.range(0, 500).mapToObj(i -> "b" + i).toArray(String[]::new));
        Execution done = sendAndRun("filter.branches", "main");

        assertThat(done.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(done.lastError())
                .startsWith("500 of 500 events skipped: event 1 by")
                .contains("event 10 by")
                .doesNotContain("event 11 by")
                .endsWith("; …");
        assertThat(delivered()).isEmpty();
    }

    /** Else the number of an event, and so its key, would depend on filters that were changed meanwhile. */
    @Test
    void whatPassedStaysWhatIsTriedAgainWhenTheFilterIsChanged() {
        yields("main", "dev");
        world.sink.answer = delivery -> DeliveryResult.retry("503");
        world.put("Web", "filter.branches", "main", "retryDelay", "1s");
        world.send("x");
        world.run();
        String key = world.only().key().toString();
        assertThat(world.only().lastError()).isEqualTo("503");

        world.put("Web", "filter.branches", "dev", "retryDelay", "1s");
        world.sink.answer = delivery -> DeliveryResult.delivered("ok");
        world.advance(Duration.ofSeconds(5));

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(delivered()).containsExactly(Map.of("git.branch", "main"), Map.of("git.branch", "main"));
        assertThat(world.sink.keys()).containsExactly(key, key);
    }

    @Test
    void aCursorIsKeptThoughAllEventsAreFilteredOut() {
        poller.execute = (execution, context) ->
                ExecutionResult.completed(onBranch("dev")).cursor("7");
        world.put("Poller", "filter.branches", "main");
        world.advance(Duration.ofMinutes(1));

        assertThat(world.store.cursor(World.TASK)).contains("7");
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().lastError()).startsWith("skipped by filter.branches");
        assertThat(delivered()).isEmpty();
    }

    @Test
    void allThatIsWrongWithRulesIsToldAtOnceAndNothingIsStored() {
        assertThatThrownBy(() -> world.put(
                        "Web",
                        "filter",
                        "git.branch = 'main'",
                        "filter.branch",
                        "main",
                        "map.set.a",
                        "{header(Authorization)}"))
                .isInstanceOfSatisfying(InvalidConfigException.class, e -> {
                    Map<String, String> problems = new TreeMap<>();
                    e.problems().forEach(problem -> problems.put(problem.option(), problem.message()));
                    assertThat(problems).containsOnlyKeys("filter", "filter.branch", "map.set.a");
                    assertThat(problems.get("filter")).startsWith("column 12: ");
                });
        assertThat(world.store.task(World.TASK)).isEmpty();
    }

    @Test
    void theNodeMayFilterForAllTasks() {
        world.config(config -> World.configWith(Map.of("sink", "fake", "filter.skipCi", "true")));
        web.execute =
                (execution, context) -> ExecutionResult.completed(HookEvent.of(Map.of("git.message", "x [skip ci]")));

        assertThat(sendAndRun().lastError()).isEqualTo("skipped by filter.skipCi: git.message has [skip ci] in it");
    }

    @Test
    void aTypeKeepsOptionsOfTheSameName() {
        world.put("Own", "filter", "=%", "map.x", "y");

        assertThat(own.created.getLast().config().extras()).isEmpty();
        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void rulesAreNoExtrasOfTheType() {
        world.put("Web", "filter", "a exists", "map.set.a", "b", "map.rename.token", "c", "more", "d");

        assertThat(web.created.getLast().config().extras()).containsOnlyKeys("more", "webHookURL");
        assertThat(world.view().secrets()).as("a new name is none").isEmpty();
    }
}
