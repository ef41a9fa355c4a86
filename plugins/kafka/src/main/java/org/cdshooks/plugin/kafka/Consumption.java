package org.cdshooks.plugin.kafka;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;

/**
 * One run of a listener: reads, lets {@link Emitters} store, commits what is stored.
 *
 * <p><b>Membership.</b> The thread that reads never waits for the store. It polls on with partitions paused while too much is
 * read and not stored, so the brokers do not take this member for dead.
 *
 * <p><b>Where it begins.</b> A partition that the group has no offset for begins where the task says, and that place is
 * committed at once: else what comes between now and the first commit would be lost with this node if the task says {@code
 * latest}. One that turns up later is new in the topic, and read from its beginning.
 */
final class Consumption {
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration BUSY = Duration.ofMillis(20);
    private static final Duration COMMIT = Duration.ofMillis(500);
    private static final Duration LAST_COMMIT = Duration.ofSeconds(2);
    private static final Duration LAST_EMITS = Duration.ofSeconds(1);
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Logger LOG = System.getLogger(Consumption.class.getName());

    private final Consumer<byte[], byte[]> consumer;
    private final HookConfig config;
    private final TriggerContext context;
    private final InstantSource clock;
    private final Words words;
    private final Patience patience;
    private final Map<TopicPartition, Long> stored;
    private final FormerGroups formerGroups;
    private final Lanes lanes = new Lanes();
    private final Emitters emitters;
    private final int maxMessage;
    private volatile boolean stopped;
    private long committedAt = System.nanoTime();
    private long connectedAt = System.nanoTime();
    private long lookedAt = System.nanoTime();
    private Optional<Instant> assignedFirst = Optional.empty();

    /**
     * Makes a run.
     *
     * @param stored up to where this node has stored partitions, known to all runs of one listener: when the brokers were
     *     away for long, more may be stored than is committed, and the runtime has forgotten the keys of it
     * @param formerGroups under which the task has read before
     */
    Consumption(
            Consumer<byte[], byte[]> consumer,
            HookConfig config,
            TriggerContext context,
            InstantSource clock,
            Words words,
            Patience patience,
            Map<TopicPartition, Long> stored,
            FormerGroups formerGroups) {
        this.formerGroups = formerGroups;
        this.stored = stored;
        this.consumer = consumer;
        this.config = config;
        this.context = context;
        this.clock = clock;
        this.words = words;
        this.patience = patience;
        this.maxMessage = config.get(KafkaOptions.MAX_MESSAGE);
        this.emitters = new Emitters(context, Thread.currentThread().getName());
    }

    /** On any thread: tells it to end. */
    void stop() {
        stopped = true;
        consumer.wakeup();
    }

    /** Reads until it is told to end. */
    void run() throws IOException {
        try {
            subscribe();
            emitters.start();
            connectedAt = System.nanoTime();
            while (!isOver()) {
                read();
                emitters.check();
                commitNowAndThen();
                pauseAndResume();
                checkConnection();
            }
        } catch (WakeupException e) {
            if (!isOver()) {
                throw words.of(e);
            }
        } catch (KafkaException e) {
            throw words.of(e);
        } finally {
            end();
        }
    }

    private boolean isOver() {
        return stopped || context.isCancelled();
    }

    // ------------------------------------------------------------------------------------------------ partitions

    private void subscribe() throws IOException {
        ConsumerRebalanceListener rebalanced = new Rebalanced();
        Optional<String> topic = KafkaOptions.written(config, KafkaOptions.TOPIC);
        if (topic.isPresent()) {
            if (consumer.partitionsFor(topic.get(), patience.reach()).isEmpty()) {
                throw new IOException(words.noTopic(topic.get()));
            }
            consumer.subscribe(List.of(topic.get()), rebalanced);
            return;
        }
        Pattern pattern = Pattern.compile(config.get(KafkaOptions.TOPIC_PATTERN).strip());
        Set<String> there = consumer.listTopics(patience.reach()).keySet();
        if (there.stream().noneMatch(name -> pattern.matcher(name).matches())) {
            LOG.log(Level.WARNING, "Option topicPattern: ''{0}'' matches no topic yet", pattern);
        }
        consumer.subscribe(pattern, rebalanced);
    }

