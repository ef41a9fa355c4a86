package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TaskLifeTest {
    private final FakeType web = FakeType.http("Web");
    private final FakeType clockwork =
            new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofHours(1)))));
    private final FakeType limited = new FakeType(
            "Limited",
            ConfigDef.of(
                    ConfigOption.integer("size", "How large.").required(),
                    ConfigOption.string("base.url", "Where."),
                    ConfigOption.integer("rate", "Its own rate.")),
            task -> List.of());
    private final World world = new World(web, clockwork, limited);

    @AfterEach
    void close() {
        world.close();
    }

    private List<ConfigProblem> problems(String type, String... values) {
        return catchThrowableOfType(InvalidConfigException.class, () -> world.put(type, values))
                .problems();
    }

    @Test
    void aTaskThatTakesRequestsGetsItsAddress() {
        TaskView view = world.put("Web", "colour", "red", "workflow_id", "7");

        String address = "http://hooks.test/webhook/" + World.TASK;
        assertThat(view.task().config())
                .containsEntry("webHookURL", new ConfigValue(address, false, ""))
                .containsEntry("colour", ConfigValue.of("red"));
        assertThat(view.task().revision()).isPositive();
        assertThat(world.put("Clockwork").task().config()).doesNotContainKey("webHookURL");
    }

    @Test
    void theHookThatRunsFindsTheAddressAmongTheExtrasAndNoOptionOfTheSinkOrTheService() {
        world.put("Web", "workflow_id", "7", "sink", "fake", "sink.url", "x", "workers", "2", "colour", "red");
        world.send("x");
        world.run();

        assertThat(web.created.getLast().config().extras())
                .containsOnlyKeys("webHookURL", "workflow_id")
                .containsEntry("webHookURL", "http://hooks.test/webhook/" + World.TASK);
        assertThat(web.created.getLast().config().get(FakeType.COLOUR)).isEqualTo("red");
        assertThat(web.contexts.get(World.TASK.value()).endpoint())
                .hasToString("http://hooks.test/webhook/" + World.TASK);
        assertThat(world.sink.seen.getFirst().config().get(FakeSink.URL)).isEqualTo("x");
    }

    @Test
    void blankOptionsAreCompletedByTheTypeAndGivenOnesAreNot() {
        web.complete = task -> Map.of("colour", "green", "note", "from " + task.id());
        assertThat(world.put("Web", "colour", "red", "note", "").task().config())
                .containsEntry("colour", ConfigValue.of("red"))
                .containsEntry("note", ConfigValue.of("from " + World.TASK));
        long revision = world.view().task().revision();
        assertThat(world.put("Web", "colour", "red", "note", "").task().revision())
                .as("put again as it was")
                .isEqualTo(revision);

        web.complete = task -> {
            throw new IllegalStateException("the broker is not known now");
        };
        assertThat(world.put("Web", "colour", "blue").task().config()).doesNotContainKey("note");
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceAndNothingIsStored() {
        List<ConfigProblem> problems =
                problems("Limited", "sink", "fakey", "workers", "0", "timeout", "soon", "retryDelay", "2h");

        assertThat(problems)
                .extracting(ConfigProblem::option)
                .containsExactlyInAnyOrder("sink", "workers", "timeout", "retryDelay", "size");
        assertThat(problems)
                .contains(new ConfigProblem(
                        "sink", "no plugin offers sink 'fakey'; known are [fake, other]; did you mean 'fake'?"));
        assertThat(world.engine.tasks().find(World.TASK)).isEmpty();
    }

    /** Defect A17 of CDS: there, the old task is gone and the bad one stored. */
    @Test
    void aTaskThatIsRefusedLeavesTheOneOfBeforeInPlaceAndRunning() {
        TaskView before = world.put("Clockwork");
        Optional<Instant> due = world.store.nextDue();

        assertThat(problems("Clockwork", "workers", "0")).isNotEmpty();
        assertThat(problems("Limited", "size", "much")).isNotEmpty();

        assertThat(world.engine.tasks().find(World.TASK)).contains(before);
        assertThat(due).isPresent();
        assertThat(world.store.nextDue()).isEqualTo(due);
    }

    @Test
    void theStatusKnowsWhichTasksAreStopped() {
        world.put("Web");
        assertThat(world.engine.status().stopped()).isEmpty();
        world.engine.tasks().stop(World.TASK);
        assertThat(world.engine.status().stopped()).containsExactly(World.TASK);

        world.restart(web);
        World.until(() -> world.engine.status().stopped().contains(World.TASK));
        world.engine.tasks().start(World.TASK);
        assertThat(world.engine.status().stopped()).isEmpty();

        world.engine.tasks().stop(World.TASK);
        world.engine.tasks().remove(World.TASK);
        assertThat(world.engine.status().stopped()).isEmpty();
    }

    @Test
    void anUnknownTypeIsToldWithThoseThatAreKnown() {
        assertThat(problems("Wbe"))
                .containsExactly(new ConfigProblem(
                        "type",
                        "no plugin offers hook type 'Wbe'; known are [Clockwork, Limited, Web]; did you mean 'Web'?"));
    }

    @Test
    void anOptionThatTheSinkDoesNotHaveIsAnError() {
        assertThat(problems("Web", "sink.ulr", "x"))
                .containsExactly(new ConfigProblem(
                        "sink.ulr",
                        "is no option of sink 'fake'; known are [sink.token, sink.url]; did you mean 'sink.url'?"));
    }

    @Test
    void withoutASinkOfItsOwnOrOfTheNodeATaskHasNowhereToSendTo() {
        world.config(config -> World.configWith(Map.of()));

        assertThat(problems("Web"))
                .containsExactly(new ConfigProblem("sink", "is required: where events go, one of [fake, other]"));
        assertThat(world.put("Web", "sink", "other").problem()).isEmpty();
    }

    @Test
    void whatTypeAndSinkSayAcrossOptionsCounts() {
        web.validate = config -> List.of(new ConfigProblem("colour", "does not go with key"));

        assertThat(problems("Web", "colour", "red"))
                .containsExactly(new ConfigProblem("colour", "does not go with key"));
    }

    @Test
    void aTypeThatFailsAtCheckingIsToldAsSuch() {
        web.validate = config -> {
            throw new IllegalArgumentException("oops");
        };

        assertThat(problems("Web")).hasSize(1);
        assertThat(problems("Web").getFirst().option()).isEqualTo("type");
        assertThat(problems("Web").getFirst().message())
                .contains("'Web' could not check the config")
                .contains("oops");
    }

    @Test
    void theNodeGivesDefaultsForOptionsThatATypeDeclares() {
        world.config(config -> World.configWith(Map.of("sink", "fake", "base.url", "http://x", "nobody", "y")));

        world.put("Limited", "size", "3");
        world.accept("Limited", "");
        world.run();

        assertThat(limited.created.getLast().config().toString()).isEqualTo("{base.url=http://x, size=3}");
        assertThat(world.view().task().config()).containsOnlyKeys("size");
    }

    @Test
    void anOptionOfTheTypeHidesTheServicesOwnOfTheSameName() {
        world.put("Limited", "size", "3", "rate", "-5");

        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void aNameThatIsNearToAnOptionIsAWarning() {
        TaskView view = world.put("Web", "color", "red", "retryDelays", "5s");

        assertThat(view.warnings())
                .containsExactlyInAnyOrder(
                        new ConfigProblem("color", "is no option of this type; did you mean 'colour'?"),
                        new ConfigProblem("retryDelays", "is no option; did you mean 'retryDelay'?"));
        assertThat(world.view().warnings()).hasSize(2);
    }

    // ------------------------------------------------------------------------------------------------ secrets

    @Test
    void secretsAreBlankedWhereverTheyAreShown() {
        TaskView view = world.put("Web", "key", "s3cret", "sink.token", "t0ken", "my-password", "p", "colour", "red");
        world.send("x");
        world.run();

        assertThat(view.secrets()).containsExactlyInAnyOrder("key", "sink.token", "my-password");
        for (Map<String, ConfigValue> shown : List.of(
                view.task().config(),
                world.view().task().config(),
                world.engine
                        .tasks()
                        .list(Optional.empty(), 10)
                        .getFirst()
                        .task()
                        .config(),
                world.only().config())) {
            assertThat(shown.get("key").value()).isEqualTo("**********");
            assertThat(shown.get("sink.token").value()).isEqualTo("**********");
            assertThat(shown.get("my-password").value()).isEqualTo("**********");
            assertThat(shown.get("colour").value()).isEqualTo("red");
        }
        assertThat(world.sink.seen.getFirst().config().get(FakeSink.TOKEN).reveal())
                .isEqualTo("t0ken");
    }

    @Test
    void whatWasShownCanBeSentBack() {
        TaskView view = world.put("Web", "key", "s3cret", "colour", "red");
        Map<String, ConfigValue> shown = new java.util.TreeMap<>(view.task().config());
        shown.put("colour", ConfigValue.of("blue"));

        world.engine.tasks().put(World.TASK, "Web", shown);
        world.send("x");
        world.run();

        assertThat(web.created.getLast().config().get(FakeType.KEY).reveal()).isEqualTo("s3cret");
        assertThat(web.created.getLast().config().get(FakeType.COLOUR)).isEqualTo("blue");
    }

    @Test
    void aBlankForWhichNothingIsStoredIsAnError() {
        assertThat(problems("Web", "key", "**********"))
                .containsExactly(
                        new ConfigProblem("key", "is blanked out and nothing is stored for it: write the value"));
    }

    @Test
    void whileItsTypeIsAwayAllThatCouldBeSecretIsBlankedAndTheTaskSaysWhy() {
        world.put("Web", "key", "s3cret", "colour", "red");
        world.restart(clockwork);

        TaskView view = world.view();

        assertThat(view.problem()).contains("no plugin offers hook type 'Web'");
        assertThat(view.task().config().toString()).doesNotContain("s3cret").contains("webHookURL");
        assertThat(view.task().config().get("colour").value()).isEqualTo("**********");
    }

    // ------------------------------------------------------------------------------------------------ start and stop

    @Test
    void puttingATimerTaskMakesItsNextRunWait() {
        world.put("Clockwork");

        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofHours(1)));
        assertThat(world.engine
                        .tasks()
                        .schedule(World.TASK, world.clock.instant(), 2)
                        .orElseThrow())
                .containsExactly(
                        TurnedClock.START.plus(Duration.ofHours(1)), TurnedClock.START.plus(Duration.ofHours(2)));
    }

    @Test
    void aScheduleThatNeverRingsMakesNoRunWait() {
        FakeType never = new FakeType("Never", task -> List.of(Trigger.timer(after -> Optional.empty())));
        world.restart(never);

        world.put("Never");

        assertThat(world.store.nextDue()).isEmpty();
        assertThat(world.store.counts().waiting()).isZero();
    }

    @Test
    void aScheduleBeyondAllTimestampsNeverRings() {
        FakeType far = new FakeType(
                "Far", task -> List.of(Trigger.timer(after -> Optional.of(Instant.parse("9999-12-31T00:00:00Z")))));
        world.restart(far);

        world.put("Far");

        assertThat(world.store.nextDue()).isEmpty();
    }

    @Test
    void puttingTheSameAgainLetsTheTimerAlone() {
        long revision = world.put("Clockwork").task().revision();
        world.clock.advance(Duration.ofMinutes(50));

        TaskView again = world.put("Clockwork");

        assertThat(again.task().revision()).isEqualTo(revision);
        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofHours(1)));
    }

    @Test
    void startingAStartedTaskStartsItAnew() {
        world.put("Clockwork");
        world.clock.advance(Duration.ofMinutes(50));

        world.engine.tasks().start(World.TASK);

        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofMinutes(110)));
    }

    @Test
    void aStartedTaskWhoseNextRunSomebodyElseHasLostGetsOneAtTheStart() {
        TaskRecord lost = TaskRecord.of(World.TASK, "Clockwork", Map.of());
        TaskRecord stopped =
                TaskRecord.of(new TaskId("stopped"), "Clockwork", Map.of()).stopped("");
        world.store.putTask(stopped, Optional.empty());
        world.store.putTask(lost, Optional.empty());

        world.restart();

        World.until("waits", () -> world.store.counts().waiting() == 1);
        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofHours(1)));
        assertThat(world.store.counts(stopped.id()).waiting()).isZero();
    }

    @Test
    void aWaitingRunThatIsOverdueIsNotReplacedAtTheStart() {
        TaskRecord task = TaskRecord.of(World.TASK, "Clockwork", Map.of());
        ExecutionKey overdue = new ExecutionKey("Clockwork", World.TASK, 7);
        Due run = new Due(Execution.of(overdue, "timer", Map.of(), Payload.empty()), Instant.EPOCH);
        world.store.putTask(task, Optional.of(run));
        for (int i = 1; i <= 50; i++) {
            Execution later = Execution.of(overdue.at(1000 + i), "http", Map.of(), Payload.empty());
            world.store.accept(later, AcceptTerms.ANY);
        }
        TaskRecord next = TaskRecord.of(new TaskId("next"), "Clockwork", Map.of());
        world.store.putTask(next, Optional.empty());

        world.restart();

        World.until(
                "the task behind it has been looked at",
                () -> world.store.counts(next.id()).waiting() == 1);
        assertThat(world.store.nextDue()).contains(Instant.EPOCH);
    }

    @Test
    void aStoppedTaskHasNoWaitingRunAndPuttingItStartsIt() {
        world.put("Clockwork");

        TaskView stopped = world.engine.tasks().stop(World.TASK).orElseThrow();

        assertThat(stopped.task().stopped()).isTrue();
        assertThat(world.store.nextDue()).isEmpty();
        assertThat(world.engine.tasks().schedule(World.TASK, world.clock.instant(), 2))
                .contains(List.of());
        assertThat(world.put("Clockwork").task().stopped()).isFalse();
        assertThat(world.store.nextDue()).isPresent();
    }

    @Test
    void unknownTasksAreSaidToBeUnknown() {
        assertThat(world.engine.tasks().find(World.TASK)).isEmpty();
        assertThat(world.engine.tasks().start(World.TASK)).isEmpty();
        assertThat(world.engine.tasks().stop(World.TASK)).isEmpty();
        assertThat(world.engine.tasks().remove(World.TASK)).isEmpty();
        assertThat(world.engine.tasks().schedule(World.TASK, Instant.EPOCH, 1)).isEmpty();
    }

    @Test
    void removingATaskTakesItsExecutionsAlong() {
        world.put("Web");
        world.send("x");
        world.run();

        TaskView removed = world.engine.tasks().remove(World.TASK).orElseThrow();

        assertThat(removed.counts().total()).isEqualTo(1);
        assertThat(world.engine.tasks().find(World.TASK)).isEmpty();
        assertThat(world.executions()).isEmpty();
        assertThat(world.engine.endpoints().find(World.TASK)).isEmpty();
    }

    /** Defect A2 of CDS. */
    @Test
    void aChangedTaskKeepsWhatWaitsAndRunsItUnderTheNewConfig() {
        world.put("Web", "colour", "red");
        for (int i = 0; i < 6; i++) {
            world.send("body " + i);
        }

        world.put("Web", "colour", "blue");
        world.run();

        assertThat(world.executions()).hasSize(6).allMatch(e -> e.status() == ExecutionStatus.DONE);
        assertThat(world.sink.seen)
                .hasSize(6)
                .allMatch(letter -> letter.task().config().get(FakeType.COLOUR).equals("blue"));
    }

    @Test
    void aTypeThatCanNotRunHereIsStoredAndShownWithItsReason() {
        web.onCreate = () -> {
            throw new IllegalStateException("this node has no integrations");
        };

        TaskView view = world.put("Web");

        assertThat(view.problem()).hasValueSatisfying(why -> assertThat(why).contains("no integrations"));
        assertThat(world.engine.tasks().find(World.TASK)).isPresent();
    }

    @Test
    void aTypeThatBreaksInCreateIsAnErrorOfTheType() {
        web.onCreate = () -> {
            throw new UnsupportedOperationException("broken");
        };

        assertThat(problems("Web").getFirst().option()).isEqualTo("type");
        assertThat(problems("Web").getFirst().message()).contains("broken");
    }

    @Test
    void aTypeThatHangsInCreateIsWaitedForNoLongerThanTheLimit() {
        CountDownLatch never = new CountDownLatch(1);
        web.onCreate = never::await;

        assertThat(problems("Web").getFirst().message()).contains("the check of the task did not return within 2s");
    }

    @Test
    void aTaskThatAnotherNodeChangesWhileItIsCheckedIsCheckedAnew() {
        world.put("Web", "key", "old-secret");
        TaskRecord seen = world.store.task(World.TASK).orElseThrow();
        List<String> checked = new java.util.ArrayList<>();
        web.validate = config -> {
            String key = config.get(FakeType.KEY).reveal();
            checked.add(key);
            if (checked.size() == 1) {
                world.store.putTask(seen.with("key", ConfigValue.of("new-secret")), Optional.empty());
            }
            return List.of();
        };

        world.put("Web", "colour", "blue", "key", "**********");

        assertThat(checked).contains("old-secret").endsWith("new-secret");
        TaskRecord stored = world.store.task(World.TASK).orElseThrow();
        assertThat(stored.config().get("key").value()).isEqualTo("new-secret");
        assertThat(stored.config().get("colour").value()).isEqualTo("blue");
    }

    @Test
    void concurrentChangesOfOneTaskAreOneAfterTheOther() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<TaskView>> puts = new java.util.ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String colour = "colour-" + i;
                puts.add(threads.submit(() -> world.put("Web", "colour", colour)));
            }
            List<Long> revisions = new java.util.ArrayList<>();
            for (Future<TaskView> put : puts) {
                revisions.add(put.get().task().revision());
            }
            assertThat(revisions).doesNotHaveDuplicates();
        }
        assertThat(world.view().task().revision()).isEqualTo(50);
    }

    @Test
    void idsWithASlashHaveAnAddressOfOneSegment() {
        TaskId id = new TaskId("a/b+c=");

        assertThat(world.engine
                        .tasks()
                        .put(id, "Web", Map.of())
                        .task()
                        .config()
                        .get("webHookURL")
                        .value())
                .isEqualTo("http://hooks.test/webhook/a%2Fb+c=");
    }

    @Test
    void aSinkThatIsAwayParksTheTask() {
        world.put("Web", "sink", "other");
        world.config(config -> config); // same plugins: still there
        assertThat(world.view().problem()).isEmpty();
        assertThatThrownBy(() -> world.put("Web", "sink", "gone")).isInstanceOf(InvalidConfigException.class);
    }

    @Test
    void aPausedTaskTakesEverythingAndExecutesNothingUntilItIsResumed() {
        world.put("Web");
        world.engine.tasks().pause(World.TASK, Tasks.LAST_PAUSE);

        assertThat(world.send("1").receipt()).isPresent();
        assertThat(world.send("2").receipt()).isPresent();
        runPaused();
        world.put("Web", "colour", "blue");
        world.restart();
        runPaused();

        assertThat(world.sink.seen).isEmpty();
        assertThat(world.view().pausedUntil()).contains(Tasks.LAST_PAUSE);
        assertThat(world.engine.status().counts().paused()).isEqualTo(1);

        assertThat(world.engine.tasks().resume(World.TASK).orElseThrow().pausedUntil())
                .isEmpty();
        world.run();
        assertThat(world.sink.seen).hasSize(2);
        assertThat(world.executions())
                .allSatisfy(execution -> assertThat(execution.attempt()).isEqualTo(1));
    }

    @Test
    void aPauseEndsByItselfAndTimersRingMeanwhile() {
        world.put("Clockwork");
        world.engine.tasks().pause(World.TASK, world.clock.instant().plus(Duration.ofHours(3)));
        for (int i = 0; i < 2; i++) {
            world.clock.advance(Duration.ofHours(1));
            runPaused();
        }
        assertThat(world.store.counts(World.TASK).queued()).isPositive();
        assertThat(world.sink.seen).isEmpty();

        world.advance(Duration.ofHours(1));
        assertThat(world.sink.seen).isNotEmpty();
        assertThat(world.store.counts(World.TASK).queued()).isZero();
    }

    /** As World.run, which would wait for what is queued. */
    private void runPaused() {
        for (int i = 0; i < 5; i++) {
            world.engine.tick();
        }
    }

    @Test
    void aDisabledTaskRefusesRequestsAndSkipsWhatItHasUntilItIsStarted() {
        world.put("Web");
        world.send("before");
        world.engine.tasks().disable(World.TASK, false);

        HttpReply refused = world.send("after");
        world.run();

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("is disabled");
        assertThat(world.only().lastError()).isEqualTo("Executions skipped: Task has been stopped");
        assertThat(world.sink.seen).isEmpty();

        world.engine.tasks().start(World.TASK);
        assertThat(world.send("again").receipt()).isPresent();
        world.run();
        assertThat(world.sink.seen).hasSize(1);
    }

    @Test
    void aDrainedTaskExecutesWhatItHasAndRefusesRequests() {
        world.put("Web");
        world.send("before");
        world.engine.tasks().disable(World.TASK, true);

        assertThat(world.send("after").status()).isEqualTo(409);
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.sink.seen).hasSize(1);
        assertThat(world.view().task().stopped()).isTrue();
    }

    @Test
    void theTimerOfADisabledTaskDoesNotRing() {
        world.put("Clockwork");
        world.engine.tasks().disable(World.TASK, true);
        assertThat(world.store.nextDue()).isEmpty();
    }

    @Test
    void aTaskThatIsNotThereIsNeitherPausedNorDisabled() {
        assertThat(world.engine.tasks().pause(World.TASK, Tasks.LAST_PAUSE)).isEmpty();
        assertThat(world.engine.tasks().resume(World.TASK)).isEmpty();
        assertThat(world.engine.tasks().disable(World.TASK, false)).isEmpty();
    }

    @Test
    void aSuspendedTaskSaysWhyAndExecutesWhatItHasUntilItIsStarted() {
        world.put("Web");
        world.send("before");
        long revision = world.view().task().revision();

        world.engine.tasks().suspend(World.TASK, revision - 1, "its hook was gone");
        assertThat(world.view().task().stopped()).as("another revision").isFalse();
        world.engine.tasks().suspend(World.TASK, revision, "its hook is gone");

        assertThat(world.view().task().isSuspended()).isTrue();
        assertThat(world.view().task().stopReason()).isEqualTo("its hook is gone");
        assertThat(world.send("after").status()).isEqualTo(409);
        world.run();
        assertThat(world.sink.seen).hasSize(1);
        world.engine.tasks().start(World.TASK);
        assertThat(world.view().task().stopReason()).isEmpty();
        assertThat(world.send("again").receipt()).isPresent();
    }

    @Test
    void aTaskThatSomebodyHasStoppedIsNotSuspended() {
        world.put("Clockwork");
        world.engine.tasks().stop(World.TASK);
        world.engine.tasks().suspend(World.TASK, world.view().task().revision(), "its hook is gone");

        assertThat(world.view().task().isSuspended()).isFalse();
        assertThat(world.view().task().stopReason()).isEmpty();
        assertThat(world.engine.tasks().suspend(new TaskId("nobody"), 1, "x")).isEmpty();
    }
}
