package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.engine.Executions.Outcome;
import org.cdshooks.runtime.engine.Executions.ReplayFilter;
import org.cdshooks.runtime.engine.Executions.ReplayReport;
import org.cdshooks.runtime.engine.Executions.ReplayStart;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.Seal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who fired with which config, what changed, and running it again as it was then. */
final class RevisionsTest {
    private final FakeType web = FakeType.http("Web");
    private final World world = new World(web);

    @AfterEach
    void close() {
        world.close();
    }

    private List<RevisionView> revisions() {
        return world.engine.tasks().revisions(World.TASK);
    }

    private Execution failedUnder(String... config) {
        world.put("Web", config);
        world.sink.answer = delivery -> DeliveryResult.rejected("no");
        world.send("x");
        world.run();
        world.sink.answer = delivery -> DeliveryResult.delivered("ok");
        return world.executions().getFirst();
    }

    private Outcome replay(Execution execution, ReplayConfig config) {
        return world.engine.executions().replay(World.TASK, execution.key().timestamp(), config);
    }

    private static String colour(EventSink.Delivery delivery) {
        return delivery.task().config().get(FakeType.COLOUR);
    }

    private String lastColour() {
        return colour(world.sink.seen.getLast());
    }

    private Execution now(Execution execution) {
        return world.store.execution(execution.key()).orElseThrow();
    }

    // ------------------------------------------------------------------------------------------------ what changed

    @Test
    void eachChangeIsToldWithTheNamesOfWhatChanged() {
        world.put("Web", "colour", "red", "key", "one");
        world.clock.advance(Duration.ofHours(1));
        world.put("Web", "colour", "blue", "key", "two");
        world.clock.advance(Duration.ofHours(1));
        world.engine.tasks().stop(World.TASK);

        List<RevisionView> told = revisions();
        assertThat(told.stream().map(RevisionView::changed))
                .containsExactly(
                        Optional.of(new java.util.TreeSet<>()),
                        Optional.of(new java.util.TreeSet<>(List.of("colour", "key"))),
                        Optional.empty());
        assertThat(told.stream().map(each -> each.revision().task().stopped())).containsExactly(true, false, false);
        assertThat(told.get(0).revision().changedAt() - told.get(1).revision().changedAt())
                .isEqualTo(Duration.ofHours(1).toNanos());
    }

    @Test
    void secretsAreBlanked() {
        world.put("Web", "key", "brass");
        world.put("Web", "key", "iron");

        assertThat(revisions()).hasSize(2).allSatisfy(each -> {
            Map<String, ConfigValue> config = each.revision().task().config();
            assertThat(config.get("key").value()).doesNotContain("brass", "iron");
        });
    }

    @Test
    void secretsAreSealedInThePastAsWell() {
        world.seal(Seal.of(List.of(new byte[Seal.KEY_BYTES])));
        world.put("Web", "key", "brass", "colour", "red");
        world.put("Web", "key", "iron", "colour", "red");

        assertThat(world.store.revisions(World.TASK))
                .hasSize(2)
                .allSatisfy(each ->
                        assertThat(each.task().config().get("key").value()).startsWith(Seal.PREFIX));
        assertThat(revisions().getFirst().changed())
                .hasValueSatisfying(changed -> assertThat(changed).containsExactly("key"));
    }

    @Test
    void aSecretThatWasStoredInClearIsNotKeptSo() {
        world.put("Web", "key", "brass", "colour", "red");
        world.seal(Seal.of(List.of(new byte[Seal.KEY_BYTES])));
        world.put("Web", "key", "brass", "colour", "blue");

        assertThat(world.store.revisions(World.TASK))
                .hasSize(2)
                .allSatisfy(each ->
                        assertThat(each.task().config().get("key").value()).startsWith(Seal.PREFIX));
    }

    @Test
    void aSecretThatIsOnlySealedAnewIsNoChange() {
        byte[] old = new byte[Seal.KEY_BYTES];
        byte[] fresh = new byte[Seal.KEY_BYTES];
        fresh[0] = 1;
        world.seal(Seal.of(List.of(old)));
        world.put("Web", "key", "brass");
        world.seal(Seal.of(List.of(fresh, old)));
        world.put("Web", "key", "brass");

        assertThat(revisions()).hasSize(1);
    }

