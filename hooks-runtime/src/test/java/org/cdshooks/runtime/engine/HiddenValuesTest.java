package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Task;
import org.cdshooks.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A value that the API masks by its name does not leave with an event. */
@Timeout(60)
final class HiddenValuesTest {
    private final FakeType web = FakeType.http("Web");
    private final World world = new World(web);

    @AfterEach
    void close() {
        world.close();
    }

    private void putAllExtrasIntoTheEvent(Map<String, String> more) {
        web.execute = (execution, context) -> {
            Map<String, String> values = new HashMap<>(task().config().extras());
            values.putAll(more);
            return ExecutionResult.completed(HookEvent.of(values));
        };
    }

    private Task task() {
        return web.created.getLast();
    }

    private Map<String, String> delivered() {
        world.send("x");
        world.run();
        return world.sink.seen.getLast().event().values();
    }

    @Test
    void anUndeclaredValueThatIsNamedLikeASecretIsNotInTheEvent() {
        putAllExtrasIntoTheEvent(Map.of());
        world.put("Web", "deploy_token", "tok-123", "team", "blue");

        assertThat(world.view().task().config().get("deploy_token").value()).isEqualTo("**********");
        assertThat(task().config().extras()).containsEntry("deploy_token", "tok-123");
        assertThat(delivered()).containsEntry("team", "blue").doesNotContainKey("deploy_token");
    }

    @Test
    void aValueOfTheSameNameThatCameInStays() {
        putAllExtrasIntoTheEvent(Map.of("deploy_token", "from the sender"));
        world.put("Web", "deploy_token", "tok-123");

        assertThat(delivered()).containsEntry("deploy_token", "from the sender");
    }

    @Test
    void aMappingCanNotBringItBack() {
        putAllExtrasIntoTheEvent(Map.of());
        world.put("Web", "deploy_token", "tok-123", "map.set.leak", "{deploy_token}");

        assertThat(delivered().values()).noneMatch(value -> value.contains("tok-123"));
    }

    @Test
    void theCursorOfTheResultIsKept() {
        FakeType poller = new FakeType(
                "Poller",
                task -> java.util.List.of(
                        Trigger.timer(org.cdshooks.api.Schedule.every(java.time.Duration.ofMinutes(1)))));
        world.restart(poller);
        poller.execute = (execution, context) -> ExecutionResult.completed(
                        HookEvent.of(poller.created.getLast().config().extras()))
                .cursor("here");
        world.put("Poller", "api_key", "k");
        world.advance(java.time.Duration.ofMinutes(1));

        assertThat(world.sink.seen.getLast().event().values()).doesNotContainKey("api_key");
        assertThat(world.store.cursor(World.TASK)).contains("here");
    }
}
