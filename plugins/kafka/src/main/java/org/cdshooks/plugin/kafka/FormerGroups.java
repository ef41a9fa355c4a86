package org.cdshooks.plugin.kafka;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tells how far a task has read under the groups that it had before, so that a change of its group loses nothing and reads
 * nothing twice.
 *
 * @param groups the groups, newest first
 * @param properties the properties of the task's client
 */
record FormerGroups(List<String> groups, Map<String, Object> properties) {
    /** Those of a task that has always had the same group. */
    static final FormerGroups NONE = new FormerGroups(List.of(), Map.of());

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Logger LOG = System.getLogger(FormerGroups.class.getName());

    /** Returns the offsets that were committed last; nothing for partitions that no former group has read. */
    Map<TopicPartition, Long> committed(Set<TopicPartition> partitions) {
        Map<TopicPartition, Long> found = new HashMap<>();
        for (String group : groups) {
            Set<TopicPartition> unknown = new HashSet<>(partitions);
            unknown.removeAll(found.keySet());
            if (!unknown.isEmpty()) {
                found.putAll(committed(group, unknown));
            }
        }
        return found;
    }

    private Map<TopicPartition, Long> committed(String group, Set<TopicPartition> partitions) {
        Map<String, Object> asked = new HashMap<>(properties);
        asked.put("group.id", group);
        asked.put("client.id", properties.get("client.id") + "-former");
        Map<TopicPartition, Long> found = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(asked, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.committed(partitions, PATIENCE).forEach((partition, offset) -> {
                if (offset != null) {
                    found.put(partition, offset.offset());
                }
            });
        } catch (KafkaException e) { // such as a group that an ACL denies, which nobody can have read under
            LOG.log(Level.INFO, "The offsets of the former group {0} can''t be read: {1}", group, e.getMessage());
            return Map.of();
        }
        if (!found.isEmpty()) {
            LOG.log(Level.INFO, "{0} partitions go on where the former group {1} has read to", found.size(), group);
        }
        return found;
    }
}
