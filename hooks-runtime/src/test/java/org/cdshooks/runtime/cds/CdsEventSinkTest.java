package org.cdshooks.runtime.cds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.testbed.cds.FakeCdsApi.hook;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.cds.CdsFixture.TurnedClock;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.cdshooks.testbed.cds.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CdsEventSinkTest {
    private static final String UUID = "4c1a4192-7268-4ccc-b2dc-c957fa605a9e";
    private static final long OLD = 1700000000000000001L;
    private static final String RUNS = "/project/PRJ/workflows/w0/runs";

    @AutoClose
    private final FakeCdsApi fake = new FakeCdsApi();

    private final CdsSettings settings = CdsFixture.settings(fake.url());

    @AutoClose
    private final CdsApi api = new CdsApi(settings);

    private final TurnedClock clock = new TurnedClock();
    private final Calls calls = new Calls(api, clock);
    private final CdsEventSink sink = new CdsEventSink();

    /** A membership as a test wants it. */
    static final class Calls implements CdsCalls {
        private final CdsApi api;
        final AtomicInteger askedToRegister = new AtomicInteger();
        volatile boolean registered = true;
        volatile Optional<String> problem = Optional.empty();
        final List<String> suspended = new CopyOnWriteArrayList<>();
        private final MissingHooks missingHooks;

        Calls(CdsApi api, InstantSource clock) {
            this.api = api;
            this.missingHooks = new MissingHooks(clock);
        }

        @Override
        public MissingHooks missingHooks() {
            return missingHooks;
        }

        @Override
        public void suspend(TaskId task, long revision, String reason) {
            suspended.add(task + " " + revision + " " + reason);
        }

        @Override
        public OptionalLong revision(TaskId task) {
            return OptionalLong.of(3);
        }

        @Override
        public CdsApi api() {
            return api;
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(5);
        }

        @Override
        public boolean hasRegistered() {
            return registered;
        }

        @Override
        public Optional<String> problem() {
            return problem;
        }

        @Override
        public void registerAnew() {
            askedToRegister.incrementAndGet();
        }
    }

    private record Letter(Task task, HookConfig config, HookEvent event, long timestamp, Instant deadline)
            implements EventSink.Delivery {
        @Override
        public ExecutionId execution() {
            return new ExecutionId("hooks:tasks:executions:Bell:" + UUID + ":1700000000000000001");
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public String idempotencyKey() {
            return execution().value();
        }
    }

    private record Revision(TaskId id, String type, long revision, HookConfig config) implements Task {}

    @BeforeEach
    void start() throws Exception {
        CdsFixture.register(api, settings);
        sink.start(CdsFixture.node(clock, Map.of(CdsCalls.class, calls)));
        fake.putHook(UUID, hook(UUID, "WebHook", "PRJ", "w0"));
    }

    @AfterEach
    void everyCallWasRight() {
        assertThat(fake.objections()).isEmpty();
    }

    private DeliveryResult deliver() throws Exception {
        return deliver("PRJ", "w0", Duration.ofSeconds(60), Map.of("git.branch", "main", "a", "<\"x\">\n"));
    }

    private DeliveryResult deliver(String project, String workflow, Duration time, Map<String, String> payload)
            throws Exception {
        return deliver(task(project, workflow, 1), OLD, time, payload);
    }

    private static Task task(String project, String workflow, long revision) {
        return new Revision(
                new TaskId(UUID),
                "Bell",
                revision,
                ConfigDef.of().parse(Map.of("project", project, "workflow", workflow)));
    }

    private DeliveryResult deliver(Task task, long timestamp, Duration time, Map<String, String> payload)
            throws Exception {
        return sink.deliver(new Letter(
                task,
                ConfigDef.of().parse(Map.of()),
                HookEvent.of(payload),
                timestamp,
                clock.instant().plus(time)));
    }

    /** An event that came in now. */
    private DeliveryResult deliverFresh(long revision, Instant came) throws Exception {
        long timestamp = Duration.between(Instant.EPOCH, came).toNanos();
        return deliver(task("PRJ", "w0", revision), timestamp, Duration.ofSeconds(60), Map.of());
    }

    @Test
    void aRunIsStartedAndItsNumberKept() throws Exception {
        assertThat(deliver()).isEqualTo(DeliveryResult.delivered("").run(1));
        assertThat(deliver()).isEqualTo(DeliveryResult.delivered("").run(2));

        assertThat(fake.runs().getFirst())
                .isEqualTo(new FakeCdsApi.Run("PRJ", "w0", UUID, Map.of("git.branch", "main", "a", "<\"x\">\n"), 1));
        assertThat(fake.requests(RUNS).getFirst().body())
                .isEqualTo("{\"hook\":{\"payload\":{\"a\":\"<\\\"x\\\">\\n\",\"git.branch\":\"main\"},\"uuid\":\""
                        + UUID + "\"}}");
    }

    @Test
    void projectAndWorkflowAreEscaped() throws Exception {
        fake.putHook(UUID, hook(UUID, "WebHook", "P/1", "w 0?"));

        assertThat(deliver("P/1", "w 0?", Duration.ofSeconds(60), Map.of()))
                .isInstanceOf(DeliveryResult.Delivered.class);
    }

    @Test
    void whatCdsRefusesIsFinal() throws Exception {
        fake.fail(RUNS, Fault.FORBIDDEN);

        assertThat(deliver())
                .isInstanceOfSatisfying(
                        DeliveryResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("403"));
        assertThat(calls.suspended).isEmpty();
    }

    /** The API tells its hooks inside the transaction that saves their workflow, and does not know them before its end. */
    @Test
    void anEventThatComesWhileItsWorkflowIsSavedCostsNoTryAndRuns() throws Exception {
        fake.removeHooks();
        Instant came = clock.instant();
        Instant end = came.plus(MissingHooks.PATIENCE);

        while (clock.instant().isBefore(end)) {
            assertThat(deliverFresh(1, came)).isInstanceOfSatisfying(DeliveryResult.Deferred.class, deferred -> {
                assertThat(deferred.reason()).contains("404", "Workflow not found", "2 minutes");
                assertThat(deferred.after()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(20));
                clock.turn(deferred.after());
            });
        }
        assertThat(fake.requests(RUNS)).hasSizeLessThan(40);
        fake.putHook(UUID, hook(UUID, "WebHook", "PRJ", "w0"));
        assertThat(deliverFresh(1, came)).isInstanceOf(DeliveryResult.Delivered.class);
        assertThat(calls.suspended).isEmpty();
    }

    @Test
    void aHookThatStaysAwayForTwoMinutesIsGoneAndItsTaskIsSuspended() throws Exception {
        fake.putHook("other", hook("other", "WebHook", "PRJ", "w0"));
        fake.removeHook(UUID);
        Instant came = clock.instant();
        assertThat(deliverFresh(1, came)).isInstanceOf(DeliveryResult.Deferred.class);
        clock.turn(MissingHooks.PATIENCE.minusMillis(1));
        assertThat(deliverFresh(1, came)).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(calls.suspended).isEmpty();
        clock.turn(Duration.ofMillis(1));

        assertThat(deliverFresh(1, came))
                .isInstanceOfSatisfying(
                        DeliveryResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("404", "hook not found"));
        assertThat(calls.suspended)
                .singleElement()
                .satisfies(told -> assertThat(told).startsWith(UUID + " 1 ").contains("hook not found"));
    }

    @Test
    void anEventThatWaitedLongIsTriedForTwoMinutesToo() throws Exception {
        fake.removeHooks();

        assertThat(deliver()).isInstanceOf(DeliveryResult.Deferred.class);
        clock.turn(MissingHooks.PATIENCE);
        assertThat(deliver()).isInstanceOf(DeliveryResult.Rejected.class);
    }

    @Test
    void aWorkflowThatIsSavedAnewBeginsAnew() throws Exception {
        fake.removeHooks();
        Instant came = clock.instant();
        var _ = deliverFresh(1, came);
        clock.turn(MissingHooks.PATIENCE);

        assertThat(deliverFresh(2, came)).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(deliverFresh(1, clock.instant())).as("a new event").isInstanceOf(DeliveryResult.Deferred.class);
    }

    @Test
    void anErrorOfTheServerIsTriedAgainByTheEngine() throws Exception {
        fake.fail(RUNS, Fault.ERROR_500);

        assertThat(deliver()).isInstanceOf(DeliveryResult.Retry.class);
        assertThat(deliver()).isInstanceOf(DeliveryResult.Delivered.class);
    }

    /** Defect B4 of CDS: the original called three times at once when a proxy answered 503, and three times so in all. */
    @Test
    void aProxyThatAnswers503IsNotCalledAgainAtOnce() throws Exception {
        fake.fail(RUNS, Fault.PROXY_503);

        assertThat(deliver()).isInstanceOf(DeliveryResult.Retry.class);
        assertThat(fake.requests(RUNS)).hasSize(1);
    }

    @Test
    void aProxyWhoseApiIsAwayCostsNoTry() throws Exception {
        calls.problem = Optional.of("no answer");
        fake.failAlways(RUNS, Fault.PROXY_503);

        assertThat(deliver()).isInstanceOf(DeliveryResult.Deferred.class);
    }

    @Test
    void anApiThatIsAwayCostsNoTryAndIsLeftAloneForAWhile() throws Exception {
        fake.stop();

        assertThat(deliver()).isInstanceOfSatisfying(DeliveryResult.Deferred.class, deferred -> {
            assertThat(deferred.reason()).contains("can't be reached", fake.url());
            assertThat(deferred.after()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(1));
        });
        fake.startAgain();
        assertThat(deliver()).as("at once").isInstanceOf(DeliveryResult.Deferred.class);
        clock.turn(Duration.ofSeconds(2));
        assertThat(deliver()).as("later").isInstanceOf(DeliveryResult.Delivered.class);
    }

    @Test
    void theRestGrowsWithTheTimeThatTheApiIsAway() throws Exception {
        fake.stop();
        var _ = deliver();
        clock.turn(Duration.ofMinutes(10));

        assertThat(deliver())
                .isInstanceOfSatisfying(
                        DeliveryResult.Deferred.class,
                        deferred ->
                                assertThat(deferred.after()).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30)));
    }

    /** Defect B5 of CDS: the original ran a workflow again whose answer it could not read. */
    @Test
    void aRunWhoseAnswerCannotBeReadIsNotStartedAgain() throws Exception {
        for (Fault fault : List.of(Fault.CUT_BODY, Fault.CUT_HALF, Fault.NO_JSON)) {
            fake.fail(RUNS, fault);

            assertThat(deliver()).as("%s", fault).isInstanceOf(DeliveryResult.Delivered.class);
        }
        assertThat(fake.runs()).hasSize(3);
    }

    @Test
    void anAnswerThatIsLostIsToldToBeAmbiguous() throws Exception {
        for (Fault fault : List.of(Fault.CUT_BEFORE, Fault.CUT_AFTER)) {
            fake.fail(RUNS, fault);

            assertThat(deliver())
                    .as("%s", fault)
                    .isInstanceOfSatisfying(
                            DeliveryResult.Retry.class,
                            retry -> assertThat(retry.reason()).contains("may have been started"));
        }
    }

    @Test
    void anApiThatHangsIsLeftBeforeTheAttemptEnds() throws Exception {
        fake.fail(RUNS, Fault.HANG);

        assertThat(deliver("PRJ", "w0", Duration.ofMillis(800), Map.of()))
                .isInstanceOfSatisfying(
                        DeliveryResult.Retry.class,
                        retry -> assertThat(retry.reason()).contains("no answer within 300 ms"));
    }

    @Test
    void anApiThatFailsTooOftenIsLeftAlone() throws Exception {
        fake.failAlways(RUNS, Fault.CUT_BEFORE);
        for (int i = 0; i < 10; i++) {
            assertThat(deliver()).isInstanceOf(DeliveryResult.Retry.class);
        }

        assertThat(deliver()).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(fake.requests(RUNS)).hasSize(10);
        fake.work();
        clock.turn(Duration.ofSeconds(31));
        assertThat(deliver()).isInstanceOf(DeliveryResult.Delivered.class);
    }

    @Test
    void nothingIsCalledBeforeTheRegistration() throws Exception {
        calls.registered = false;

        assertThat(deliver()).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(fake.requests(RUNS)).isEmpty();
    }

    @Test
    void anApiThatHasForgottenTheServiceIsRegisteredWithAndCostsNoTry() throws Exception {
        fake.forgetService();

        assertThat(deliver()).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(calls.askedToRegister).hasValue(1);
        CdsFixture.register(api, settings);
        assertThat(deliver()).isInstanceOf(DeliveryResult.Delivered.class);
    }

    @Test
    void aTaskWithoutAWorkflowIsRefused() throws Exception {
        assertThat(deliver("PRJ", "", Duration.ofSeconds(60), Map.of()))
                .isEqualTo(DeliveryResult.rejected("the task has no workflow, so there is nothing that could be run"));
    }

    @Test
    void withoutAnInstallationATaskIsToldWhenItIsStored() throws Exception {
        CdsEventSink alone = new CdsEventSink();
        alone.start(CdsFixture.node(clock, Map.of()));

        assertThat(alone.validate(ConfigDef.of().parse(Map.of())))
                .extracting(ConfigProblem::option, ConfigProblem::message)
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains("sink", "cds.api.url"));
        assertThat(sink.validate(ConfigDef.of().parse(Map.of()))).isEmpty();
    }
}
