package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody turns the clock of a node's machine by minutes. What the node measures goes on as if nobody had. */
@Timeout(120)
final class TurnedWallClockTest {
    private static final TaskId TASK = new TaskId("task");

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
        assertThat(cluster.doubled).as("never do two nodes listen for one task").isEmpty();
    }

    private void send(Cluster.Member member, String body) {
        try {
            var _ = member.engine.endpoints().find(TASK).orElseThrow().receive(World.call(body, Map.of()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> bodies(Cluster.Member member) {
        return member.sink.seen.stream()
                .map(delivery -> delivery.event().values().get("body"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void whatIsBeingWorkedOnStaysWhereItIsAndIsDoneOnce(int minutes) throws Exception {
        Cluster.Member one = cluster.join("one");
        CountDownLatch end = new CountDownLatch(1);
        one.web.execute = (execution, context) -> {
            end.await();
            return ExecutionResult.completed(
                    HookEvent.of(Map.of("body", execution.payload().text())));
        };
        var _ = one.engine.tasks().put(TASK, "Web", Map.of());
        send(one, "x");
        cluster.until("one works on it", () -> cluster.store.counts().doing() == 1 && !one.web.executed.isEmpty());
        Cluster.Member two = cluster.join("two");
        cluster.turn(4);

        one.skew = Duration.ofMinutes(minutes);
        cluster.turn(16);

        end.countDown();
        cluster.until("it is done", () -> one.engine.status().done() == 1);
        assertThat(bodies(one)).containsExactly("x");
        assertThat(two.web.executed).isEmpty();
        assertThat(cluster.store.counts().refused()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void whatTheOtherNodeLeftBehindIsTakenOverWhenItsLeaseEnds(int minutes) throws Exception {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two", Duration.ofMinutes(minutes));
        CountDownLatch never = new CountDownLatch(1);
        one.web.execute = (execution, context) -> {
            never.await();
            return ExecutionResult.completed();
        };
        var _ = one.engine.tasks().put(TASK, "Web", Map.of());
        two.runs = false;
        send(one, "x");
        cluster.until("one works on it", () -> cluster.store.counts().doing() == 1);

        one.die();
        two.runs = true;
        cluster.turn(9);
        assertThat(bodies(two)).isEmpty();
        cluster.turn(1);

        cluster.until("two has done it", () -> bodies(two).equals(List.of("x")));
        never.countDown();
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void aListenerStaysWhereItIs(int minutes) {
        Cluster.Member one = cluster.join("one");
        Cluster.Member two = cluster.join("two");
        cluster.turn(15);
        TaskId ofOne = cluster.taskOf(one);
        var _ = one.engine.tasks().put(ofOne, "Ear", Map.of());
        cluster.until("one listens", () -> one.listens.containsKey(ofOne));

        one.skew = Duration.ofMinutes(minutes);
        cluster.turn(60);

        assertThat(one.begun).containsExactly(ofOne);
        assertThat(two.begun).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void aListenerThatFailedBeginsAnewSoon(int minutes) {
        Cluster.Member one = cluster.join("one");
        one.onListen = () -> {
            throw new java.io.IOException("the broker is away");
        };
        var _ = one.engine.tasks().put(TASK, "Ear", Map.of());
        cluster.until("it has failed", () -> one.problem(TASK).contains("(1 time)"));

        one.skew = Duration.ofMinutes(minutes);
        one.onListen = () -> {};
        cluster.turn(3);

        cluster.until("one listens", () -> one.listens.containsKey(TASK));
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void aRetryComesAfterItsBackOff(int minutes) {
        Cluster.Member one = cluster.join("one", Duration.ofMinutes(minutes));
        one.sink.answer = delivery -> one.sink.seen.size() < 3 ? DeliveryResult.retry("busy") : delivered();
        var _ = one.engine.tasks().put(TASK, "Web", World.values("retryDelay", "20s"));
        send(one, "x");
        cluster.until("it has failed once", () -> cluster.store.counts().waiting() == 1);

        cluster.turn(9);
        assertThat(one.sink.seen).as("its back-off is 10 s at least").hasSize(1);
        cluster.turn(12);
        cluster.until(
                "it has failed twice",
                () -> one.sink.seen.size() == 2 && cluster.store.counts().waiting() == 1);
        cluster.turn(42); // the second back-off is 40 s at most, from when the attempt ended

        cluster.until("it is done", () -> one.engine.status().done() == 1);
        assertThat(one.sink.seen).hasSize(3);
    }

    private static DeliveryResult delivered() {
        return DeliveryResult.delivered("ok");
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void aTimerFiresOnTimeAndNoRunIsMissed(int minutes) {
        Cluster.Member one = cluster.join("one");
        var _ = one.engine.tasks().put(TASK, "Clockwork", Map.of());
        cluster.turn(90);
        cluster.until("it has fired once", () -> one.sink.seen.size() == 1);

        one.skew = Duration.ofMinutes(minutes);
        for (int i = 2; i <= 4; i++) {
            int runs = i;
            cluster.turn(60);
            cluster.until("it has fired " + i + " times", () -> one.sink.seen.size() == runs);
        }

        assertThat(one.engine.status().skipped()).isZero();
    }
}
