package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.testbed.cds.FakeCdsApi.hook;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.cds.CdsFixture.TurnedClock;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.http.CdsHookReader;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.sink.LogEventSink;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.cdshooks.testbed.cds.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SynchronisationTest {
    private static final Duration OLD = Duration.ofMinutes(10);

    @AutoClose
    private final FakeCdsApi fake = new FakeCdsApi();

    private final TurnedClock clock = new TurnedClock();

    @AutoClose
    private final TaskStore store = LocalStores.memory(clock);

    private final EngineConfig defaults = EngineConfig.defaults(URI.create("http://hooks.test"));
    private final CdsSettings settings = CdsFixture.settings(fake.url());

    @AutoClose
    private final CdsApi api = new CdsApi(settings);

    private final CdsEventSink sink = new CdsEventSink();
    private final Engine engine = new Engine(
            store,
            PluginRegistry.of(CdsFixture.Bell.ALL, List.of(sink, new LogEventSink())),
            new EngineConfig(
                    defaults.urlPublic(),
                    defaults.retryDelay(),
                    defaults.retryError(),
                    defaults.executionHistory(),
                    defaults.failedHistory(),
                    defaults.workers(),
                    defaults.workersPerTask(),
                    defaults.maxUnfinished(),
                    defaults.lease(),
                    defaults.attemptTimeout(),
                    defaults.dedupWindow(),
                    Map.of("sink", "cds"),
                    defaults.quarantine()),
            clock);

    @BeforeEach
    void register() throws Exception {
        CdsFixture.register(api, settings);
        // started as far as its validation is concerned: the engine itself does not run
        sink.start(CdsFixture.node(clock, Map.of(CdsCalls.class, new CdsEventSinkTest.Calls(api, clock))));
    }

    @AfterEach
    void everyCallWasRight() {
        engine.stop(Duration.ZERO);
        assertThat(fake.objections()).isEmpty();
    }

    private Synchronisation synchronisation(int maxDelete) {
        return new Synchronisation(
                api,
                engine.tasks(),
                new CdsHookReader(
                        model -> engine.plugins().hookTypeForModel(model).map(Loaded::name)),
                clock,
                maxDelete);
    }

    private SyncReport run() throws Exception {
        return synchronisation(50).run(false);
    }

    private void list(int from, int to) {
        for (int i = from; i < to; i++) {
            fake.putHook("h" + i, hook("h" + i, "WebHook", "PRJ", "w" + i, "tone", "a"));
        }
    }

    private Optional<TaskView> task(String uuid) {
        return engine.tasks().find(new TaskId(uuid));
    }

    private long revision(String uuid) {
        return task(uuid).orElseThrow().task().revision();
    }

    private int tasks() {
        return engine.tasks().list(Optional.empty(), 1000).size();
    }

    private void accept(String uuid) {
        ExecutionKey key = new ExecutionKey("Bell", new TaskId(uuid), 1795488816123456789L);
        var _ = store.accept(
                Execution.of(key, "http", Map.of(), Payload.of("text/plain", "x".getBytes(UTF_8))), AcceptTerms.ANY);
    }

    @Test
    void whatIsListedBecomesATask() throws Exception {
        list(0, 3);

        SyncReport report = run();

        assertThat(report.listed()).isEqualTo(3);
        assertThat(report.saved()).isEqualTo(3);
        assertThat(report.isClean()).isTrue();
        assertThat(task("h1").orElseThrow().task().type()).isEqualTo("Bell");
        assertThat(task("h1").orElseThrow().task().config())
                .containsEntry("project", new ConfigValue("PRJ", false, ""))
                .containsEntry("webHookURL", new ConfigValue("http://hooks.test/webhook/h1", false, ""));
    }

    @Test
    void whatIsUnchangedIsNotTouchedAndItsTimerGoesOn() throws Exception {
        list(0, 2);
        fake.putHook("timer", hook("timer", "Scheduler", "PRJ", "w"));
        run();
        long revision = revision("h0");
        Optional<java.time.Instant> due = store.nextDue();
        accept("h0");
        clock.turn(Duration.ofMinutes(20));

        SyncReport report = run();

        assertThat(report.unchanged()).isEqualTo(3);
        assertThat(report.saved()).isZero();
        assertThat(revision("h0")).isEqualTo(revision);
        assertThat(store.nextDue()).isPresent().isEqualTo(due);
        assertThat(store.executions(new TaskId("h0"), Long.MAX_VALUE, 10)).hasSize(1);
    }

    @Test
    void whatHasChangedIsSavedAndKeepsItsExecutions() throws Exception {
        list(0, 2);
        run();
        accept("h0");
        long revision = revision("h0");
        fake.putHook("h0", hook("h0", "WebHook", "PRJ", "other", "tone", "b"));

        SyncReport report = run();

        assertThat(report.saved()).isEqualTo(1);
        assertThat(revision("h0")).isGreaterThan(revision);
        assertThat(task("h0").orElseThrow().task().config().get("workflow").value())
                .isEqualTo("other");
        assertThat(store.executions(new TaskId("h0"), Long.MAX_VALUE, 10)).hasSize(1);
    }

    @Test
    void whatIsListedNoMoreIsRemovedWithItsExecutions() throws Exception {
        list(0, 4);
        run();
        accept("h3");
        clock.turn(OLD);
        fake.removeHook("h3");

        SyncReport report = run();

        assertThat(report.removed()).isEqualTo(1);
        assertThat(task("h3")).isEmpty();
        assertThat(store.executions(new TaskId("h3"), Long.MAX_VALUE, 10)).isEmpty();
        assertThat(tasks()).isEqualTo(3);
    }

    @Test
    void whatTheApiHasSavedSinceItsListIsKept() throws Exception {
        list(0, 4);
        run();
        clock.turn(OLD);
        engine.tasks()
                .put(
                        new TaskId("fresh"),
                        "Bell",
                        Map.of("project", ConfigValue.of("PRJ"), "workflow", ConfigValue.of("w")));

        assertThat(run().removed()).isZero();
        assertThat(task("fresh")).isPresent();
    }

    @Test
    void tasksThatWereMadeByHandStay() throws Exception {
        engine.tasks().put(new TaskId("byHand"), "Bell", Map.of("sink", ConfigValue.of("log")));
        engine.tasks()
                .put(
                        new TaskId("byHandWithProject"),
                        "Bell",
                        Map.of(
                                "sink", ConfigValue.of("log"),
                                "project", ConfigValue.of("PRJ"),
                                "workflow", ConfigValue.of("w")));
        list(0, 2);
        clock.turn(OLD);

        SyncReport report = run();

        assertThat(report.removed()).isZero();
        assertThat(report.heldBack()).isZero();
        assertThat(task("byHand")).isPresent();
        assertThat(task("byHandWithProject")).isPresent();
    }

    /** Defect A10 of CDS: an API with an empty database made the original delete all tasks and executions. */
    @Test
    void anEmptyListRemovesNothing() throws Exception {
        for (int count : List.of(1, 5)) {
            list(0, count);
            run();
            accept("h0");
            clock.turn(OLD);
            fake.removeHooks();

            SyncReport report = run();

            assertThat(report.removed()).isZero();
            assertThat(report.heldBack()).isEqualTo(count);
            assertThat(report.isClean()).isFalse();
            assertThat(report.words()).contains("cds.sync.maxDelete", "POST /admin/sync?force=true");
            assertThat(tasks()).isEqualTo(count);
            assertThat(store.executions(new TaskId("h0"), Long.MAX_VALUE, 10)).isNotEmpty();
        }
    }

    @Test
    void moreThanMayBeRemovedStaysUntilItIsForced() throws Exception {
        list(0, 10);
        run();
        clock.turn(OLD);
        for (int i = 0; i < 6; i++) {
            fake.removeHook("h" + i);
        }

        assertThat(run().heldBack()).isEqualTo(6);
        assertThat(tasks()).isEqualTo(10);
        assertThat(synchronisation(60).run(false).removed()).isEqualTo(6);
        fake.removeHooks();
        assertThat(run().heldBack()).isEqualTo(4);
        assertThat(synchronisation(50).run(true).removed()).isEqualTo(4);
        assertThat(tasks()).isZero();
    }

    @Test
    void fewMayAlwaysGoUnlessNoneMay() throws Exception {
        list(0, 4);
        run();
        clock.turn(OLD);
        for (int i = 0; i < 3; i++) {
            fake.removeHook("h" + i);
        }

        assertThat(synchronisation(0).run(false).heldBack()).isEqualTo(3);
        assertThat(synchronisation(10).run(false).removed()).isEqualTo(3);
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void whatIsHeldBackDoesNotFireSaysWhyAndGoesOnIfItIsListedAgain() throws Exception {
        for (int i = 0; i < 10; i++) {
            fake.putHook("timer" + i, hook("timer" + i, "Scheduler", "PRJ", "w" + i));
        }
        run();
        clock.turn(OLD);
        for (int i = 0; i < 9; i++) {
            fake.removeHook("timer" + i);
        }

        assertThat(run().words()).contains("9 tasks", "are suspended");
        assertThat(task("timer0").orElseThrow().task()).satisfies(held -> {
            assertThat(held.isSuspended()).isTrue();
            assertThat(held.stopReason()).contains("POST /admin/sync?force=true");
        });
        assertThat(task("timer9").orElseThrow().task().stopped()).isFalse();
        clock.turn(Duration.ofHours(2));
        assertThat(store.dueTimers(100))
                .extracting(due -> due.execution().key().task().value())
                .containsExactly("timer9");
        assertThat(run().heldBack()).as("still").isEqualTo(9);

        fake.putHook("timer0", hook("timer0", "Scheduler", "PRJ", "w0"));
        run();
        assertThat(task("timer0").orElseThrow().task().stopped()).isFalse();
        assertThat(synchronisation(50).run(true).removed()).isEqualTo(8);
        assertThat(tasks()).isEqualTo(2);
    }

    @Test
    void hooksThatAreWrongAreToldAndHarmNoOther() throws Exception {
        list(0, 2);
        fake.putHook("bad", hook("bad", "WebHook", "PRJ", "w", "tone", "wrong"));
        fake.putHook("strange", hook("strange", "No such model", "PRJ", "w"));
        fake.putHook("", hook("", "WebHook", "PRJ", "w"));
        fake.putHook("template", hook("template", "WebHook", "", ""));

        SyncReport report = run();

        assertThat(report.saved()).isEqualTo(2);
        assertThat(report.refusedInAll()).isEqualTo(3);
        assertThat(report.isClean()).isFalse();
        assertThat(report.refused())
                .anySatisfy(told -> assertThat(told).contains("bad", "tone"))
                .anySatisfy(told -> assertThat(told).contains("strange", "No such model"))
                .anySatisfy(told -> assertThat(told).contains("uuid is missing"));
        assertThat(tasks()).isEqualTo(2);
    }

    @Test
    void aHookThatHasBecomeWrongKeepsItsTaskAsItWas() throws Exception {
        list(0, 2);
        run();
        clock.turn(OLD);
        fake.putHook("h0", hook("h0", "WebHook", "PRJ", "w0", "tone", "wrong"));

        assertThat(run().removed()).isZero();
        assertThat(task("h0").orElseThrow().task().config().get("tone").value()).isEqualTo("a");
    }

    @Test
    void aListThatIsCutOffRemovesNothing() throws Exception {
        list(0, 10);
        run();
        clock.turn(OLD);
        for (Fault fault : List.of(Fault.CUT_HALF, Fault.CUT_BODY, Fault.CUT_AFTER, Fault.NO_JSON, Fault.ERROR_500)) {
            fake.fail("/workflow/hook", fault);

            assertThatThrownBy(this::run).as("%s", fault).isInstanceOf(ApiException.class);
        }
        assertThat(tasks()).isEqualTo(10);
    }

    @Test
    void whatAUserHasStoppedStaysStoppedUnlessTheApiSaysSomethingNew() throws Exception {
        list(0, 2);
        run();
        engine.tasks().stop(new TaskId("h0"));

        assertThat(run().unchanged()).isEqualTo(2);
        assertThat(task("h0").orElseThrow().task().stopped()).isTrue();

        fake.putHook("h0", hook("h0", "WebHook", "PRJ", "other"));
        assertThat(run().saved()).isEqualTo(1);
        assertThat(task("h0").orElseThrow().task().stopped()).isFalse();
    }

    @Test
    void whatTheServiceHasSuspendedIsStartedIfTheApiListsIt() throws Exception {
        list(0, 2);
        run();
        engine.tasks().suspend(new TaskId("h0"), revision("h0"), "the CDS API answered 404");
        assertThat(task("h0").orElseThrow().task().stopped()).isTrue();

        assertThat(run().saved()).isEqualTo(1);
        assertThat(task("h0").orElseThrow().task().stopped()).isFalse();
    }
}
