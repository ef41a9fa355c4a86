package org.cdshooks.plugin.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.Listener;
import org.cdshooks.api.Task;
import org.cdshooks.api.TriggerContext;
import org.jspecify.annotations.Nullable;

/**
 * Listens as a member of the task's consumer group.
 *
 * <p>The client has a platform thread of its own, since it blocks in the selector, which would hold a carrier of virtual
 * threads for good, and since it takes an interrupt for a reason to forget what it was about; so it is woken instead.
 */
final class KafkaListener implements Listener {
    /** How long the client's thread gets to come back: less than listeners get. */
    private static final Duration STOP = Duration.ofSeconds(9);

    private final Task task;
    private final HookContext host;
    private final Patience patience;
    private final Map<TopicPartition, Long> stored = new ConcurrentHashMap<>();

    KafkaListener(Task task, HookContext host, Patience patience) {
        this.task = task;
        this.host = host;
        this.patience = patience;
    }

    @Override
    public void listen(TriggerContext context) throws Exception {
        Connection connection = Connection.of(task.config(), host);
        Words words = new Words(task, connection);
        Map<String, Object> properties = ClientProperties.of(task, connection);
        AtomicReference<@Nullable Consumption> running = new AtomicReference<>();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().daemon().name("kafka-" + task.id()).unstarted(() -> {
            try {
                Consumer<byte[], byte[]> consumer = client(properties, words);
                Consumption consumption = new Consumption(
                        consumer,
                        task.config(),
                        context,
                        host.clock(),
                        words,
                        patience,
                        stored,
                        new FormerGroups(KafkaOptions.formerGroups(task, connection), properties));
                running.set(consumption);
                consumption.run();
            } catch (Exception e) {
                failure.set(e);
            }
        });
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            stop(thread, running);
            throw e;
        }
        Exception thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    private static void stop(Thread thread, AtomicReference<@Nullable Consumption> running)
            throws InterruptedException {
        Consumption consumption = running.get();
        if (consumption != null) {
            consumption.stop();
        }
        if (!thread.join(STOP)) {
            thread.interrupt();
        }
    }

    private static Consumer<byte[], byte[]> client(Map<String, Object> properties, Words words) throws IOException {
        try {
            return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (RuntimeException e) {
            throw words.of(e);
        }
    }
}
