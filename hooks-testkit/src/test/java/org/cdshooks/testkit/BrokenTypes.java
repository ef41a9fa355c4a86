package org.cdshooks.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.jspecify.annotations.Nullable;

/** One type for each rule that breaks it and no other. What they leak ends by itself soon after. */
final class BrokenTypes {
    /** What the contract allows in the tests of broken types. */
    static final Duration GRACE = Duration.ofMillis(400);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private BrokenTypes() {}

    /** A thread that ends when told to, or after a while. */
    private static CountDownLatch startThread(boolean virtual, Duration longest) {
        CountDownLatch end = new CountDownLatch(1);
        Runnable body = () -> {
            try {
                end.await(longest.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Thread thread = virtual
                ? Thread.ofVirtual().name("leaked").unstarted(body)
                : Thread.ofPlatform().daemon().name("leaked").unstarted(body);
        thread.start();
        return end;
    }

    private static void waitDeafly(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        boolean interrupted = false;
        while (System.nanoTime() - end < 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(1, end - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    public static final class WorksInConstructor extends SampleType {
        private final CountDownLatch end = startThread(false, Duration.ofSeconds(1));

        public WorksInConstructor() {
            super(Fires.BY_API);
        }

        @Override
        public void stop() {
            end.countDown();
        }
    }

    public static final class ChangesDescriptor extends SampleType {
        public ChangesDescriptor() {
            super(Fires.BY_API);
        }

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Sample", "Call " + COUNT.incrementAndGet() + ".", OPTIONS);
        }
    }

    public static final class DescribesNothing extends SampleType {
        public DescribesNothing() {
            super(Fires.BY_API);
        }

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of(
                    "Sample", "Fires for tests.", ConfigDef.of(ConfigOption.string("topic", "topic"), KEY));
        }
    }

    /** Not named in META-INF/services. */
    public static final class IsNotFound extends SampleType {
        public IsNotFound() {
            super(Fires.BY_API);
        }
    }

    public static final class ShowsSecretInToString extends SampleType {
        public ShowsSecretInToString() {
            super(Fires.BY_API);
        }

        @Override
        String show(Task task) {
            return "key=" + task.config().get(KEY).reveal();
        }
    }

    public static final class ShowsSecretInEvent extends SampleType {
        public ShowsSecretInEvent() {
            super(Fires.BY_TIMER);
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) {
            return ExecutionResult.completed(
                    HookEvent.of(Map.of("key", task.config().get(KEY).reveal())));
        }
    }

    public static final class ShowsSecretInAnswer extends SampleType {
        public ShowsSecretInAnswer() {
            super(Fires.BY_HTTP);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(Trigger.http((call, trigger) -> {
                        trigger.emit(Invocation.of(call.toPayload()));
                        return HttpReply.of(
                                200, "signed with " + task.config().get(KEY).reveal());
                    }));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext bounds) {
                    return ExecutionResult.completed();
                }
            };
        }
    }

    public static final class SharesHook extends SampleType {
        private final Map<TaskId, Hook> hooks = new ConcurrentHashMap<>();

        public SharesHook() {
            super(Fires.BY_API);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return hooks.computeIfAbsent(task.id(), id -> super.create(task, context));
        }
    }

    public static final class StopsTheOthers extends SampleType {
        private final AtomicBoolean stopped = new AtomicBoolean();

        public StopsTheOthers() {
            super(Fires.BY_API);
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) throws Exception {
            if (stopped.get()) {
                throw new IOException("the shared client is closed");
            }
            return super.execute(execution, context, task);
        }

        @Override
        void stopHook() {
            stopped.set(true);
        }
    }

    public static final class StartsThreadInCreate extends SampleType {
        private CountDownLatch end = new CountDownLatch(1);

        public StartsThreadInCreate() {
            super(Fires.BY_API);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            end.countDown();
            end = startThread(false, Duration.ofSeconds(5));
            return super.create(task, context);
        }

        @Override
        void stopHook() {
            end.countDown();
        }
    }

    public static final class StartsVirtualThreadInCreate extends SampleType {
        private CountDownLatch end = new CountDownLatch(1);

        public StartsVirtualThreadInCreate() {
            super(Fires.BY_API);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            end.countDown();
            end = startThread(true, Duration.ofSeconds(5));
            return super.create(task, context);
        }

        @Override
        void stopHook() {
            end.countDown();
        }
    }

    public static final class ConnectsInCreate extends SampleType {
        private @Nullable ServerSocket socket;

        public ConnectsInCreate() {
            super(Fires.BY_API);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            try {
                if (socket == null) {
                    socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return super.create(task, context);
        }

        @Override
        public void stop() throws IOException {
            if (socket != null) {
                socket.close();
            }
        }
    }

    public static final class RepeatsTriggerName extends SampleType {
        public RepeatsTriggerName() {
            super(Fires.BY_TIMER);
        }

        @Override
        List<Trigger> triggers(HookContext context) {
            return List.of(Trigger.timer(schedule()), Trigger.timer(Schedule.every(Duration.ofDays(1))));
        }
    }

    public static final class ChangesTriggers extends SampleType {
        public ChangesTriggers() {
            super(Fires.BY_TIMER);
        }

        @Override
        List<Trigger> triggers(HookContext context) {
            return COUNT.incrementAndGet() % 2 == 0 ? List.of() : super.triggers(context);
        }
    }

    public static final class IgnoresInterruptInListener extends SampleType {
        public IgnoresInterruptInListener() {
            super(Fires.BY_LISTENER);
        }

        @Override
        void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
            try {
                super.listen(trigger, broker);
            } catch (InterruptedException e) {
                waitDeafly(GRACE.plus(GRACE.dividedBy(2)));
                throw e;
            }
        }
    }

    public static final class SwallowsOwnershipLost extends SampleType {
        public SwallowsOwnershipLost() {
            super(Fires.BY_LISTENER);
        }

        @Override
        void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
            while (true) {
                try {
                    super.listen(trigger, broker);
                } catch (OwnershipLostException e) {
                    // Goes on as if nothing had happened.
                }
            }
        }
    }

    public static final class WrapsOwnershipLost extends SampleType {
        public WrapsOwnershipLost() {
            super(Fires.BY_LISTENER);
        }

        @Override
        void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
            try {
                super.listen(trigger, broker);
            } catch (OwnershipLostException e) {
                throw new IllegalStateException("listening failed", e);
            }
        }
    }

    public static final class AcknowledgesFirst extends SampleType {
        public AcknowledgesFirst() {
            super(Fires.BY_LISTENER);
        }

        @Override
        void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
            while (true) {
                String message = broker.receive();
                broker.acknowledge();
                emit(trigger, message);
            }
        }
    }

