package org.cdshooks.plugin.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/** The properties of a task's client: what the task says, on what fits a listener, under what must be. */
final class ClientProperties {
    /** Set by the task's other options, or what never losing a message rests on. */
    private static final Map<String, String> OURS = Map.ofEntries(
            Map.entry("bootstrap.servers", "use the option brokers"),
            Map.entry("group.id", "use the option 'consumer group'"),
            Map.entry("auto.offset.reset", "use the option start"),
            Map.entry("enable.auto.commit", "an offset is committed when its execution is stored"),
            Map.entry("security.protocol", "use the options tls and user"),
            Map.entry("sasl.mechanism", "use the option saslMechanism"),
            Map.entry("sasl.jaas.config", "use the options user and password"),
            Map.entry("ssl.truststore.certificates", "use the option tlsCa"),
            Map.entry("ssl.keystore.certificate.chain", "use the option tlsCert"),
            Map.entry("ssl.keystore.key", "use the option tlsKey"),
            Map.entry("key.deserializer", "keys are taken as they are"),
            Map.entry("value.deserializer", "messages are taken as they are"));

    private ClientProperties() {}

    /**
     * Returns what is wrong with properties that a task gives. What loads classes or reads files of this machine is not for
     * tasks, whose authors may be others than those who run the service; and what is secret must not be in the open.
     */
    static List<ConfigProblem> problems(Map<String, String> extras) {
        List<ConfigProblem> problems = new ArrayList<>();
        Map<String, Object> allowed = new HashMap<>();
        extras.forEach((name, value) -> {
            if (!name.startsWith(KafkaOptions.PROPERTY_PREFIX)) {
                return;
            }
            String property = name.substring(KafkaOptions.PROPERTY_PREFIX.length());
            String why = refusal(property);
            if (!why.isEmpty()) {
                problems.add(new ConfigProblem(name, "can't be set: " + why));
            } else if (!ConsumerConfig.configNames().contains(property)) {
                problems.add(new ConfigProblem(
                        name,
                        "is no property of a Kafka consumer; see"
                                + " https://kafka.apache.org/documentation/#consumerconfigs"));
            } else {
                allowed.put(property, value);
            }
        });
        allowed.forEach((property, value) -> check(property, value, problems));
        return problems;
    }

    private static void check(String property, Object value, List<ConfigProblem> problems) {
        try {
            var _ = ConsumerConfig.configDef()
                    .parse(Map.of(
                            property,
                            value,
                            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                            "any:1",
                            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                            ByteArrayDeserializer.class,
                            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                            ByteArrayDeserializer.class));
        } catch (ConfigException e) {
            problems.add(new ConfigProblem(KafkaOptions.PROPERTY_PREFIX + property, String.valueOf(e.getMessage())));
        }
    }

    private static String refusal(String property) {
        String ours = OURS.get(property);
        if (ours != null) {
            return ours;
        }
        String lower = property.toLowerCase(Locale.ROOT);
        if (lower.contains("password") || lower.contains("secret")) {
            return "it would be shown to everybody who sees the task; use the options password and tlsKey";
        }
        boolean loads = lower.endsWith(".class")
                || lower.endsWith(".classes")
                || lower.endsWith(".reporters")
                || lower.endsWith(".strategy")
                || lower.startsWith("config.providers")
                || lower.equals("security.providers")
                || lower.equals("ssl.provider");
        if (loads) {
            return "it names code to load";
        }
        if (lower.endsWith(".location")
                || lower.endsWith(".cmd")
                || lower.endsWith(".file")
                || lower.endsWith(".url")) {
            return "it names a file or an address of the machine that runs the service";
        }
        return "";
    }

    /** Returns the properties of a client. */
    static Map<String, Object> of(Task task, Connection connection) {
        HookConfig config = task.config();
        Map<String, Object> all = new HashMap<>();
        // A node that dies is missed sooner than after the usual 45 s.
        all.put("session.timeout.ms", "15000");
        all.put("heartbeat.interval.ms", "3000");
        // A node that comes or goes stops only the partitions that move.
        all.put("partition.assignment.strategy", List.of(CooperativeStickyAssignor.class));
        all.put("client.id", "cds-hooks-" + task.id());
        all.put("default.api.timeout.ms", "30000");
        all.put("fetch.max.bytes", String.valueOf(Lanes.MAX_BYTES));
        all.put("isolation.level", "read_committed");
        all.put("metric.reporters", "");
        all.put("enable.metrics.push", "false");
        config.extras().forEach((name, value) -> {
            if (name.startsWith(KafkaOptions.PROPERTY_PREFIX)) {
                all.put(name.substring(KafkaOptions.PROPERTY_PREFIX.length()), value);
            }
        });
        all.put("group.id", KafkaOptions.groupOf(task, connection));
        all.put("enable.auto.commit", "false");
        // Where a group begins is decided by us. This is for an offset whose message has been deleted: go on with what
        // is
        // left of the topic.
        all.put("auto.offset.reset", "earliest");
        all.put("allow.auto.create.topics", "false");
        all.putAll(connection.properties());
        return all;
    }
}
