package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events that tell of the same thing, of types that nobody has heard of. */
final class SameEventsTest {
    private static final TaskId OTHER = new TaskId("other");

    private final FakeType one = telling("One");
    private final FakeType two = telling("Two");
    private final World world = new World(one, two);

    private static FakeType telling(String name) {
        FakeType type = FakeType.http(name);
        type.execute = (execution, context) -> {
            String body = execution.payload().text();
            return ExecutionResult.completed(
                    HookEvent.of(Map.of("from", name, "body", body)).once(body));
        };
        return type;
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void both(String... options) {
        world.put("One", options);
        world.engine.tasks().put(OTHER, "Two", World.values(options));
    }

    private Execution newest(TaskId task) {
        return world.store.executions(task, Long.MAX_VALUE, 1).getFirst();
    }

    private void send(TaskId task, String body) {
        world.send(task, body);
        world.run();
        world.clock.advance(Duration.ofMillis(1));
    }

    @Test
    void tasksOfOneScopeDeliverOnce() {
        both("dedupe.scope", "repo-a");
        send(World.TASK, "push 1");
        Execution first = newest(World.TASK);
        send(OTHER, "push 1");

        assertThat(world.sink.seen).hasSize(1);
        assertThat(newest(OTHER).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(newest(OTHER).lastError())
                .isEqualTo("skipped by dedupe.scope: same event as execution " + first.key());

        send(OTHER, "push 2");
        assertThat(world.sink.seen).hasSize(2);
        world.clock.advance(Duration.ofMinutes(5));
        send(OTHER, "push 1");
        assertThat(world.sink.seen).hasSize(3);
    }

    @Test
    void withoutAScopeATaskIsAlone() {
        both();
        send(World.TASK, "push");
        send(OTHER, "push");
        send(OTHER, "push");

        assertThat(world.sink.seen).hasSize(2);
        assertThat(newest(OTHER).lastError()).contains("same event as execution");
    }

    @Test
    void whatIsFilteredOutDoesNotCount() {
        both("dedupe.scope", "s", "filter", "from == 'Two'");
        send(World.TASK, "push");
        send(OTHER, "push");

        assertThat(world.sink.seen).hasSize(1);
    }

    @Test
    void aRetryHasItsEventAndSoHasAReplay() {
        both("dedupe.scope", "s", "retryDelay", "1s");
        world.sink.answer =
                delivery -> delivery.attempt() == 1 ? DeliveryResult.retry("away") : DeliveryResult.delivered("");
        send(World.TASK, "push");
        world.advance(Duration.ofMinutes(1));
        assertThat(newest(World.TASK).status()).isEqualTo(ExecutionStatus.DONE);
        assertThat(newest(World.TASK).lastError()).isEmpty();

        world.store.replay(newest(World.TASK).key());
        world.run();
        assertThat(world.sink.seen).hasSize(3);
    }

    @Test
    void afterAFailureTheNextOneHasIt() {
        both("dedupe.scope", "s");
        world.sink.answer = delivery -> DeliveryResult.rejected("no");
        send(World.TASK, "push");
        world.sink.answer = delivery -> DeliveryResult.delivered("");
        send(OTHER, "push");
        assertThat(newest(OTHER).lastError()).isEmpty();
        assertThat(world.sink.seen).hasSize(2);

        world.store.replay(newest(World.TASK).key());
        world.run();
        assertThat(newest(World.TASK).lastError())
                .endsWith("same event as execution " + newest(OTHER).key());
    }

    @Test
    void whatAnOperatorForcesIsDelivered() throws Exception {
        both();
        send(World.TASK, "push");
        world.engine
                .endpoints()
                .find(World.TASK)
                .orElseThrow()
                .receive(World.call("push", Map.of("x-hooks-force", List.of("true"))), Visit.of("peer", true));
        world.run();

        assertThat(world.sink.seen).hasSize(2);
    }

    @Test
    void aScopeIsAName() {
        assertThatThrownBy(() -> world.put("One", "dedupe.scope", "a b"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("dedupe.scope")
                .hasMessageContaining("letters, digits");
    }
}