    public static final class AcknowledgesWhatWasRefused extends SampleType {
        public AcknowledgesWhatWasRefused() {
            super(Fires.BY_LISTENER);
        }

        @Override
        void listen(TriggerContext trigger, FakeBroker broker) throws InterruptedException {
            while (true) {
                String message = broker.receive();
                try {
                    emit(trigger, message);
                } finally {
                    broker.acknowledge();
                }
            }
        }
    }

    public static final class CountsAttempts extends SampleType {
        public CountsAttempts() {
            super(Fires.BY_TIMER);
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) {
            return ExecutionResult.completed(HookEvent.of(Map.of("n", "" + COUNT.incrementAndGet())));
        }
    }

    public static final class ThrowsOnForeignPayload extends SampleType {
        public ThrowsOnForeignPayload() {
            super(Fires.BY_HTTP);
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) throws Exception {
            ExecutionResult result = super.execute(execution, context, task);
            if (result instanceof ExecutionResult.Rejected rejected) {
                throw new IllegalArgumentException(rejected.reason());
            }
            return result;
        }
    }

    public static final class IgnoresInterruptInExecute extends SampleType {
        public IgnoresInterruptInExecute() {
            super(Fires.BY_TIMER);
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) throws Exception {
            if (execution.trigger().equals("timer")
                    && execution.payload().contentType().isEmpty()) {
                waitDeafly(GRACE.multipliedBy(3));
            }
            return super.execute(execution, context, task);
        }
    }

    public static final class LeaksThread extends SampleType {
        public LeaksThread() {
            super(Fires.BY_API);
        }

        @Override
        public void start(NodeContext node) {
            startThread(false, GRACE.multipliedBy(4));
        }
    }

    public static final class CannotStopTwice extends SampleType {
        private final AtomicBoolean stopped = new AtomicBoolean();

        public CannotStopTwice() {
            super(Fires.BY_API);
        }

        @Override
        public void stop() throws IOException {
            if (stopped.getAndSet(true)) {
                throw new IOException("already closed");
            }
        }
    }

    public static final class HasMoods extends SampleType {
        public HasMoods() {
            super(Fires.BY_TIMER);
        }

        @Override
        Schedule schedule() {
            return after -> Optional.of(after.plusSeconds(COUNT.incrementAndGet()));
        }

        @Override
        ExecutionResult execute(TaskExecution execution, ExecutionContext context, Task task) {
            return ExecutionResult.skipped("nothing to do");
        }
    }

    public static final class StandsStill extends SampleType {
        public StandsStill() {
            super(Fires.BY_TIMER);
        }

        /** The classic: "at or after", where "after" is asked for. */
        @Override
        Schedule schedule() {
            return after -> {
                Instant hour = Instant.ofEpochSecond(Math.floorDiv(after.getEpochSecond(), 3600L) * 3600L);
                return Optional.of(
                        hour.equals(after) && !after.equals(SettableClock.START) ? hour : hour.plusSeconds(3600));
            };
        }
    }

    public static final class GoesBack extends SampleType {
        public GoesBack() {
            super(Fires.BY_TIMER);
        }

        @Override
        Schedule schedule() {
            return after -> Optional.of(
                    after.plus(after.getEpochSecond() % 1800 < 900 ? Duration.ofDays(1) : Duration.ofSeconds(1)));
        }
    }
}
