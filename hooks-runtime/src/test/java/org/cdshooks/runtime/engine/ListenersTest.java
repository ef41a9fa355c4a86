package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Listener;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ListenersTest {
    private final BlockingQueue<Invocation> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Receipt> receipts = new LinkedBlockingQueue<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicReference<Listener> behaviour = new AtomicReference<>(this::listenWell);
    private final FakeType ear = new FakeType("Ear", task -> List.of(Trigger.listener(this::listen)));
    private final FakeType web = FakeType.http("Web");
    private final World world = new World(ear, web);

    @AfterEach
    void close() {
        world.close();
    }

    private void listen(TriggerContext context) throws Exception {
        begun.incrementAndGet();
        most.accumulateAndGet(now.incrementAndGet(), Math::max);
        try {
            behaviour.get().listen(context);
        } finally {
            now.decrementAndGet();
        }
    }

    private void listenWell(TriggerContext context) throws Exception {
        while (true) {
            receipts.add(context.emit(heard.take()));
        }
    }

    private static Invocation said(String text) {
        return Invocation.of(Payload.of("text/plain", text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private Receipt emit(Invocation invocation) throws InterruptedException {
        heard.add(invocation);
        Receipt receipt = receipts.poll(10, TimeUnit.SECONDS);
        assertThat(receipt).isNotNull();
        return receipt;
    }

    private void awaitListening() {
        World.until("listens", () -> now.get() == 1);
    }

    @Test
    void whatIsHeardIsStoredWithItsCursorAndRun() throws Exception {
        world.put("Ear");

        Receipt receipt = emit(said("hello").cursor("offset-1"));
        world.run();

        assertThat(receipt.duplicate()).isFalse();
        assertThat(world.only().key().id()).isEqualTo(receipt.id());
        assertThat(world.only().trigger()).isEqualTo("listener");
        assertThat(world.store.cursor(World.TASK)).contains("offset-1");
        assertThat(world.sink.seen.getFirst().event().values()).containsEntry("body", "hello");
    }

    @Test
    void aListenerThatReturnsAlthoughNobodyToldItToIsAProblemAndBegunAnew() {
        behaviour.set(context -> {});
        world.put("Ear");

        World.until("has returned", () -> world.view().problem().isPresent());

        assertThat(world.view().problem().orElseThrow())
                .contains("the listener of plugin 'host' returned although nobody told it to stop", "is begun anew at");
        behaviour.set(this::listenWell);
        world.clock.advance(Duration.ofSeconds(10));
        world.engine.tick();
        awaitListening();
        World.until("is well", () -> world.view().problem().isEmpty());
    }

    @Test
    void whatIsHeardTwiceIsStoredOnce() throws Exception {
        world.put("Ear");

        Receipt first = emit(said("hello").dedupKey("1"));
        Receipt second = emit(said("hello").dedupKey("1"));

        assertThat(second.duplicate()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
    }

    @Test
    void aStoppedTaskDoesNotListenAndAStartedOneDoesAgain() {
        world.put("Ear");
        awaitListening();
        world.engine.tasks().stop(World.TASK);
        World.until("has stopped", () -> now.get() == 0);
        world.engine.tasks().start(World.TASK);
        awaitListening();
        world.engine.tasks().remove(World.TASK);
        World.until("has stopped", () -> now.get() == 0);
        assertThat(begun).hasValue(2);
    }

    /** Defect B13 of CDS. */
    @Test
    void aChangedTaskListensAnewAndNeverTwiceAtOnce() {
        for (int i = 0; i < 20; i++) {
            world.put("Ear", "colour", "c" + i);
        }
        World.until(
                "listens under the newest config",
                () -> now.get() == 1 && ear.created.stream().anyMatch(task -> task.revision() == 20));
        assertThat(most).hasValue(1);
    }

    /** Defect B13 of CDS. */
    @Test
    void puttingTheSameAgainDoesNotDisturbTheListener() {
        world.put("Ear");
        awaitListening();
        world.put("Ear");
        world.put("Ear");
        world.run();
        assertThat(begun).hasValue(1);
    }

    @Test
    void listenersOfStoredTasksAreFoundAtTheStart() {
        for (int i = 0; i < 1100; i++) {
            world.engine.tasks().put(new TaskId("web-" + i), "Web", Map.of());
        }
        world.put("Ear");
        awaitListening();

        world.restart(ear, web);

        World.until("listens again", () -> begun.get() == 2 && now.get() == 1);
    }

    @Test
    void aTaskThatIsKnownNotToListenIsNotAskedAgain() {
        world.engine.tasks().put(new TaskId("web"), "Web", Map.of());
        world.put("Ear");
        awaitListening();
        int created = web.created.size();

        world.restart(ear, web);

        World.until("listens again", () -> begun.get() == 2 && now.get() == 1);
        assertThat(web.created).hasSize(created);
    }

    @Test
    void aTaskIsAskedAgainWhenAnotherBuildOfItsHookTypeOrAnotherDefaultMayMakeItListen() {
        FakeType mute = new FakeType("Chameleon", task -> List.of());
        HookType speaking = new Rebuilt(new FakeType("Chameleon", task -> List.of(Trigger.listener(this::listen))));
        FakeType byDefault = new FakeType(
                "ByDefault",
                task -> task.config().find(FakeType.COLOUR).isPresent()
                        ? List.of(Trigger.listener(this::listen))
                        : List.of());
        world.restart(mute, byDefault);
        world.engine.tasks().put(new TaskId("chameleon"), "Chameleon", Map.of());
        world.engine.tasks().put(new TaskId("by-default"), "ByDefault", Map.of());

        world.restart(speaking, byDefault);
        awaitListening();
        world.config(c -> World.configWith(Map.of("sink", "fake", "colour", "red")));

        World.until("both listen", () -> now.get() == 2);
    }

    /** The same hook type from another jar. */
    private record Rebuilt(HookType type) implements HookType {
        @Override
        public HookTypeDescriptor descriptor() {
            return type.descriptor();
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return type.create(task, context);
        }
    }

    @Test
    void aListenerThatFailsIsBegunAnewWithGrowingDelaysAndShown() {
        AtomicInteger times = new AtomicInteger();
        behaviour.set(context -> {
            times.incrementAndGet();
            throw new IOException("broker is away");
        });
        world.put("Ear");
        for (int i = 1; i <= 5; i++) {
            int expected = i;
            World.until(
                    "failed " + i + " times",
                    () -> times.get() == expected
                            && world.view()
                                    .problem()
                                    .filter(why -> why.contains("(" + expected + " time"))
                                    .isPresent());
            assertThat(world.view().problem().orElseThrow()).contains("broker is away");
            world.clock.advance(Duration.ofMillis(499L << i - 1)); // half of the delay is fixed
            world.engine.tick();
            assertThat(times).hasValue(expected);
            world.clock.advance(Duration.ofMillis(501L << i));
            world.engine.tick();
        }
        World.until(() -> times.get() == 6);
        behaviour.set(this::listenWell);
        World.until(() ->
                world.view().problem().filter(why -> why.contains("(6 times")).isPresent());
        world.clock.advance(Duration.ofMinutes(5));
        world.engine.tick();
        awaitListening();
        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void aListenerWaitsWhileItsTaskHasAsMuchUnfinishedAsItMayHave() throws Exception {
        world.config(c -> new EngineConfig(
                c.urlPublic(),
                c.retryDelay(),
                c.retryError(),
                c.executionHistory(),
                c.failedHistory(),
                c.workers(),
                c.workersPerTask(),
                2,
                c.lease(),
                c.attemptTimeout(),
                c.dedupWindow(),
                c.defaults(),
                c.quarantine()));
        world.put("Ear");
        emit(said("1"));
        emit(said("2"));
        heard.add(said("3"));
        World.until("3 was taken from the source", heard::isEmpty);
        assertThat(receipts.poll(200, TimeUnit.MILLISECONDS)).isNull();

        world.run();

        assertThat(receipts.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void aListenerThatWaitsForRoomCanBeStopped() throws Exception {
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
        world.put("Ear");
        emit(said("1"));
        heard.add(said("2"));
        World.until(heard::isEmpty);

        world.engine.tasks().stop(World.TASK);

        World.until("has stopped", () -> now.get() == 0);
    }

    @Test
    void aListenerThatDoesNotStopIsFencedAndShownAndAnotherOneTakesItsPlace() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<Throwable> refused = new AtomicReference<>();
        behaviour.set(context -> {
            while (end.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted(); // swallows the order
            }
            try {
                context.emit(said("late"));
            } catch (Throwable e) {
                refused.set(e);
            }
        });
        world.put("Ear");
        awaitListening();
        behaviour.set(this::listenWell);

        world.put("Ear", "colour", "blue");
        World.until(() -> world.view()
                .problem()
                .filter(why -> why.contains("has not yet"))
                .isPresent());
        world.clock.advance(Duration.ofSeconds(9));
        world.engine.tick();
        assertThat(begun).hasValue(1);
        world.clock.advance(Duration.ofSeconds(1));
        world.engine.tick();
        World.until("the new one listens", () -> begun.get() == 2);
        emit(said("new"));
        end.countDown();

        World.until("the old one comes back", () -> refused.get() != null);
        assertThat(refused.get()).isInstanceOf(OwnershipLostException.class);
        world.run();
        assertThat(world.sink.seen).hasSize(1);
    }

    @Test
    void aListenerThatDoesNotStopIsShownAsStuckWhileItsTaskIsStopped() {
        CountDownLatch end = new CountDownLatch(1);
        behaviour.set(context -> {
            while (end.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
        });
        world.put("Ear");
        awaitListening();
        world.engine.tasks().stop(World.TASK);
        World.until(() -> world.view().problem().isPresent());
        world.clock.advance(Duration.ofSeconds(10));
        world.engine.tick();

        World.until(() ->
                world.view().problem().filter(why -> why.contains("stuck")).isPresent());
        end.countDown();
        World.until("it is not shown any more", () -> world.view().problem().isEmpty());
    }

    @Test
    void theHookThatListensIsTheOneThatExecutes() throws Exception {
        world.put("Ear");
        awaitListening();
        int created = ear.created.size();
        for (int i = 0; i < 5; i++) {
            emit(said("x"));
        }
        world.run();

        assertThat(world.executions()).hasSize(5);
        assertThat(ear.created).hasSize(created);
    }

    @Test
    void emittingForARemovedTaskIsRefused() throws Exception {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        CountDownLatch go = new CountDownLatch(1);
        behaviour.set(context -> {
            go.await();
            try {
                context.emit(said("x"));
            } catch (OwnershipLostException e) {
                refused.set(e);
                throw e;
            }
        });
        world.put("Ear");
        awaitListening();
        world.store.removeTask(World.TASK); // as another node does it
        go.countDown();

        World.until(() -> refused.get() != null);
    }

    @Test
    void aHangingDeliveryDoesNotKeepAListenerFromHearing() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        world.sink.answer = delivery -> {
            end.await();
            return DeliveryResult.delivered("ok");
        };
        world.put("Ear");
        emit(said("1"));
        world.engine.tick();
        assertThat(emit(said("2")).duplicate()).isFalse();
        end.countDown();
        world.run();
    }
}