    /** Called by the client within {@code poll}. */
    private final class Rebalanced implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) {
                begin(partitions);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commitAndWait();
            lanes.drop(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            lanes.drop(partitions);
        }
    }

    private void begin(Collection<TopicPartition> partitions) {
        Instant now = clock.instant();
        Instant first = assignedFirst.orElse(now);
        assignedFirst = Optional.of(first);
        Set<TopicPartition> unknown = new HashSet<>();
        Map<TopicPartition, OffsetAndMetadata> begins = new HashMap<>();
        consumer.committed(new HashSet<>(partitions)).forEach((partition, offset) -> {
            long next = stored.getOrDefault(partition, 0L);
            if (offset == null) {
                unknown.add(partition);
            } else if (next > offset.offset()) {
                consumer.seek(partition, next);
                begins.put(partition, new OffsetAndMetadata(next));
            }
        });
        Map<TopicPartition, Long> taken = formerGroups.committed(unknown);
        taken.forEach(consumer::seek);
        Set<TopicPartition> neverRead = new HashSet<>(unknown);
        neverRead.removeAll(taken.keySet());
        beginUnknown(neverRead, now, first);
        unknown.forEach(partition -> begins.put(partition, new OffsetAndMetadata(consumer.position(partition))));
        if (!begins.isEmpty()) {
            consumer.commitSync(begins);
        }
    }

    private void beginUnknown(Set<TopicPartition> unknown, Instant now, Instant first) {
        if (unknown.isEmpty()) {
            return;
        }
        boolean isNew = now.isAfter(first.plus(patience.firstMinute()));
        switch (isNew ? new KafkaOptions.Start.Earliest() : KafkaOptions.Start.of(config)) {
            case KafkaOptions.Start.Latest() -> consumer.seekToEnd(unknown);
            case KafkaOptions.Start.Earliest() -> consumer.seekToBeginning(unknown);
            case KafkaOptions.Start.At(Instant time) -> seek(unknown, time);
        }
    }

    private void seek(Set<TopicPartition> partitions, Instant time) {
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp offset = found.get(partition);
            if (offset == null) {
                consumer.seekToEnd(Set.of(partition));
            } else {
                consumer.seek(partition, offset.offset());
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ messages

    private void read() {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(lanes.isBusy() ? BUSY : IDLE);
        } catch (RecordDeserializationException e) {
            skip(e.topicPartition(), e.offset(), e);
            return;
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            TopicPartition broken = partitionOf(e).orElseThrow(() -> e);
            skip(broken, consumer.position(broken), e);
            return;
        }
        for (ConsumerRecord<byte[], byte[]> each : records) {
            emitters.add(lanes.add(
                    new TopicPartition(each.topic(), each.partition()),
                    each.offset(),
                    Math.max(0, each.serializedKeySize()) + Math.max(0, each.serializedValueSize()),
                    Message.capture(each, maxMessage),
                    () -> Message.failed(
                            each, "the message could not be stored; it is in the topic as long as that keeps it")));
        }
    }

    /** The client names the partition only in words, and asks to seek past the message. */
    private Optional<TopicPartition> partitionOf(KafkaException e) {
        String message = String.valueOf(e.getMessage());
        if (!message.contains("seek past the record")) {
            return Optional.empty();
        }
        return consumer.assignment().stream()
                .filter(partition -> message.contains(" " + partition + ".") || message.contains(" " + partition + " "))
                .findFirst();
    }

    /** What can't be read becomes an execution that fails, and the partition goes on behind it. */
    private void skip(TopicPartition partition, long offset, KafkaException why) {
        String problem = "the message can't be read: " + why.getMessage();
        LOG.log(Level.WARNING, "{0}, offset {1}: {2}", partition, offset, problem);
        var unreadable = Message.unreadable(partition, offset, problem);
        emitters.add(lanes.add(partition, offset, 0, unreadable, () -> unreadable));
        consumer.seek(partition, offset + 1);
    }

    private void pauseAndResume() {
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> assigned = consumer.assignment();
        if (assigned.isEmpty()) {
            return;
        }
        Set<TopicPartition> full = lanes.full(assigned, paused);
        if (!full.equals(paused)) {
            Set<TopicPartition> again = new HashSet<>(paused);
            again.removeAll(full);
            consumer.resume(again);
            consumer.pause(full);
        }
    }

    // ------------------------------------------------------------------------------------------------ commits

    private Map<TopicPartition, OffsetAndMetadata> toCommit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = lanes.toCommit();
        offsets.forEach((partition, offset) -> stored.merge(partition, offset.offset(), Math::max));
        return offsets;
    }

    private void commitNowAndThen() {
        long now = System.nanoTime();
        if (now - committedAt < COMMIT.toNanos()) {
            return;
        }
        committedAt = now;
        Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (tried, failure) -> {
                if (failure == null) {
                    lanes.committed(tried);
                } else { // tried again with the next ones
                    LOG.log(Level.DEBUG, "Offsets are not committed yet: {0}", failure.getMessage());
                }
            });
        }
    }

    /** What is not committed is read again, and known by its key. */
    private void commitAndWait() {
        Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
        if (offsets.isEmpty()) {
            return;
        }
        try {
            commitUnwoken(offsets);
            lanes.committed(offsets);
        } catch (KafkaException e) {
            LOG.log(Level.DEBUG, "Offsets are not committed: {0}", e.getMessage());
        }
    }

    private void commitUnwoken(Map<TopicPartition, OffsetAndMetadata> offsets) {
        try {
            consumer.commitSync(offsets, LAST_COMMIT);
        } catch (WakeupException e) { // the order to stop, which nothing has heard yet
            consumer.commitSync(offsets, LAST_COMMIT);
        }
    }

    private void end() {
        emitters.stop(LAST_EMITS);
        commitAndWait();
        consumer.close(CloseOptions.timeout(LAST_WORDS));
    }

    // ------------------------------------------------------------------------------------------------ connection

    /** The client would look for the brokers for ever, and say so in its log only. */
    private void checkConnection() throws IOException {
        long now = System.nanoTime();
        if (now - lookedAt < LOOK.toNanos()) {
            return;
        }
        lookedAt = now;
        if (isConnected()) {
            connectedAt = now;
        } else if (now - connectedAt > patience.away().toNanos()) {
            throw new IOException(words.away(" for " + patience.away().toSeconds() + " s"));
        }
    }

    private boolean isConnected() {
        for (Map.Entry<MetricName, ? extends Metric> each : consumer.metrics().entrySet()) {
            if (each.getKey().name().equals("connection-count")
                    && each.getKey().group().equals("consumer-metrics")) {
                return each.getValue().metricValue() instanceof Number count && count.doubleValue() > 0;
            }
        }
        return true;
    }
}