    @Test
    void aStartOfAStartedTaskIsNoChange() {
        world.put("Web", "colour", "red");
        world.put("Web", "colour", "red");
        world.engine.tasks().start(World.TASK);
        world.engine.tasks().start(World.TASK);

        assertThat(revisions()).hasSize(1);
    }

    // ------------------------------------------------------------------------------------------------ which config

    @Test
    void anExecutionTellsUnderWhichRevisionItWasAcceptedAndExecuted() {
        long red = world.put("Web", "colour", "red").task().revision();
        world.send("x");
        long blue = world.put("Web", "colour", "blue").task().revision();
        world.run();

        assertThat(world.only().marks().revisions().accepted()).isEqualTo(red);
        assertThat(world.only().marks().revisions().executed()).isEqualTo(blue);
    }

    @Test
    void whatIsSkippedWasNotExecuted() {
        world.put("Web", "colour", "red");
        world.send("x");
        world.engine.tasks().stop(World.TASK);
        world.run();

        assertThat(world.only().lastError()).isEqualTo(Attempt.STOPPED);
        assertThat(world.only().marks().revisions().executed()).isZero();
    }

    @Test
    void aRunOfATimerWasAcceptedWhenItRang() {
        FakeType timer = new FakeType("Clock", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMinutes(1)))));
        world.restart(web, timer);
        world.put("Clock", "colour", "red");
        world.advance(Duration.ofMinutes(1));
        long first = world.view().task().revision();
        world.advance(Duration.ofMinutes(1));
        long second = world.put("Clock", "colour", "blue").task().revision();
        world.advance(Duration.ofMinutes(1));

        assertThat(world.executions().reversed().stream()
                        .map(each -> each.marks().revisions().accepted()))
                .containsExactly(first, first, second);
        assertThat(world.executions().stream()
                        .map(each -> each.marks().revisions().executed()))
                .containsExactly(second, first, first);
    }

    // ------------------------------------------------------------------------------------------------ as it was then

    @Test
    void anExecutionRunsAgainAsItsTaskWasWhenItWasAccepted() {
        Execution failed = failedUnder("colour", "red", "sink.url", "old", "sink", "fake");
        long red = world.view().task().revision();
        world.put("Web", "colour", "blue", "sink.url", "new", "sink", "other");

        assertThat(replay(failed, ReplayConfig.THEN)).isInstanceOf(Outcome.Done.class);
        world.run();

        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(now(failed).marks().revisions().executed()).isEqualTo(red);
        assertThat(lastColour()).isEqualTo("red");
        assertThat(world.sink.seen.getLast().config().get(FakeSink.URL)).isEqualTo("old");
        assertThat(world.other.seen).isEmpty();

        replay(failed, ReplayConfig.NOW);
        world.run();

        assertThat(colour(world.other.seen.getLast())).isEqualTo("blue");
    }

    @Test
    void theChoiceSurvivesRetriesAndTheEndOfTheNode() {
        Execution failed = failedUnder("colour", "red");
        world.put("Web", "colour", "blue");
        List<String> colours = new ArrayList<>();
        world.sink.answer = delivery -> {
            colours.add(colour(delivery));
            return colours.size() < 3 ? DeliveryResult.retry("away") : DeliveryResult.delivered("ok");
        };

        replay(failed, ReplayConfig.THEN);
        world.run();
        world.restart();
        world.advance(Duration.ofHours(1));
        world.advance(Duration.ofHours(1));

        assertThat(colours).containsExactly("red", "red", "red");
        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.DONE);
    }

    @Test
    void thenIsNowIfNothingHasChanged() {
        Execution failed = failedUnder("colour", "red");
        int created = web.created.size();

        replay(failed, ReplayConfig.THEN);
        world.run();

        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(web.created).hasSize(created);
    }

    @Test
    void aTaskOfAnotherTypeByNowRunsAsTheOneThatItWas() {
        FakeType other = FakeType.http("Other");
        world.restart(web, other);
        Execution failed = failedUnder("colour", "red");
        world.put("Other", "colour", "blue");

        replay(failed, ReplayConfig.THEN);
        world.run();

        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(other.executed).isEmpty();
    }

    @Test
    void aTaskThatIsStoppedNowStaysSo() {
        Execution failed = failedUnder("colour", "red");
        world.engine.tasks().stop(World.TASK);

        replay(failed, ReplayConfig.THEN);
        world.run();

        assertThat(now(failed).lastError()).isEqualTo(Attempt.STOPPED);
    }

    @Test
    void whatItSaysOfWhereToGoOnIsNotTakenForTheTaskOfNow() {
        Execution failed = failedUnder("colour", "red");
        world.put("Web", "colour", "blue");
        web.execute = (execution, context) ->
                ExecutionResult.completed(HookEvent.of(Map.of("body", "x"))).cursor("of then");

        replay(failed, ReplayConfig.THEN);
        world.run();

        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.store.cursor(World.TASK)).isEmpty();
    }

    @Test
    void itsHookIsKeptForTheNextOneAndStoppedInTheEnd() {
        Execution failed = failedUnder("colour", "red");
        world.put("Web", "colour", "blue");
        World.until("the end of the hook of before", () -> web.stopped.get() == 1);
        int created = web.created.size();

        for (int i = 0; i < 3; i++) {
            replay(failed, ReplayConfig.THEN);
            world.run();
        }

        assertThat(web.created).hasSize(created + 1);
        assertThat(web.stopped).hasValue(1);
        world.restart();
        assertThat(web.stopped).hasValue(2);
    }

    @Test
    void whatIsNotKeptIsRefusedWithTheWayOut() {
        Execution failed = failedUnder("colour", "red");
        long red = failed.marks().revisions().accepted();
        for (int i = 0; i < TaskStore.KEPT_REVISIONS; i++) {
            world.put("Web", "colour", "c" + i);
        }

        assertThat(replay(failed, ReplayConfig.THEN))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .contains("revision " + red, "not kept any more", "config=now"));
        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.FAILED);
    }

    @Test
    void whatWasAcceptedBeforeThatWasNotedIsRefused() {
        world.put("Web", "colour", "red");
        world.sink.answer = delivery -> DeliveryResult.rejected("no");
        Execution failed = world.accept("Web", "x");
        world.run();

        assertThat(replay(failed, ReplayConfig.THEN))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("not known"));
    }

    @Test
    void whatIsGoneWhenItsTurnComesFailsForGood() {
        Execution failed = failedUnder("colour", "red");
        replay(failed, ReplayConfig.THEN);
        for (int i = 0; i < TaskStore.KEPT_REVISIONS; i++) {
            world.put("Web", "colour", "c" + i);
        }
        int delivered = world.sink.seen.size();

        world.run();

        assertThat(now(failed).status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(now(failed).lastError()).contains("not kept any more");
        assertThat(world.sink.seen).hasSize(delivered);
    }

    @Test
    void ofManyThoseThatAreNotKeptAreCounted() {
        failedUnder("colour", "gone");
        for (int i = 0; i < TaskStore.KEPT_REVISIONS; i++) {
            world.put("Web", "colour", "c" + i);
        }
        world.clock.advance(Duration.ofSeconds(1));
        failedUnder("colour", "red");
        world.clock.advance(Duration.ofSeconds(1));
        failedUnder("colour", "blue");
        int before = world.sink.seen.size();

        assertThat(world.engine
                        .executions()
                        .replayAll(
                                World.TASK,
                                new ReplayFilter(ExecutionStatus.FAILED, 0, Long.MAX_VALUE, "", 100),
                                ReplayConfig.THEN,
                                "me"))
                .isInstanceOf(ReplayStart.Started.class);
        World.until(
                "the end of the replay",
                () -> world.engine.executions().replays(World.TASK).running().isEmpty());
        world.run();

        ReplayReport report =
                world.engine.executions().replays(World.TASK).last().orElseThrow();
        assertThat(List.of(report.matched(), report.replayed(), report.skipped(), report.refused()))
                .containsExactly(3, 2, 0, 1);
        assertThat(world.sink.seen.subList(before, world.sink.seen.size()).stream()
                        .map(RevisionsTest::colour))
                .containsExactlyInAnyOrder("red", "blue");
    }
}
