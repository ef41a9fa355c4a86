package org.cdshooks.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.RecordedExecution.State;
import org.junit.jupiter.api.Test;

class HookHarnessTest {
    private static final Map<String, String> OPTIONS = Map.of("topic", "t");

    private final FakeBroker broker = new FakeBroker();
    private final List<String> log = new ArrayList<>();

    // ------------------------------------------------------------------------------------ create

    @Test
    void createReportsAllBadOptionsAtOnce() {
        HookHarness harness = HookHarness.of(new SampleType.ByApi());

        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> harness.create(Map.of("topik", "t")))
                .satisfies(e -> assertThat(e.problems())
                        .extracting(ConfigProblem::option)
                        .containsExactly("topic", "topik"));
    }

    @Test
    void createAsksTheTypeToValidateWhatParsed() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            public List<ConfigProblem> validate(HookConfig config) {
                return List.of(new ConfigProblem("topic", "must not be 't'"), new ConfigProblem("", "too few"));
            }
        };

        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> HookHarness.of(type).create(OPTIONS))
                .satisfies(e -> assertThat(e.problems()).hasSize(2));
    }

    @Test
    void aTypeThatDoesNotStartFailsTheTest() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            public void start(NodeContext node) throws IOException {
                throw new IOException("no network");
            }
        };

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> HookHarness.of(type).create(OPTIONS))
                .withMessageContaining("no network");
    }

    @Test
    void theHookSeesTaskServicesClockAndEndpoint() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            public org.cdshooks.api.Hook create(Task task, HookContext context) {
                log.add(task.id() + " " + task.type() + " " + task.revision() + " " + context.endpoint() + " "
                        + context.clock().instant() + " "
                        + context.service(FakeBroker.class).isPresent() + " "
                        + context.service(String.class).isPresent());
                return super.create(task, context);
            }
        };
        Instant start = Instant.parse("2031-05-05T05:05:05Z");

        HookHarness.of(type)
                .service(FakeBroker.class, broker)
                .taskId(new TaskId("abc"))
                .startAt(start)
                .create(OPTIONS)
                .close();

        assertThat(log).containsExactly("abc Sample 1 http://localhost/webhook/abc " + start + " true false");
    }

    @Test
    void withoutAHookTheHarnessSaysWhatToDo() {
        HookHarness harness = HookHarness.of(new SampleType.ByApi());

        assertThatIllegalStateException().isThrownBy(harness::runPending).withMessageContaining("call create first");
        harness.close();
    }

    // ---------------------------------------------------------------------------------- requests

    @Test
    void aRequestIsCapturedAndExecutedLater() throws Exception {
        try (HookHarness harness = HookHarness.of(new SampleType.ByHttp()).create(OPTIONS)) {
            HttpReply reply = harness.call("put", "/x?y=z", Map.of("X-Header", "v"), "hello");

            RecordedExecution stored = harness.executions().get(0);
            assertThat(reply.receipt().orElseThrow().id()).isEqualTo(stored.id());
            assertThat(harness.pending()).isEqualTo(1);
            assertThat(harness.events()).isEmpty();
            assertThat(stored.payload().attribute("x-header")).contains("v");
            assertThat(stored.payload().attribute(":path")).contains("/x");
            assertThat(stored.payload().attribute(":query")).contains("y=z");
            assertThat(stored.dueAt()).isEqualTo(harness.now());

            harness.runPending();

            assertThat(harness.events()).containsExactly(HookEvent.of(Map.of("text", "hello")));
            assertThat(harness.pending()).isZero();
        }
    }

    @Test
    void theHostAnswersForbiddenMethodsAndLargeBodiesItself() throws Exception {
        try (HookHarness harness = HookHarness.of(new SampleType.ByHttp()).create(OPTIONS)) {
            assertThat(harness.call("POST", "").status()).isEqualTo(405);
            assertThat(harness.call("POST", "").body()).contains("PUT");
            assertThat(harness.call("PUT", "", Map.of(), "x".repeat(101)).status())
                    .isEqualTo(413);
            assertThat(harness.executions()).isEmpty();
            assertThat(harness.call("PUT", "", Map.of(), "x".repeat(100)).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void theLimitOfATriggerThatSaysNothingIsOneMebibyte() throws Exception {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            List<Trigger> triggers(HookContext context) {
                return List.of(Trigger.http((call, trigger) -> HttpReply.of(204, "")));
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            TestCall call = TestCall.of("BREW", "");

            assertThat(harness.call(call.body(new byte[1024 * 1024])).status()).isEqualTo(204);
            assertThat(harness.call(call.body(new byte[1024 * 1024 + 1])).status())
                    .isEqualTo(413);
        }
    }

    @Test
    void anOverloadedTaskAnswers503() throws Exception {
        try (HookHarness harness = HookHarness.of(new SampleType.ByHttp()).create(OPTIONS)) {
            harness.overloaded(true);
            assertThat(harness.call("PUT", "").status()).isEqualTo(503);
            harness.overloaded(false);
            assertThat(harness.call("PUT", "").status()).isEqualTo(200);
        }
    }

    @Test
    void aDedupKeySeenBeforeStoresNothingAndAnswersTheFirstId() throws Exception {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            List<Trigger> triggers(HookContext context) {
                return List.of(Trigger.http((call, trigger) -> HttpReply.accepted(trigger.emit(
                        Invocation.of(call.toPayload()).dedupKey(call.path()).cursor(call.query())))));
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            var first = harness.call("POST", "/1?a").receipt().orElseThrow();
            var again = harness.call("POST", "/1?b").receipt().orElseThrow();
            var other = harness.call("POST", "/2?c").receipt().orElseThrow();

            assertThat(first.duplicate()).isFalse();
            assertThat(again.duplicate()).isTrue();
            assertThat(again.id()).isEqualTo(first.id());
            assertThat(other.id()).isNotEqualTo(first.id());
            assertThat(harness.pending()).isEqualTo(2);
            assertThat(harness.cursor()).contains("c");
        }
    }

    @Test
    void aHookWithoutTheTriggerInQuestionFailsTheTest() {
        try (HookHarness harness = HookHarness.of(new SampleType.ByTimer()).create(OPTIONS)) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> harness.call("PUT", ""))
                    .withMessageContaining("0 triggers of kind Http")
                    .withMessageContaining("[timer]");
        }
    }

    // -------------------------------------------------------------------------------------- time

    private static SampleType timer(java.util.function.UnaryOperator<Trigger.Timer> settings) {
        return new SampleType(SampleType.Fires.BY_TIMER) {
            @Override
            List<Trigger> triggers(HookContext context) {
                return List.of(settings.apply(Trigger.timer(Schedule.every(Duration.ofHours(1)))));
            }
        };
    }

    private static List<String> states(HookHarness harness) {
        return harness.executions().stream()
                .map(execution -> execution.dueAt().toString().substring(11, 13) + " " + execution.state())
                .toList();
    }

    @Test
    void turningTheClockRingsEachDueTimeInOrder() {
        try (HookHarness harness =
                HookHarness.of(timer(t -> t.overlap(Overlap.ALLOW))).create(OPTIONS)) {
            harness.advance(Duration.ofMinutes(59));
            assertThat(harness.pending()).isZero();
            harness.advance(Duration.ofMinutes(1));
            assertThat(harness.pending()).isEqualTo(1);
            harness.advanceTo(SettableClock.START.plus(Duration.ofHours(3)));

            assertThat(states(harness)).containsExactly("01 PENDING", "02 PENDING", "03 PENDING");
            assertThat(harness.nextDue()).contains(SettableClock.START.plus(Duration.ofHours(4)));
        }
    }

    @Test
    void aRunThatOverlapsIsRecordedAsSkipped() {
        try (HookHarness harness = HookHarness.of(timer(t -> t)).create(OPTIONS)) {
            harness.advance(Duration.ofHours(2));
            harness.runPending();
            harness.advance(Duration.ofHours(1));

            assertThat(states(harness)).containsExactly("01 DONE", "02 OVERLAPPED", "03 PENDING");
        }
    }

    @Test
    void aHostThatKeepsUpExecutesEachRun() {
        try (HookHarness harness = HookHarness.of(timer(t -> t)).create(OPTIONS)) {
            harness.advanceAndRun(Duration.ofHours(3));

            assertThat(states(harness)).containsExactly("01 DONE", "02 DONE", "03 DONE");
        }
    }

    @Test
    void afterADowntimeTheNewestMissedRunRunsUnlessToldOtherwise() {
        try (HookHarness harness = HookHarness.of(timer(t -> t)).create(OPTIONS)) {
            harness.downtime(Duration.ofMinutes(200));

            assertThat(states(harness)).containsExactly("01 MISSED", "02 MISSED", "03 PENDING");
            harness.runPending();
            harness.advance(Duration.ofMinutes(40));
            assertThat(states(harness)).endsWith("03 DONE", "04 PENDING");
        }
    }

    @Test
    void afterADowntimeNoneRunsIfSoTold() {
        try (HookHarness harness =
                HookHarness.of(timer(t -> t.missedRuns(MissedRuns.NONE))).create(OPTIONS)) {
            harness.downtime(Duration.ofHours(2));

            assertThat(states(harness)).containsExactly("01 MISSED", "02 MISSED");
        }
    }

    @Test
    void afterADowntimeAllOfADayRunIfSoTold() {
        try (HookHarness harness =
                HookHarness.of(timer(t -> t.missedRuns(MissedRuns.ALL))).create(OPTIONS)) {
            harness.downtime(Duration.ofHours(26));

            assertThat(states(harness)).hasSize(26).startsWith("01 MISSED", "02 PENDING", "03 PENDING");
            assertThat(harness.pending()).isEqualTo(25); // 24 hours back, both ends
        }
    }

    @Test
    void afterADowntimeAtMostAHundredRun() {
        SampleType type = new SampleType(SampleType.Fires.BY_TIMER) {
            @Override
            List<Trigger> triggers(HookContext context) {
                return List.of(
                        Trigger.timer(Schedule.every(Duration.ofMinutes(1))).missedRuns(MissedRuns.ALL));
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            harness.downtime(Duration.ofHours(2));

            assertThat(harness.pending()).isEqualTo(100);
            assertThat(harness.executions().get(119).dueAt()).isEqualTo(harness.now());
            assertThat(harness.executions().get(119).state()).isEqualTo(State.PENDING);
        }
    }

    @Test
    void aRunMissedWhileAnEarlierOneIsUnfinishedOverlapsIt() {
        try (HookHarness harness = HookHarness.of(timer(t -> t)).create(OPTIONS)) {
            harness.advance(Duration.ofHours(1));
            harness.downtime(Duration.ofHours(2));

            assertThat(states(harness)).containsExactly("01 PENDING", "02 MISSED", "03 OVERLAPPED");
        }
    }

    @Test
    void theNextDueTimeOfAResultOverridesTheScheduleOnce() {
        SampleType type = new SampleType(SampleType.Fires.BY_TIMER) {
            @Override
            ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) {
                return ExecutionResult.completed().nextDue(execution.dueAt().plus(Duration.ofHours(5)));
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            harness.fire(Payload.empty()); // the API has no schedule to override
            harness.runPending();
            assertThat(harness.nextDue()).contains(SettableClock.START.plus(Duration.ofHours(1)));

            harness.advance(Duration.ofHours(1));
            harness.runPending();
            assertThat(harness.nextDue()).contains(SettableClock.START.plus(Duration.ofHours(6)));

            harness.advance(Duration.ofHours(5));
            assertThat(harness.nextDue()).contains(SettableClock.START.plus(Duration.ofHours(7)));
        }
    }

    @Test
    void aTimerThatEndsRingsNoMore() {
        SampleType type = new SampleType(SampleType.Fires.BY_TIMER) {
            @Override
            Schedule schedule() {
                Instant once = SettableClock.START.plusSeconds(1);
                return after -> after.isBefore(once) ? Optional.of(once) : Optional.empty();
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            harness.advanceAndRun(Duration.ofDays(1000));

            assertThat(harness.executions()).hasSize(1);
            assertThat(harness.nextDue()).isEmpty();
        }
    }

    @Test
    void aScheduleThatStandsStillFailsTheTestInsteadOfRingingForEver() {
        SampleType type = new SampleType(SampleType.Fires.BY_TIMER) {
            @Override
            Schedule schedule() {
                return Optional::of;
            }
        };

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> HookHarness.of(type).create(OPTIONS))
                .withMessageContaining("not after");
    }

    @Test
    void theClockIsNotTurnedBack() {
        try (HookHarness harness = HookHarness.of(new SampleType.ByTimer()).create(OPTIONS)) {
            assertThatIllegalArgumentException().isThrownBy(() -> harness.advance(Duration.ofSeconds(-1)));
            assertThatIllegalArgumentException().isThrownBy(() -> harness.downtime(Duration.ofSeconds(-1)));
        }
    }

    // -------------------------------------------------------------------------------- executions

    @Test
    void aFailedAttemptIsKeptAndTriedAgainWithTheNextNumber() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) throws IOException {
                log.add(execution.id() + " " + execution.attempt());
                if (execution.attempt() < 3) {
                    throw new IOException("failure " + execution.attempt());
                }
                return ExecutionResult.completed().cursor("end");
            }
        };
        try (HookHarness harness = HookHarness.of(type).create(OPTIONS)) {
            String id = harness.fire(Payload.empty()).toString();
            harness.retry();
            assertThat(log).isEmpty(); // nothing has failed yet

            harness.runPending();
            harness.retry();
            assertThat(harness.executions().get(0).state()).isEqualTo(State.PENDING);
            assertThat(harness.results()).isEmpty();
            harness.runPending();
            harness.runPending();

            assertThat(log).containsExactly(id + " 1", id + " 2", id + " 3");
            RecordedExecution execution = harness.executions().get(0);
            assertThat(execution.state()).isEqualTo(State.DONE);
            assertThat(execution.attempts()).isEqualTo(3);
            assertThat(execution.failures())
                    .extracting(Throwable::getMessage)
                    .containsExactly("failure 1", "failure 2");
            assertThat(harness.cursor()).contains("end");
        }
    }

    @Test
    void whatIsRejectedIsNotTriedAgain() {
        try (HookHarness harness = HookHarness.of(new SampleType.ByApi()).create(OPTIONS)) {
            harness.fire("http", Payload.of("", "cut off".getBytes(UTF_8)));
            harness.runPending();
            harness.retry();

            assertThat(harness.executions())
                    .singleElement()
                    .satisfies(execution -> assertThat(execution.state()).isEqualTo(State.REJECTED))
                    .satisfies(execution -> assertThat(execution.attempts()).isEqualTo(1));
            assertThat(harness.results()).containsExactly(ExecutionResult.rejected("the body is no JSON"));
        }
    }

    @Test
    void anExecutionSeesTheCursorThatIsStoredWhenItRuns() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) {
                log.add(execution.cursor().orElse("none"));
                return ExecutionResult.completed()
                        .cursor("after " + execution.cursor().orElse("none"));
            }
        };
        try (HookHarness harness =
                HookHarness.of(type).storedCursor("yesterday").create(OPTIONS)) {
            harness.fire(Payload.empty());
            harness.fire(Payload.empty());
            harness.runPending();

            assertThat(log).containsExactly("yesterday", "after yesterday");
        }
    }

    // ---------------------------------------------------------------------------------- listener

    private HookHarness listening(SampleType type) {
        return HookHarness.of(type)
                .service(FakeBroker.class, broker)
                .create(OPTIONS)
                .listen();
    }

    @Test
    void aListenerEmitsUntilItIsToldToStop() throws Exception {
        try (HookHarness harness = listening(new SampleType.ByListener())) {
            broker.send("{1}");
            broker.send("{2}");
            broker.send("{1}");
            harness.awaitEmitted(3);
            harness.stopListening();
            harness.runPending();

            assertThat(harness.events()).hasSize(2); // the third is a duplicate of the first
            assertThat(harness.cursor()).contains("after {2}");
            assertThat(harness.executions().get(0).trigger()).isEqualTo("listener");

            harness.listen(); // begins to count anew
            broker.send("{3}");
            harness.awaitEmitted(1);
        }
    }

    @Test
    void aSourceThatTakesItsTimeIsWaitedForAsLongAsThePatienceLasts() throws Exception {
        SampleType type = new SampleType(SampleType.Fires.BY_LISTENER) {
            @Override
            void listen(TriggerContext trigger, FakeBroker source) throws InterruptedException {
                assertThat(new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS))
                        .isFalse(); // the time it takes
                trigger.emit(Invocation.of(Payload.empty()));
                new CountDownLatch(1).await();
            }
        };
        try (HookHarness harness = listening(type)) {
            harness.awaitEmitted(1);
            harness.stopListening();
        }
    }

    @Test
    void anEmitWaitsWhileTheTaskIsOverloaded() throws Exception {
        try (HookHarness harness = listening(new SampleType.ByListener())) {
            harness.overloaded(true);
            broker.send("{1}");
            harness.awaitBlockedEmit();
            assertThat(harness.executions()).isEmpty();
            assertThat(broker.acknowledged()).isZero();

            harness.overloaded(false);
            harness.awaitEmitted(1);
            assertThat(harness.pending()).isEqualTo(1);
        }
    }

    @Test
    void anEmitThatWaitsCanBeInterrupted() throws Exception {
        try (HookHarness harness = listening(new SampleType.ByListener())) {
            harness.overloaded(true);
            broker.send("{1}");
            harness.awaitBlockedEmit();
            harness.stopListening();

            assertThat(harness.executions()).isEmpty();
        }
    }

    @Test
    void aListenerThatLostItsLeaseIsRefused() throws Exception {
        try (HookHarness harness = listening(new SampleType.ByListener())) {
            harness.loseOwnership();
            broker.send("{1}");

            assertThat(harness.awaitListenerEnd().orElseThrow()).isInstanceOf(OwnershipLostException.class);
            assertThat(harness.executions()).isEmpty();
            assertThat(broker.acknowledged()).isZero();
        }
    }

    @Test
    void aListenerThatFailsEndsTheWaitingAtOnce() {
        SampleType type = new SampleType(SampleType.Fires.BY_LISTENER) {
            @Override
            void listen(TriggerContext trigger, FakeBroker source) {
                throw new IllegalStateException("no connection");
            }
        };
        HookHarness harness = listening(type);

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> harness.awaitEmitted(1))
                .withMessageContaining("0 of 1 emits")
                .withMessageContaining("no connection");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(harness::stopListening)
                .withMessageContaining("before it was told to stop");
        harness.close();
    }

    @Test
    void waitingForAnEmitThatDoesNotComeEnds() {
        HookHarness harness = listening(new SampleType.ByListener()).patience(Duration.ofMillis(50));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> harness.awaitEmitted(1))
                .withMessageContaining("0 of 1 emits")
                .withMessageContaining("FakeBroker.receive");
        harness.patience(Duration.ofSeconds(10)).close();
    }

    @Test
    void aListenerThatDoesNotComeBackFailsTheTestAndIsFenced() {
        HookHarness harness =
                listening(new BrokenTypes.IgnoresInterruptInListener()).patience(Duration.ofMillis(50));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(harness::stopListening)
                .withMessageContaining("did not come back within PT0.05S");
        harness.close();
    }

    @Test
    void aNodeThatIsDownDoesNotListen() {
        try (HookHarness harness = listening(new SampleType.ByListener())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> harness.downtime(Duration.ofHours(1)))
                    .withMessageContaining("stopListening");
            assertThatIllegalStateException().isThrownBy(harness::listen);
        }
    }

    // --------------------------------------------------------------------------------------- end

    @Test
    void closeStopsTheHookThenTheTypeAndOnlyOnce() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            void stopHook() {
                log.add("hook");
            }

            @Override
            public void stop() {
                log.add("type");
            }
        };
        HookHarness harness = HookHarness.of(type).create(OPTIONS);
        harness.close();
        harness.close();

        assertThat(log).containsExactly("hook", "type");
    }

    @Test
    void closeStopsTheTypeAlsoWhenTheHookDoesNotStop() {
        SampleType type = new SampleType(SampleType.Fires.BY_API) {
            @Override
            void stopHook() throws IOException {
                throw new IOException("hook does not stop");
            }

            @Override
            public void stop() {
                log.add("type");
            }
        };
        HookHarness harness = HookHarness.of(type).create(OPTIONS);

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(harness::close)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(IOException.class));
        assertThat(log).containsExactly("type");
    }
}
