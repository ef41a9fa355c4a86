package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node as it runs, with its own threads and the system's clock, to which the others do not tell what they do. */
@Timeout(60)
final class SilentNodesTest {
    private final TaskStore store = LocalStores.memory(InstantSource.system());
    private final SharedStore shared = new SharedStore(store);
    private final SharedStore.View other = shared.view();
    private final FakeSink sink = new FakeSink("fake");
    private final FakeType web = FakeType.http("Web");
    private final FakeType clockwork =
            new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofHours(1)))));
    private final Engine engine = new Engine(
            shared.view().store,
            PluginRegistry.of(List.of(web, clockwork), List.of(sink)),
            World.configWith(Map.of("sink", "fake")),
            InstantSource.system());

    @BeforeEach
    void start() {
        engine.start();
        shared.newsAreLost = true;
        World.until("the loops sleep", () -> engine.status().nodes().size() == 1);
    }

    @AfterEach
    void close() {
        engine.stop(Duration.ofSeconds(1));
        store.close();
    }

    private static ExecutionKey key(String type) {
        return new ExecutionKey(
                type, World.TASK, Nanos.of(InstantSource.system().instant()).orElseThrow());
    }

    @Test
    void workThatNobodyTellsOfIsFound() {
        other.store.putTask(TaskRecord.of(World.TASK, "Web", Map.of()), Optional.empty());
        var _ = other.store.accept(Execution.of(key("Web"), "http", Map.of(), Payload.empty()), AcceptTerms.ANY);

        World.until("it is done", () -> sink.seen.size() == 1);
    }

    @Test
    void aTimerThatNobodyTellsOfRings() {
        Execution run = Execution.of(key("Clockwork"), "timer", Map.of(), Payload.empty());
        other.store.putTask(
                TaskRecord.of(World.TASK, "Clockwork", Map.of()),
                Optional.of(new Due(run, InstantSource.system().instant().plusMillis(300))));

        World.until("it has rung", () -> sink.seen.size() == 1);
    }

    @Test
    void workOfANodeThatDiesIsFoundSoonAfterItsLeaseHasEnded() {
        other.store.putTask(TaskRecord.of(World.TASK, "Web", Map.of()), Optional.empty());
        int sent = 0;
        int claimed = 0;
        while (claimed == 0) { // this node may be faster
            var _ = other.store.accept(Execution.of(key("Web"), "http", Map.of(), Payload.empty()), AcceptTerms.ANY);
            sent++;
            claimed = other.store.claim(1, 100, Duration.ofMillis(500)).size();
        }
        int all = sent;

        World.until("all is done", () -> sink.seen.size() == all);
    }
}
