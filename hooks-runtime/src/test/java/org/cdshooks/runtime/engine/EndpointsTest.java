package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReceiver;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EndpointsTest {
    private final AtomicReference<HttpReceiver> receiver =
            new AtomicReference<>((call, context) -> HttpReply.accepted(context.emit(Invocation.of(call.toPayload()))));
    private final FakeType web = new FakeType(
            "Web",
            task -> List.of(Trigger.http((call, context) -> receiver.get().receive(call, context))
                    .methods("POST", "PUT")
                    .maxBody(25)));
    private final FakeType plain = FakeType.http("Plain");
    private final FakeType clockwork =
            new FakeType("Clockwork", task -> List.of(Trigger.timer(Schedule.every(Duration.ofHours(1)))));
    private final World world = new World(web, plain, clockwork);

    @AfterEach
    void close() {
        world.close();
    }

    private Endpoints.Endpoint endpoint() {
        return world.engine.endpoints().find(World.TASK).orElseThrow();
    }

    private static HttpCall call(Map<String, List<String>> headers) {
        return World.call("x", headers);
    }

    @Test
    void anEndpointSaysWhatItTakes() {
        world.put("Web", "rate", "7");
        assertThat(endpoint().methods()).containsExactly("POST", "PUT");
        assertThat(endpoint().maxBody()).isEqualTo(25);
        assertThat(endpoint().rate()).isEqualTo(7);

        world.put("Plain");
        assertThat(endpoint().methods()).isEmpty();
        assertThat(endpoint().maxBody()).isEqualTo(1024 * 1024);
        assertThat(endpoint().rate()).isZero();
    }

    @Test
    void thereIsNoneForUnknownTasksAndForTasksThatTakeNoRequests() {
        world.put("Clockwork");

        assertThat(world.engine.endpoints().find(World.TASK)).isEmpty();
        assertThat(world.engine.endpoints().find(new TaskId("unknown"))).isEmpty();
    }

    @Test
    void whatIsAcceptedIsStoredWhenTheAnswerIsGiven() throws Exception {
        world.put("Web");

        HttpReply reply = endpoint().receive(call(Map.of("x-event", List.of("push"))));

        var stored = world.store.executions(World.TASK, Long.MAX_VALUE, 1).getFirst();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.receipt().orElseThrow().id()).isEqualTo(stored.key().id());
        assertThat(stored.payload().attributes()).containsEntry("x-event", List.of("push"));
        assertThat(stored.trigger()).isEqualTo("http");
    }

    /** Defect A16 of CDS. */
    @Test
    void twoRequestsInOneInstantAreTwoExecutions() throws Exception {
        world.put("Web");
        endpoint().receive(call(Map.of()));
        endpoint().receive(call(Map.of()));

        assertThat(world.store.counts(World.TASK).queued()).isEqualTo(2);
    }

    /** Defect D7 of CDS. */
    @Test
    void theReceiverSeesCredentialsAndTheStoreDoesNot() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        HttpReceiver accept = receiver.get();
        receiver.set((call, context) -> {
            seen.set(call.header("Authorization").orElse(""));
            return accept.receive(call, context);
        });
        world.put("Web");
        endpoint().receive(call(Map.of("authorization", List.of("Bearer abc"), "x-gitlab-token", List.of("def"))));

        assertThat(seen).hasValue("Bearer abc");
        assertThat(world.store
                        .executions(World.TASK, Long.MAX_VALUE, 1)
                        .getFirst()
                        .payload()
                        .attributes())
                .containsEntry("authorization", List.of("**********"))
                .containsEntry("x-gitlab-token", List.of("**********"));
    }

    @Test
    void theSameDeliveryIsStoredOnceWithinTheWindow() throws Exception {
        receiver.set((call, context) ->
                HttpReply.accepted(context.emit(Invocation.of(call.toPayload()).dedupKey("delivery-1"))));
        world.put("Web");

        HttpReply first = endpoint().receive(call(Map.of()));
        HttpReply second = endpoint().receive(call(Map.of()));

        assertThat(second.receipt().orElseThrow().duplicate()).isTrue();
        assertThat(second.receipt().orElseThrow().id())
                .isEqualTo(first.receipt().orElseThrow().id());
        world.clock.advance(Duration.ofMinutes(6));
        assertThat(endpoint().receive(call(Map.of())).receipt().orElseThrow().duplicate())
                .isFalse();
    }

    @Test
    void aTaskMayHaveADeliveryRememberedForDays() throws Exception {
        receiver.set((call, context) ->
                HttpReply.accepted(context.emit(Invocation.of(call.toPayload()).dedupKey("delivery-1"))));
        world.put("Web", "dedupe.window", "7d");
        endpoint().receive(call(Map.of()));

        world.clock.advance(Duration.ofDays(7).minusSeconds(1));
        assertThat(endpoint().receive(call(Map.of())).receipt().orElseThrow().duplicate())
                .isTrue();
        world.clock.advance(Duration.ofSeconds(2));
        assertThat(endpoint().receive(call(Map.of())).receipt().orElseThrow().duplicate())
                .isFalse();
        assertThatThrownBy(() -> world.put("Web", "dedupe.window", "4m")).hasMessageContaining("at least 5m");
        assertThatThrownBy(() -> world.put("Web", "dedupe.window", "8d")).hasMessageContaining("at most 7d");
    }

    @Test
    void aDeliveryThatIsWantedAgainIsExecutedAgainAndTheFirstOneStaysTheFirst() throws Exception {
        receiver.set((call, context) -> HttpReply.accepted(context.emit(
                Invocation.of(call.toPayload()).dedupKey("delivery-1").cursor("c"))));
        world.put("Web");

        HttpReply first = endpoint().receive(call(Map.of()));
        HttpReply again = endpoint().receive(call(Map.of()), Visit.of("", true));
        HttpReply third = endpoint().receive(call(Map.of()));

        assertThat(again.receipt().orElseThrow().duplicate()).isFalse();
        assertThat(again.receipt().orElseThrow().id())
                .isNotEqualTo(first.receipt().orElseThrow().id());
        assertThat(third.receipt().orElseThrow().id())
                .isEqualTo(first.receipt().orElseThrow().id());
        assertThat(world.store.counts(World.TASK).queued()).isEqualTo(2);
    }

    @Test
    void whatIsRefusedAndWhatComesWithoutProofIsCounted() throws Exception {
        HttpReceiver accept = receiver.get();
        FakeType proven = new FakeType(
                "Proven",
                task -> List.of(Trigger.http((call, context) -> receiver.get().receive(call, context))
                        .verifiedBy("a token")));
        world.restart(web, proven);
        world.put("Web");
        endpoint().receive(call(Map.of()));
        world.put("Proven");
        endpoint().receive(call(Map.of()));
        receiver.set((call, context) -> HttpReply.of(401, "the signature is wrong"));
        endpoint().receive(call(Map.of()));
        receiver.set(accept);

        assertThat(world.engine.status().requests()).isEqualTo(new EngineStatus.Requests(2, 1, 1));
        assertThat(world.view().refused()).isEqualTo(1);
        world.engine.tasks().remove(World.TASK);
        world.put("Proven");
        assertThat(world.view().refused()).isZero();
    }

    @Test
    void aTaskTellsWhatHoldsForOptionsThatItDoesNotGive() {
        FakeType choosy = new FakeType(
                "Choosy",
                ConfigDef.of(
                        ConfigOption.choice("verify", "Who may send.", "none", "github")
                                .withDefault("none"),
                        ConfigOption.secret("key", "A key.").withDefault(Secret.of("well known")),
                        ConfigOption.string("note", "A note.")),
                task -> List.of());
        world.restart(choosy);

        assertThat(world.put("Choosy").defaults()).containsExactly(Map.entry("verify", "none"));
        assertThat(world.put("Choosy", "verify", "github").defaults()).isEmpty();
    }

    @Test
    void aTaskThatHasTooMuchUnfinishedTakesNoMore() throws Exception {
        world.config(c -> new EngineConfig(
                c.urlPublic(),
                c.retryDelay(),
                c.retryError(),
                c.executionHistory(),
                c.failedHistory(),
                c.workers(),
                c.workersPerTask(),
                1,
                c.lease(),
                c.attemptTimeout(),
                c.dedupWindow(),
                c.defaults(),
                c.quarantine()));
        world.put("Web");
        endpoint().receive(call(Map.of()));

        assertThatThrownBy(() -> endpoint().receive(call(Map.of())))
                .isInstanceOf(OverloadedException.class)
                .hasMessageContaining("1 unfinished executions");
    }

    @Test
    void aReceiverThatFailsIsThePluginsFailure() {
        receiver.set((call, context) -> {
            throw new IllegalStateException("broken");
        });
        world.put("Web");

        assertThatThrownBy(() -> endpoint().receive(call(Map.of())))
                .isInstanceOf(PluginFailure.class)
                .hasMessageContaining("broken");
    }

    @Test
    void aStoreThatIsAwayIsNotThePluginsFailure() {
        receiver.set((call, context) -> {
            throw new StoreUnavailableException("gone", false);
        });
        world.put("Web");

        assertThatThrownBy(() -> endpoint().receive(call(Map.of()))).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void whileItsTypeIsAwaySendersAreToldToComeAgain() throws Exception {
        world.put("Web");
        world.restart(plain);

        HttpReply reply = endpoint().receive(call(Map.of()));

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body())
                .as("whoever sends learns nothing of the task")
                .isEqualTo("this hook can't take requests now; try again later");
    }

    @Test
    void aChangeIsSeenAtOnceAndAnEndpointFromBeforeIsHarmless() throws Exception {
        world.put("Web");
        Endpoints.Endpoint before = endpoint();
        world.put("Plain");
        assertThat(endpoint().methods()).isEmpty();
        before.receive(call(Map.of()));

        world.engine.tasks().remove(World.TASK);
        assertThat(world.engine.endpoints().find(World.TASK)).isEmpty();
        assertThat(before.receive(call(Map.of())).status()).isEqualTo(404);
        assertThat(world.store.counts().queued()).isZero();
    }
}
