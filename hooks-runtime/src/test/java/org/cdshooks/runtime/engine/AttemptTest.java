package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.runtime.plugin.Suspension;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AttemptTest {
    private final FakeType web = FakeType.http("Web");
    private final FakeType poller =
            new FakeType("Poller", task -> List.of(Trigger.timer(Schedule.every(Duration.ofMinutes(1)))));
    private final World world = new World(web, poller);

    @AfterEach
    void close() {
        world.close();
    }

    private static HookEvent event(String name) {
        return HookEvent.of(Map.of("name", name));
    }

    private void sendAndRun() {
        world.put("Web");
        world.send("x");
        world.run();
    }

    private List<String> delivered() {
        return world.sink.seen.stream()
                .map(letter -> letter.event().values().get("name"))
                .toList();
    }

    // ------------------------------------------------------------------------------------------------ the good way

    @Test
    void whatCameInIsInterpretedDeliveredAndDone() {
        world.sink.answer =
                delivery -> DeliveryResult.delivered("run 12 started").run(12);
        sendAndRun();

        Execution done = world.only();
        assertThat(done.status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.answer()).isEqualTo("run 12 started");
        assertThat(done.run()).isEqualTo(12);
        assertThat(done.lastError()).isEmpty();
        assertThat(done.events()).isEmpty();
        EventSink.Delivery letter = world.sink.seen.getFirst();
        assertThat(letter.idempotencyKey()).isEqualTo(done.key().toString());
        assertThat(letter.execution()).isEqualTo(done.key().id());
        assertThat(letter.timestamp()).isEqualTo(done.key().timestamp());
        assertThat(letter.attempt()).isEqualTo(1);
        assertThat(letter.task().id()).isEqualTo(World.TASK);
        assertThat(letter.deadline()).isEqualTo(TurnedClock.START.plusSeconds(60));
        assertThat(letter.event().values()).containsEntry("body", "x");
        assertThat(world.engine.status().done()).isEqualTo(1);
    }

    @Test
    void whatTheHookSeesOfAnExecutionIsWhatWasStored() {
        sendAndRun();

        var seen = web.executed.getFirst();
        assertThat(seen.id()).isEqualTo(world.only().key().id());
        assertThat(seen.trigger()).isEqualTo("http");
        assertThat(seen.attempt()).isEqualTo(1);
        assertThat(seen.dueAt()).isEqualTo(TurnedClock.START);
        assertThat(seen.payload().text()).isEqualTo("x");
        assertThat(seen.cursor()).isEmpty();
    }

    @Test
    void anAnswerIsCutToFourKibibytes() {
        world.sink.answer = delivery -> DeliveryResult.delivered("x".repeat(100_000));
        sendAndRun();

        assertThat(world.only().answer()).hasSize(4096);
    }

    @Test
    void nothingToDoIsDoneWithTheReason() {
        web.execute = (execution, context) -> ExecutionResult.skipped("branch is filtered out");
        sendAndRun();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().lastError()).isEqualTo("branch is filtered out");
        assertThat(world.sink.seen).isEmpty();
    }

    @Test
    void whatCanNeverSucceedIsFailedAtOnce() {
        web.execute = (execution, context) -> ExecutionResult.rejected("no JSON");
        sendAndRun();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().lastError()).isEqualTo("no JSON");
        assertThat(world.engine.status().failed()).isEqualTo(1);
    }

    @Test
    void anExecutionWithoutEventsIsDone() {
        web.execute = (execution, context) -> ExecutionResult.completed();
        sendAndRun();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    // ------------------------------------------------------------------------------------------------ suspension

    @Test
    void aSuspendedHookTypeIsNotCalledAndLosesNothing() {
        world.put("Web");
        try (Suspension suspended =
                new Suspension(world.engine.plugins().hookType("Web").orElseThrow())) {
            assertThat(suspended).isNotNull();
            world.accept("Web", "x");
            world.run();

            assertThat(web.executed).isEmpty();
            assertThat(world.only().status()).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(world.only().errors()).isZero();
            assertThat(world.only().lastError()).contains("hook type 'Web' is suspended");
            assertThat(world.view().problem().orElseThrow()).contains("hook type 'Web' is suspended");
            assertThat(world.send("y").status()).isEqualTo(503);
            assertThat(world.engine.plugins().report().plugins())
                    .singleElement()
                    .satisfies(line -> assertThat(line.problems()).containsExactly("hook type 'Web' is suspended"));
            assertThat(world.engine.pluginStatus().value()).contains("plugin 'host'", "hook type 'Web' is suspended");
        }

        world.advance(Duration.ofSeconds(121));

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void aSuspendedSinkGetsTheEventLater() {
        world.put("Web");
        CountDownLatch executed = new CountDownLatch(1);
        Suspension[] suspended = new Suspension[1];
        web.execute = (execution, context) -> {
            if (executed.getCount() > 0) { // the sink is suspended while the attempt is under way
                suspended[0] =
                        new Suspension(world.engine.plugins().sink("fake").orElseThrow());
                executed.countDown();
            }
            return ExecutionResult.completed(HookEvent.of(Map.of("a", "1")));
        };
        world.accept("Web", "x");
        world.run();

        assertThat(world.sink.seen).isEmpty();
        assertThat(world.only().errors()).isZero();
        assertThat(world.only().lastError()).contains("sink 'fake' is suspended");
        suspended[0].close();
        world.advance(Duration.ofSeconds(121));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    // ------------------------------------------------------------------------------------------------ failures

    /** Defect A12 of CDS. */
    @Test
    void aFailedAttemptIsTriedAgainWithTheSameKeyUntilTriesAreUsedUp() {
        world.sink.answer = delivery -> DeliveryResult.retry("503 from the target");
        sendAndRun();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.SCHEDULED);
        assertThat(world.only().errors()).isEqualTo(1);
        assertThat(world.only().lastError()).isEqualTo("503 from the target");
        assertThat(world.store.nextDue().orElseThrow())
                .isBetween(TurnedClock.START.plusSeconds(60), TurnedClock.START.plusSeconds(120));
        world.advance(Duration.ofSeconds(121));
        world.advance(Duration.ofSeconds(241));

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().attempt()).isEqualTo(3);
        assertThat(world.sink.keys()).hasSize(3).containsOnly(world.only().key().toString());
        assertThat(world.engine.status().retried()).isEqualTo(2);
        world.advance(Duration.ofDays(1));
        assertThat(world.sink.seen).hasSize(3);
    }

    /** Defects B4 and B5 of CDS. */
    @Test
    void aLostAnswerLeadsToTheSameKeyAgainAndThenToDone() {
        AtomicInteger calls = new AtomicInteger();
        world.sink.answer = delivery -> {
            if (calls.incrementAndGet() == 1) {
                throw new IOException("Connection reset"); // the target has the event, its answer is lost
            }
            return DeliveryResult.delivered("ok");
        };
        sendAndRun();
        world.advance(Duration.ofMinutes(3));

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().lastError()).isEmpty();
        assertThat(world.only().errors()).isEqualTo(1);
        assertThat(world.sink.keys()).hasSize(2).containsOnly(world.only().key().toString());
    }

    @Test
    void aHostThatCanNotBeAskedYetCostsNoTryHoweverLongItLasts() {
        AtomicBoolean isAway = new AtomicBoolean(true);
        web.execute = (execution, context) -> {
            if (isAway.get()) {
                throw new ServiceException(ServiceException.Kind.NOT_YET, "the CDS API can't be reached");
            }
            return ExecutionResult.completed(HookEvent.of(Map.of("a", "b")));
        };
        world.put("Web", "retryError", "1");
        world.send("x");
        world.run();

        for (int i = 0; i < 20; i++) {
            assertThat(world.only().status()).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(world.only().errors()).isZero();
            assertThat(world.only().lastError()).contains("can't be reached");
            world.advance(Duration.ofMinutes(1));
        }
        isAway.set(false);
        world.advance(Duration.ofMinutes(1));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().attempt()).isEqualTo(1);
        assertThat(world.sink.seen).hasSize(1);
    }

    @Test
    void aHostThatFailsCostsATry() {
        web.execute = (execution, context) -> {
            throw new ServiceException(ServiceException.Kind.AWAY, "the CDS API answered 500");
        };
        world.put("Web", "retryError", "1");
        world.send("x");
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
    }

    /** Defect D10 of CDS. */
    @Test
    void whateverAHookThrowsIsAFailedAttempt() {
        for (FakeType.Action thrown : List.<FakeType.Action>of(
                () -> {
                    throw new IOException("no route");
                },
                () -> {
                    throw new NullPointerException("null in the plugin");
                },
                () -> {
                    throw new NoClassDefFoundError("some/Library");
                },
                () -> {
                    throw new StackOverflowError();
                },
                () -> {
                    throw new OutOfMemoryError("told to");
                },
                () -> {
                    throw new InterruptedException("by its own doing");
                })) {
            web.execute = (execution, context) -> {
                thrown.run();
                return ExecutionResult.completed();
            };
            world.put("Web");
            world.send("x");
            world.run();

            Execution failed = world.executions().getFirst();
            assertThat(failed.status()).isEqualTo(ExecutionStatus.SCHEDULED);
            assertThat(failed.errors()).isEqualTo(1);
            assertThat(failed.lastError()).isNotEmpty();
            world.engine.executions().removeAll(World.TASK);
        }
        assertThat(world.engine.status().running()).isZero();
    }

    @Test
    void whateverASinkThrowsOrAnswersIsAFailedAttempt() {
        for (FakeSink.Answer answer : List.<FakeSink.Answer>of(
                delivery -> {
                    throw new IOException("reset");
                },
                delivery -> {
                    throw new AssertionError("broken");
                },
                delivery -> nothing())) {
            world.sink.answer = answer;
            sendAndRun();

            assertThat(world.executions().getFirst().errors()).isEqualTo(1);
            world.engine.executions().removeAll(World.TASK);
        }
    }

    @SuppressWarnings("NullAway") // what a plugin without such checks may do
    private static <T> T nothing() {
        return null;
    }

    @Test
    void aTargetMaySayWhenToComeAgain() {
        world.sink.answer = delivery -> DeliveryResult.retry("busy").after(Duration.ofDays(30));
        sendAndRun();

        assertThat(world.store.nextDue()).contains(TurnedClock.START.plus(Duration.ofHours(24)));
    }

    @Test
    void whatWasNotTriedUsesUpNoTry() {
        world.sink.answer = delivery -> DeliveryResult.deferred("breaker is open", Duration.ofSeconds(30));
        sendAndRun();
        for (int i = 0; i < 10; i++) {
            world.advance(Duration.ofSeconds(30));
        }

        assertThat(world.sink.seen).hasSize(11);
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.SCHEDULED);
        assertThat(world.only().errors()).isZero();
        assertThat(world.only().attempt()).isZero();
        assertThat(world.only().lastError()).isEqualTo("breaker is open");
        assertThat(world.engine.status().retried()).isZero();
    }

    @Test
    void whatTheTargetRejectsIsFailedAndATargetThatIsGoneStopsTheTask() {
        world.sink.answer = delivery -> DeliveryResult.rejected("404: no such workflow");
        sendAndRun();
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.view().task().stopped()).isFalse();

        world.sink.answer = delivery -> DeliveryResult.rejected("410: gone").targetGone();
        world.send("y");
        world.run();
        assertThat(world.view().task().stopped()).isTrue();
        assertThat(world.view().task().stopReason()).isEqualTo("410: gone");
        assertThat(world.executions().getFirst().status()).isEqualTo(ExecutionStatus.FAILED);
    }

    @Test
    void optionsOfTheTaskSayHowOftenAndHowSoon() {
        world.put("Web", "retryDelay", "10s", "retryError", "1");
        world.sink.answer = delivery -> DeliveryResult.retry("no");
        world.send("x");
        world.run();
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);

        world.put("Web", "retryDelay", "10s", "retryError", "2");
        world.send("y");
        world.run();
        assertThat(world.store.nextDue().orElseThrow())
                .isBetween(TurnedClock.START.plusSeconds(5), TurnedClock.START.plusSeconds(10));
    }

    // ------------------------------------------------------------------------------------------------ several events

    @Test
    void severalEventsAreStoredBeforeTheFirstIsSentAndEachHasItsKey() {
        web.execute = (execution, context) -> ExecutionResult.completed(event("a"), event("b"), event("c"));
        Execution[] stored = new Execution[1];
        world.sink.answer = delivery -> {
            if (stored[0] == null) {
                stored[0] =
                        world.store.execution(World.TASK, delivery.timestamp()).orElseThrow();
            }
            return DeliveryResult.delivered("ok");
        };
        sendAndRun();

        assertThat(stored[0].events().orElseThrow()).hasSize(3).noneMatch(outgoing -> outgoing.delivered());
        String key = world.only().key().toString();
        assertThat(world.sink.keys()).containsExactly(key, key + "/2", key + "/3");
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().events()).isEmpty();
    }

    @Test
    void aRetrySendsOnlyWhatHasNotArrivedAndDoesNotInterpretAgain() {
        web.execute = (execution, context) -> ExecutionResult.completed(event("a"), event("b"), event("c"));
        AtomicInteger calls = new AtomicInteger();
        world.sink.answer = delivery -> calls.incrementAndGet() == 2
                ? DeliveryResult.retry("b is not taken now")
                : DeliveryResult.delivered("ok");
        sendAndRun();
        assertThat(delivered()).containsExactly("a", "b", "c");
        assertThat(world.only().lastError()).isEqualTo("event 2 of 3: b is not taken now");

        world.advance(Duration.ofMinutes(3));

        assertThat(delivered()).containsExactly("a", "b", "c", "b");
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(web.executed).hasSize(1);
    }

    @Test
    void anEventThatIsRejectedDoesNotKeepTheOthersBack() {
        web.execute = (execution, context) -> ExecutionResult.completed(event("a"), event("b"));
        world.sink.answer = delivery -> delivery.event().equals(event("a"))
                ? DeliveryResult.rejected("no such branch")
                : DeliveryResult.delivered("ok");
        sendAndRun();

        assertThat(delivered()).containsExactly("a", "b");
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().lastError()).isEqualTo("event 1 of 2: no such branch");
    }

    @Test
    void aSinkThatCanTakeNothingIsNotAskedForTheRest() {
        web.execute = (execution, context) -> ExecutionResult.completed(event("a"), event("b"), event("c"));
        world.sink.answer = delivery -> DeliveryResult.deferred("down", Duration.ofSeconds(5));
        sendAndRun();

        assertThat(delivered()).containsExactly("a");
    }

    @Test
    void aWorkerThatDiesBetweenDeliveriesLeavesWhatHasNotArrived() {
        web.execute = (execution, context) -> ExecutionResult.completed(event("a"), event("b"));
        CountDownLatch arrivedAtB = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        world.sink.answer = delivery -> {
            if (delivery.event().equals(event("b")) && arrivedAtB.getCount() > 0) {
                arrivedAtB.countDown();
                never.await();
            }
            return DeliveryResult.delivered("ok");
        };
        world.put("Web");
        world.send("x");
        world.engine.tick();
        World.until(() -> arrivedAtB.getCount() == 0);
        world.engine.tick();

        world.clock.advance(Duration.ofSeconds(11)); // its lease is over, and nobody has renewed it
        assertThat(world.store.recover(10)).isEqualTo(1);
        world.engine.tick(); // hears that it has lost it
        world.run();

        assertThat(delivered()).containsExactly("a", "b", "b");
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    // ------------------------------------------------------------------------------------------------ cursor, due time

    @Test
    void cursorAndDueTimeAreStoredBeforeTheFirstDelivery() {
        Instant asked = TurnedClock.START.plus(Duration.ofMinutes(7));
        poller.execute = (execution, context) ->
                ExecutionResult.completed(event("a")).cursor("commit-1").nextDue(asked);
        world.sink.answer = delivery -> DeliveryResult.retry("down");
        world.put("Poller");
        world.advance(Duration.ofMinutes(1));

        assertThat(world.store.cursor(World.TASK)).contains("commit-1");
        assertThat(poller.executed).hasSize(1);
        world.sink.answer = delivery -> DeliveryResult.delivered("ok");
        world.advance(Duration.ofMinutes(3));
        assertThat(delivered()).containsExactly("a", "a");
        assertThat(poller.executed).as("not before the time that was asked for").hasSize(1);
        world.clock.set(asked);
        world.run();
        assertThat(poller.executed).hasSize(2);
        assertThat(poller.executed.getLast().cursor()).contains("commit-1");
        assertThat(poller.executed.getLast().dueAt()).isEqualTo(asked);
    }

    @Test
    void aDueTimeInThePastDoesNotMakeAHookSpin() {
        poller.execute = (execution, context) -> ExecutionResult.completed().nextDue(Instant.EPOCH);
        world.put("Poller");
        world.advance(Duration.ofMinutes(1));

        assertThat(poller.executed).hasSize(1);
        assertThat(world.store.nextDue()).contains(world.clock.instant().plusSeconds(1));
    }

    /** Defect B7 of CDS. */
    @Test
    void aTaskThatIsStoppedWhileItRunsStaysStoppedWhateverTheHookAsksFor() {
        poller.execute = (execution, context) -> {
            world.engine.tasks().stop(World.TASK);
            return ExecutionResult.completed(event("a"))
                    .cursor("c")
                    .nextDue(world.clock.instant().plusSeconds(60));
        };
        world.put("Poller");
        world.advance(Duration.ofMinutes(1));

        assertThat(world.view().task().stopped()).isTrue();
        assertThat(world.store.nextDue()).isEmpty();
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    /** Defect B7 of CDS. */
    @Test
    void aTaskThatIsRemovedWhileItRunsDoesNotComeBack() {
        web.execute = (execution, context) -> {
            world.engine.tasks().remove(World.TASK);
            return ExecutionResult.completed(event("a"), event("b"));
        };
        sendAndRun();

        assertThat(world.engine.tasks().find(World.TASK)).isEmpty();
        assertThat(world.executions()).isEmpty();
        assertThat(world.sink.seen)
                .as("nothing is sent for what is not ours any more")
                .isEmpty();
    }

    /** Defect B7 of CDS. */
    @Test
    void aTaskThatIsChangedWhileItRunsStaysChanged() {
        AtomicInteger stoppedMeanwhile = new AtomicInteger();
        web.execute = (execution, context) -> {
            world.put("Web", "colour", "blue");
            world.send("y"); // makes the new hook
            stoppedMeanwhile.set(web.stopped.get());
            web.execute = (again, sameContext) -> ExecutionResult.completed();
            return ExecutionResult.completed(event("a"));
        };
        sendAndRun();

        assertThat(world.view().task().config().get("colour").value()).isEqualTo("blue");
        assertThat(world.executions()).hasSize(2).allMatch(e -> e.status() == ExecutionStatus.DONE);
        assertThat(stoppedMeanwhile).hasValue(0);
        World.until("the old hook is stopped when its execution has ended", () -> web.stopped.get() == 1);
    }

    // ------------------------------------------------------------------------------------------------ not run at all

    @Test
    void requestsToAStoppedTaskAreStoredAndEndAsSkipped() {
        world.put("Web");
        world.engine.tasks().stop(World.TASK);

        assertThat(world.send("x").status()).isEqualTo(200);
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().lastError()).isEqualTo("Executions skipped: Task has been stopped");
        assertThat(web.executed).isEmpty();
    }

    @Test
    void executionsOfATypeWithoutPluginAreParkedAndGoOnWhenItIsBack() {
        world.put("Web");
        world.send("x");
        world.restart(poller);
        world.run();
        for (int i = 0; i < 10; i++) {
            world.advance(Duration.ofSeconds(60));
        }

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.SCHEDULED);
        assertThat(world.only().lastError()).isEqualTo("no plugin offers hook type 'Web'");
        assertThat(world.only().errors()).isZero();
        assertThat(world.engine.status().parked()).isEqualTo(1);
        world.restart(web, poller);
        world.advance(Duration.ofSeconds(60));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().attempt()).isEqualTo(1);
        assertThat(world.engine.status().parked()).isZero();
    }

    @Test
    void executionsUnderAConfigThatTheTypeDoesNotTakeAnyMoreFailInWords() {
        world.put("Web", "colour", "red");
        world.send("x");
        FakeType stricter = new FakeType(
                "Web",
                org.cdshooks.api.config.ConfigDef.of(FakeType.COLOUR.where(c -> !c.equals("red"), "must not be red")),
                task -> List.of());
        world.restart(stricter);
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().lastError()).contains("colour: must not be red");
        assertThat(world.view().problem())
                .hasValueSatisfying(why -> assertThat(why).contains("must not be red"));
    }

    /** Defect D11 of CDS. */
    @Test
    void executionsOfAnotherTypeThanTheTaskIsNowFailInWords() {
        world.put("Web");
        world.send("x");
        world.put("Poller");
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(world.only().lastError()).isEqualTo("the task is of type 'Poller' now, and this came in as 'Web'");
    }

    // ------------------------------------------------------------------------------------------------ deadlines

    @Test
    void anAttemptThatIsLateIsInterruptedAndTriedAgain() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        web.execute = (execution, context) -> {
            if (calls.incrementAndGet() == 1) {
                begun.countDown();
                new CountDownLatch(1).await();
            }
            return ExecutionResult.completed();
        };
        world.put("Web", "timeout", "5s", "retryDelay", "1s");
        world.send("x");
        world.engine.tick();
        World.until(() -> begun.getCount() == 0);
        world.clock.advance(Duration.ofMillis(4999));
        world.engine.tick();
        assertThat(world.engine.status().running()).isEqualTo(1);

        world.advance(Duration.ofMillis(1));

        assertThat(world.only().lastError()).isEqualTo("did not end within 5s");
        world.advance(Duration.ofSeconds(2));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    @Test
    void anAttemptThatIgnoresTheInterruptIsGivenUpAndItsLateResultRefused() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        web.execute = (execution, context) -> {
            if (calls.incrementAndGet() == 1) {
                while (end.getCount() > 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            return ExecutionResult.completed(event("attempt " + execution.attempt()));
        };
        world.put("Web", "timeout", "5s", "retryDelay", "1s");
        world.send("x");
        world.engine.tick();
        World.until(() -> calls.get() == 1);
        world.clock.advance(Duration.ofSeconds(5));
        world.engine.tick();
        world.clock.advance(Duration.ofSeconds(10));
        world.engine.tick();
        World.until(
                "it is settled in its place",
                () -> world.executions().size() == 1 && world.only().status() == ExecutionStatus.SCHEDULED);

        assertThat(world.only().lastError())
                .isEqualTo("did not end within 5s and did not stop when it was interrupted; its thread is stuck");
        assertThat(world.engine.stuck()).isEqualTo(1);
        assertThat(world.view().problem())
                .hasValueSatisfying(why -> assertThat(why).contains("1 attempt"));
        world.advance(Duration.ofSeconds(2));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);

        end.countDown();
        World.until("the thread is back", () -> world.engine.stuck() == 0);
        assertThat(delivered()).containsExactly("attempt 2");
        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void aTaskWhoseThreadsAreAllStuckGetsNoMoreOfThem() {
        CountDownLatch end = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            while (end.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
            return ExecutionResult.completed();
        };
        world.put("Web", "timeout", "5s", "workers", "1");
        world.send("x");
        world.engine.tick();
        World.until(() -> web.executed.size() == 1);
        world.clock.advance(Duration.ofSeconds(5));
        world.engine.tick();
        world.clock.advance(Duration.ofSeconds(10));
        world.engine.tick();
        World.until(() -> world.engine.stuck() == 1);

        world.send("y");
        world.run();

        assertThat(web.executed).hasSize(1);
        assertThat(world.executions().getFirst().lastError()).contains("1 earlier attempts");
        assertThat(world.executions().getFirst().errors()).isZero();
        end.countDown();
    }

    @Test
    void everyDeliveryHasADeadlineOfItsOwn() {
        web.execute = (execution, context) -> {
            world.clock.advance(Duration.ofSeconds(50));
            return ExecutionResult.completed(event("a"), event("b"));
        };
        world.sink.answer = delivery -> {
            assertThat(delivery.deadline()).isEqualTo(world.clock.instant().plusSeconds(60));
            world.clock.advance(Duration.ofSeconds(50));
            return DeliveryResult.delivered("ok");
        };
        sendAndRun();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    // ------------------------------------------------------------------------------------------------ leases, places

    @Test
    void leasesAreRenewedWhileAnExecutionIsWorkedOn() {
        CountDownLatch end = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            end.await();
            return ExecutionResult.completed();
        };
        world.put("Web");
        world.send("x");
        world.engine.tick();
        World.until(() -> web.executed.size() == 1);
        for (int i = 0; i < 12; i++) {
            world.clock.advance(Duration.ofMillis(3400));
            world.engine.tick();
        }
        end.countDown();
        world.run();

        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(world.only().attempt()).isEqualTo(1);
        assertThat(web.executed).hasSize(1);
    }

    @Test
    void aPoisonPillIsParkedAfterItsThirdCrash() {
        world.put("Web");
        world.send("x");
        for (int i = 0; i < 3; i++) {
            // a node that claims and dies
            List<Claim> claims = world.store.claim(1, 16, Duration.ofSeconds(10));
            assertThat(claims).hasSize(1);
            world.store.setPhase(claims.getFirst(), ClaimPhase.ISOLATED);
            world.clock.advance(Duration.ofSeconds(11));
            world.store.recover(10);
        }
        world.run();

        assertThat(world.store.counts().failed()).isEqualTo(1);
        assertThat(web.executed).isEmpty();
    }

    @Test
    void aTaskWithOneWorkerHasOneExecutionAtATimeAndOthersAreNotHeldUp() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        web.execute = (execution, context) -> {
            if (!execution.payload().text().startsWith("serial")) {
                return ExecutionResult.completed();
            }
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            end.await(10, TimeUnit.SECONDS);
            now.decrementAndGet();
            return ExecutionResult.completed();
        };
        world.put("Web", "workers", "1");
        IntStream.range(0, 20).forEach(i -> world.send("serial " + i));
        org.cdshooks.api.TaskId other = new org.cdshooks.api.TaskId("other");
        world.engine.tasks().put(other, "Web", Map.of());
        world.send(other, "x");
        world.engine.tick();
        World.until("the other task's execution ends beside", () -> {
            world.engine.tick();
            return world.store.executions(other, Long.MAX_VALUE, 1).getFirst().status() == ExecutionStatus.DONE;
        });
        assertThat(now).hasValue(1);
        end.countDown();
        world.run();

        assertThat(most).hasValue(1);
        assertThat(world.store.counts(World.TASK).unfinished()).isZero();
        assertThat(web.executed).hasSize(21);
    }

    /** Defect A5 of CDS. */
    @Test
    void onlyTheNewestFinishedExecutionsStayAndFailedOnesAreNotLostBeforeTheirRetry() {
        world.put("Web", "executionHistory", "3", "retryDelay", "60s");
        world.sink.answer = delivery -> delivery.event().values().get("body").equals("bad") && delivery.attempt() == 1
                ? DeliveryResult.retry("not yet")
                : DeliveryResult.delivered("ok");
        world.send("bad");
        for (int i = 0; i < 20; i++) {
            world.clock.advance(Duration.ofSeconds(1));
            world.send("good " + i);
            world.run();
        }
        assertThat(world.store.counts(World.TASK).total()).isEqualTo(4);
        world.advance(Duration.ofMinutes(2));

        assertThat(world.sink.seen.getLast().event().values()).containsEntry("body", "bad");
        assertThat(world.store.counts(World.TASK).total()).isEqualTo(3);
    }

    @Test
    void theHookOfAStoredCursorIsReadWhenAskedFor() {
        poller.execute = (execution, context) ->
                ExecutionResult.completed().cursor(execution.cursor().orElse("") + "x");
        world.put("Poller");
        for (int i = 0; i < 3; i++) {
            world.advance(Duration.ofMinutes(1));
        }
        assertThat(world.store.cursor(World.TASK)).isEqualTo(Optional.of("xxx"));
    }
}
