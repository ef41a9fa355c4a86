package org.cdshooks.plugin.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.service.Integrations;
import org.jspecify.annotations.Nullable;

/** Several nodes that listen for one task, and what they store together. */
final class Members implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Map<String, Payload> executions = new ConcurrentHashMap<>();
    private final List<Member> members = new ArrayList<>();
    private final Map<String, String> options;
    private final TaskId id;

    /** How many were stored, the same one counted once. */
    final AtomicInteger stored = new AtomicInteger();

    final AtomicInteger duplicates = new AtomicInteger();

    /** While it is so, the store is away. */
    volatile boolean away;

    Members(String id, Map<String, String> options) {
        this.id = new TaskId(id);
        this.options = options;
    }

    /** What the host offers as the settings of platforms; empty if it offers none. */
    Optional<Integrations> integrations = Optional.empty();

    private record Node(InstantSource clock, Optional<Integrations> integrations) implements HookContext {
        @Override
        public URI endpoint() {
            return URI.create("http://localhost/webhook/task");
        }

        @Override
        public <S> Optional<S> service(Class<S> type) {
            return integrations.filter(type::isInstance).map(type::cast);
        }
    }

    private record OneTask(TaskId id, HookConfig config) implements Task {
        @Override
        public String type() {
            return "Kafka";
        }

        @Override
        public long revision() {
            return 1;
        }
    }

    /** One node. */
    final class Member implements TriggerContext {
        private final Thread thread;
        private volatile boolean cancelled;
        volatile @Nullable Exception thrown;
        final AtomicInteger emits = new AtomicInteger();

        private Member(Patience patience) {
            HookConfig config = KafkaOptions.ALL.parse(options);
            assertThat(KafkaOptions.problems(config)).isEmpty();
            KafkaListener listener = new KafkaListener(
                    new OneTask(id, config), new Node(InstantSource.system(), integrations), patience);
            thread = Thread.ofVirtual().start(() -> {
                try {
                    listener.listen(this);
                } catch (Exception e) {
                    thrown = e;
                }
            });
        }

        @Override
        public Receipt emit(Invocation invocation) throws InterruptedException {
            if (cancelled) {
                throw new InterruptedException("told to stop");
            }
            if (away) {
                throw new IllegalStateException("the store is away");
            }
            emits.incrementAndGet();
            String key = invocation.dedupKey().orElseThrow();
            boolean first = executions.putIfAbsent(key, invocation.payload()) == null;
            (first ? stored : duplicates).incrementAndGet();
            return new Receipt(new ExecutionId(key), !first);
        }

        @Override
        public Optional<String> cursor() {
            return Optional.empty();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        void stop() {
            cancelled = true;
            thread.interrupt();
            until("the listener came back", () -> !thread.isAlive());
        }

        /** Waits until it has failed, and returns what it said. */
        String failure() {
            until("the listener has failed", () -> thrown != null);
            return String.valueOf(thrown.getMessage());
        }
    }

    Member join() {
        return join(Patience.USUAL);
    }

    Member join(Patience patience) {
        Member member = new Member(patience);
        members.add(member);
        return member;
    }

    List<String> bodies() {
        return executions.values().stream().map(Payload::text).sorted().toList();
    }

    void awaitStored(int count) {
        until(count + " are stored", () -> stored.get() >= count);
    }

    void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(() -> what + "; stored: " + stored + ", thrown: "
                            + members.stream()
                                    .map(member -> String.valueOf(member.thrown))
                                    .toList())
                    .isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    @Override
    public void close() {
        for (Member member : members) {
            member.stop();
        }
    }
}
