package org.cdshooks.plugin.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.testbed.KafkaBroker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a real broker. */
@Timeout(90)
class KafkaListenerTest {
    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMinutes(1));

    private final KafkaBroker broker = Broker.get();
    private final String topic = Broker.topic(4);

    private Members members(String... more) {
        return new Members("task-of-" + topic, options(more));
    }

    private Map<String, String> options(String... more) {
        Map<String, String> options = new HashMap<>();
        options.put("brokers", broker.address());
        options.put("topic", topic);
        options.put("start", "earliest");
        for (int i = 0; i < more.length; i += 2) {
            if (more[i + 1].isEmpty()) {
                options.remove(more[i]);
            } else {
                options.put(more[i], more[i + 1]);
            }
        }
        return options;
    }

    /** Sends messages to all partitions in turn. */
    private void sendNumbers(int from, int to) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            records.add(new ProducerRecord<>(topic, i % 4, null, ("{\"n\":" + i + "}").getBytes(UTF_8)));
        }
        broker.send(records);
    }

    private long committed(String group) throws Exception {
        try (Admin admin = broker.admin()) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(offset -> offset == null ? 0 : offset.offset())
                    .sum();
        }
    }

    private ConsumerGroupDescription group(Admin admin, String group) {
        try {
            return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nobody, as long as there is no such group. */
    private Collection<MemberDescription> membersOf(Admin admin) {
        try {
            return group(admin, "cds-hooks-task-of-" + topic).members();
        } catch (IllegalStateException e) {
            return List.of();
        }
    }

    private int offsets(Admin admin) {
        try {
            return admin.listConsumerGroupOffsets("cds-hooks-task-of-" + topic)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .size();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitAssigned(Members members, int count) {
        try (Admin admin = broker.admin()) {
            members.until(count + " members share the partitions", () -> {
                Collection<MemberDescription> there = membersOf(admin);
                return there.size() == count
                        && there.stream()
                                        .mapToInt(m ->
                                                m.assignment().topicPartitions().size())
                                        .sum()
                                == 4
                        && there.stream()
                                .noneMatch(m -> m.assignment().topicPartitions().isEmpty());
            });
            members.until("where they begin is committed", () -> offsets(admin) == 4);
        }
    }

    // ------------------------------------------------------------------------------------------------ nothing is lost

    @Test
    void twoNodesShareTheWorkAndWhatBecomesOfOneAndOfTheBrokerEachMessageMakesOneExecution() throws Exception {
        try (Members members = members("kafka.session.timeout.ms", "6000")) {
            Members.Member one = members.join();
            Members.Member two = members.join();
            awaitAssigned(members, 2);
            sendNumbers(0, 3000);
            members.awaitStored(3000);
            assertThat(one.emits.get()).as("both have work").isPositive();
            assertThat(two.emits.get()).isPositive();

            two.stop();
            sendNumbers(3000, 6000);
            members.awaitStored(6000);
            Members.Member three = members.join();
            broker.stop();
            broker.restart();
            sendNumbers(6000, 10_000);
            members.awaitStored(10_000);

            assertThat(members.bodies())
                    .isEqualTo(IntStream.range(0, 10_000)
                            .mapToObj(i -> "{\"n\":" + i + "}")
                            .sorted()
                            .toList());
            assertThat(one.thrown).isNull();
            assertThat(three.thrown).isNull();
        }
        assertThat(committed("cds-hooks-task-of-" + topic)).isEqualTo(10_000);
    }

    @Test
    void whileTheStoreIsAwayNothingIsCommittedAndTheMembershipIsKept() throws Exception {
        String group = "cds-hooks-task-of-" + topic;
        try (Members members = members(
                "kafka.max.poll.interval.ms",
                "1500",
                "kafka.session.timeout.ms",
                "1500",
                "kafka.heartbeat.interval.ms",
                "300")) {
            Members.Member one = members.join();
            awaitAssigned(members, 1);
            members.away = true;
            broker.send(topic, 5000, i -> "m" + i);
            try (Admin admin = broker.admin()) {
                String before = group(admin, group).members().iterator().next().consumerId();
                long later = System.nanoTime() + Duration.ofSeconds(4).toNanos();
                members.until("more than twice the time has passed", () -> System.nanoTime() > later);
                assertThat(group(admin, group).members())
                        .singleElement()
                        .satisfies(member -> assertThat(member.consumerId()).isEqualTo(before));
            }
            assertThat(committed(group)).isZero();
            assertThat(members.stored).hasValue(0);

            members.away = false;
            members.awaitStored(5000);
            assertThat(one.thrown).isNull();
            assertThat(members.duplicates).hasValue(0);
        }
        assertThat(committed(group)).isEqualTo(5000);
    }

    // ------------------------------------------------------------------------------------------------ where it begins

    @Test
    void fromTheLatestOnTakesWhatComesAlsoWhileNobodyListensAfterwards() throws Exception {
        broker.send(topic, 10, i -> "before");
        try (Members members = members("start", "latest")) {
            Members.Member one = members.join();
            awaitAssigned(members, 1);
            one.stop();
            broker.send(topic, 10, i -> "meanwhile");
            members.join();
            broker.send(topic, 10, i -> "after");

            members.awaitStored(20);
            assertThat(members.bodies()).doesNotContain("before").contains("meanwhile", "after");
        }
    }

    @Test
    void fromATimeOnTakesWhatIsAsOldOrNewer() throws Exception {
        Instant time = Instant.parse("2026-06-01T12:00:00Z");
        broker.send(List.of(
                new ProducerRecord<>(topic, 0, time.minusMillis(1).toEpochMilli(), null, "older".getBytes(UTF_8)),
                new ProducerRecord<>(topic, 0, time.toEpochMilli(), null, "at".getBytes(UTF_8)),
                new ProducerRecord<>(topic, 0, time.plusSeconds(1).toEpochMilli(), null, "newer".getBytes(UTF_8))));
        try (Members members = members("start", time.toString())) {
            members.join();
            members.awaitStored(2);
            assertThat(members.bodies()).containsExactly("at", "newer");
        }
    }

    @Test
    void partitionsThatAreAddedLaterAreReadFromTheirBeginning() throws Exception {
        try (Members members = members("start", "latest", "kafka.metadata.max.age.ms", "500")) {
            members.join(new Patience(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ZERO));
            awaitAssigned(members, 1);
            try (Admin admin = broker.admin()) {
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5)))
                        .all()
                        .get();
            }
            broker.send(List.of(new ProducerRecord<>(topic, 4, null, "first of the new one".getBytes(UTF_8))));

            members.awaitStored(1);
            assertThat(members.bodies()).containsExactly("first of the new one");
        }
    }

    @Test
    void whoseOffsetIsDeletedGoesOnWithWhatIsLeft() throws Exception {
        try (Members members = members("start", "latest")) {
            Members.Member one = members.join();
            awaitAssigned(members, 1);
            one.stop();
            broker.send(List.of(
                    new ProducerRecord<>(topic, 0, null, "deleted".getBytes(UTF_8)),
                    new ProducerRecord<>(topic, 0, null, "left".getBytes(UTF_8))));
            try (Admin admin = broker.admin()) {
                admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
                        .all()
                        .get();
            }
            members.join();
            members.awaitStored(1);
            assertThat(members.bodies()).containsExactly("left");
        }
    }

    @Test
    void aPatternTakesAllTopicsThatItMatches() throws Exception {
        String other = Broker.topic(1);
        broker.send(topic, 1, i -> "one");
        broker.send(other, 1, i -> "other");
        try (Members members = members("topic", "", "topicPattern", topic + "|" + other)) {
            members.join();
            members.awaitStored(2);
            assertThat(members.bodies()).containsExactly("one", "other");
        }
    }

    // ------------------------------------------------------------------------------------------------ ways to connect

    private void reads(String... options) throws Exception {
        broker.send(topic, 1, i -> "hello");
        try (Members members = members(options)) {
            members.join();
            members.awaitStored(1);
        }
    }

    @Test
    void logsInByPlain() throws Exception {
        reads("brokers", broker.saslAddress(), "user", KafkaBroker.USER, "password", KafkaBroker.PASSWORD);
    }

    @Test
    void logsInByScramOverTls() throws Exception {
        reads(
                "brokers",
                broker.saslTlsAddress(),
                "user",
                KafkaBroker.USER,
                "password",
                KafkaBroker.PASSWORD,
                "saslMechanism",
                "SCRAM-SHA-256",
                "tls",
                "true",
                "tlsCa",
                broker.authority());
    }

    @Test
    void connectsByTlsWithoutUser() throws Exception {
        reads("brokers", broker.tlsAddress(), "tls", "true", "tlsCa", broker.authority());
    }

    private Members onPlatform() {
        return members("brokers", "", "platform", "our-kafka", "project", "PRJ", "tlsCa", broker.authority());
    }

    @Test
    void connectsByTheSettingsOfAPlatformAsCdsDoes() throws Exception {
        broker.send(topic, 1, i -> "hello");
        try (Members members = onPlatform()) {
            members.integrations = Optional.of((project, name) -> {
                assertThat(project + "/" + name).isEqualTo("PRJ/our-kafka");
                return Map.of(
                        "broker url", Secret.of(broker.saslTlsAddress()),
                        "username", Secret.of(KafkaBroker.USER),
                        "password", Secret.of(KafkaBroker.PASSWORD));
            });
            members.join();
            members.awaitStored(1);
        }
    }

    /** CDS's own service reads under the user and the uuid; before, this service read under a group of its own. */
    @Test
    void aTaskOfCdsReadsUnderTheGroupOfCdsAndGoesOnWhereItsFormerGroupWas() throws Exception {
        String uuid = "task-of-" + topic;
        sendNumbers(0, 40);
        try (Members members = members(
                "brokers",
                broker.saslTlsAddress(),
                "user",
                KafkaBroker.USER,
                "password",
                KafkaBroker.PASSWORD,
                "tls",
                "true",
                "tlsCa",
                broker.authority())) {
            members.join();
            members.awaitStored(40);
            members.until("all is committed", () -> committedNow("cds-hooks-" + uuid) == 40);
        }
        sendNumbers(40, 60);
        try (Members members = onPlatform()) {
            members.integrations = Optional.of((project, name) -> Map.of(
                    "broker url", Secret.of(broker.saslTlsAddress()),
                    "username", Secret.of(KafkaBroker.USER),
                    "password", Secret.of(KafkaBroker.PASSWORD)));
            Members.Member one = members.join();
            members.awaitStored(20);
            members.until("all is committed", () -> committedNow(KafkaBroker.USER + "." + uuid) == 60);
            assertThat(members.bodies())
                    .isEqualTo(IntStream.range(40, 60)
                            .mapToObj(i -> "{\"n\":" + i + "}")
                            .sorted()
                            .toList());
            assertThat(one.thrown).isNull();
        }
    }

    private long committedNow(String group) {
        try {
            return committed(group);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPlatformThatCannotBeHadIsTold() throws Exception {
        try (Members members = onPlatform()) {
            assertThat(members.join().failure()).contains("option platform").contains("no CDS API");
            members.integrations = Optional.of((project, name) -> {
                throw new ServiceException(ServiceException.Kind.NOT_FOUND, "project PRJ has no platform our-kafka");
            });
            assertThat(members.join().failure())
                    .contains("option platform")
                    .contains("project PRJ has no platform our-kafka");
            members.integrations = Optional.of((project, name) -> Map.of("username", Secret.of("alice")));
            assertThat(members.join().failure()).contains("option platform").contains("broker url");
        }
    }

    // ------------------------------------------------------------------------------------------------ what goes wrong

    private String failure(String... options) throws Exception {
        try (Members members = members(options)) {
            return members.join(SHORT).failure();
        }
    }

    @Test
    void aWrongPasswordIsToldByTheOptionAndNotShown() throws Exception {
        assertThat(failure("brokers", broker.saslAddress(), "user", "alice", "password", "wrong-one"))
                .contains("options user and password (alice, saslMechanism PLAIN)")
                .doesNotContain("wrong-one");
    }

    @Test
    void whoMayNotReadTheTopicIsTold() throws Exception {
        assertThat(failure(
                        "brokers",
                        broker.saslAddress(),
                        "user",
                        KafkaBroker.OUTSIDER,
                        "password",
                        KafkaBroker.PASSWORD))
                .contains("option topic")
                .contains("user mallory may not read")
                .contains(topic);
    }

    @Test
    void aTopicThatIsNotThereIsTold() throws Exception {
        assertThat(failure("topic", "no-such-topic")).contains("option topic").contains("'no-such-topic'");
    }

    @Test
    void aCertificateThatIsNotTrustedIsTold() throws Exception {
        assertThat(failure("brokers", broker.tlsAddress(), "tls", "true"))
                .contains("options tls and tlsCa")
                .contains(broker.tlsAddress());
    }

    @Test
    void brokersThatAreNotThereAreTold() throws Exception {
        assertThat(failure("brokers", "127.0.0.1:1"))
                .contains("option brokers (127.0.0.1:1)")
                .contains("no broker");
        assertThat(failure("brokers", "no.such.host.invalid:9092"))
                .contains("option brokers (no.such.host.invalid:9092)");
    }

    @Test
    void brokersThatGoAwayForLongAreTold() throws Exception {
        try (Members members = members()) {
            Members.Member one = members.join(SHORT);
            awaitAssigned(members, 1);
            broker.stop();
            try {
                assertThat(one.failure()).contains("option brokers").contains("for 2 s");
            } finally {
                broker.restart();
            }
        }
    }
}
