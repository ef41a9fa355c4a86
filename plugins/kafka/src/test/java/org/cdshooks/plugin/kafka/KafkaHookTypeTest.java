package org.cdshooks.plugin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaHookTypeTest {
    private static final Map<String, String> GOOD = Map.of("brokers", "a:9092, b:9092", "topic", "orders");

    private static HookHarness create(String... more) {
        Map<String, String> options = new HashMap<>(GOOD);
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return HookHarness.of(new KafkaHookType()).create(options);
    }

    @Test
    void aTaskNeedsBrokersAndATopicAndListensOnEveryNode() {
        try (HookHarness harness = create()) {
            assertThat(harness.hook().triggers())
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Trigger.Listening.class,
                            trigger -> assertThat(trigger.isOnEveryNode()).isTrue());
        }
    }

    private static String groupOf(String... options) throws Exception {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        KafkaHookType type = new KafkaHookType();
        type.start(new NodeContext() {
            @Override
            public InstantSource clock() {
                return InstantSource.system();
            }

            @Override
            public <S> Optional<S> service(Class<S> service) {
                Integrations host = (project, name) -> Map.of(
                        "broker url", Secret.of("k:9092"), "username", Secret.of("u"), "password", Secret.of("p"));
                return Optional.of(host).filter(service::isInstance).map(service::cast);
            }
        });
        return type.complete(new OneTask(KafkaOptions.ALL.parse(all))).getOrDefault("consumer group", "none");
    }

    private record OneTask(HookConfig config) implements Task {
        @Override
        public TaskId id() {
            return new TaskId("4c1a");
        }

        @Override
        public String type() {
            return "Kafka";
        }

        @Override
        public long revision() {
            return 1;
        }
    }

    /** CDS's own service tells the API {@code <user>.<uuid>}, and administrators write ACLs for it. */
    @Test
    void theGroupOfATaskWithAPlatformIsToldAsCdsTellsIt() throws Exception {
        assertThat(groupOf("platform", "p", "project", "P", "topic", "t")).isEqualTo("u.4c1a");
        assertThat(groupOf("platform", "p", "project", "P", "topic", "t", "consumer group", ""))
                .isEqualTo("u.4c1a");
        assertThat(groupOf("platform", "p", "project", "P", "topic", "t", "consumer group", "mine"))
                .isEqualTo("none");
        assertThat(groupOf("brokers", "k:9092", "topic", "t")).isEqualTo("none");
    }

    @Test
    void theGroupFollowsTheUserAndItsFormerOnesAreKnown() {
        HookConfig config = KafkaOptions.ALL.parse(
                Map.of("platform", "p", "project", "P", "topic", "t", "consumer group", "old.4c1a"));
        Connection connection = new Connection(
                "k:9092",
                Optional.of(new Connection.Login("new", "p")),
                "PLAIN",
                true,
                Optional.empty(),
                Optional.empty());

        assertThat(KafkaOptions.groupOf(new OneTask(config), connection)).isEqualTo("new.4c1a");
        assertThat(KafkaOptions.formerGroups(new OneTask(config), connection))
                .containsExactly("old.4c1a", "cds-hooks-4c1a");
    }

    @Test
    void itServesTheHooksOfKafkaInCds() {
        assertThat(new KafkaHookType().descriptor().models()).containsExactly("Kafka hook");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "brokers | a | brokers | host:port",
                "brokers | '' | brokers | is required",
                "platform | p | '' | only one of brokers and platform",
                "platform | p | project | is required with platform",
                "topic | a b | topic | name of a topic",
                "topic | '' | topic | is required",
                "topicPattern | .* | '' | only one of topic and topicPattern",
                "topicPattern | [ | topicPattern | regular expression",
                "start | yesterday | start | latest, earliest or a time",
                "user | alice | password | is missing",
                "password | x | user | is missing",
                "saslMechanism | GSSAPI | saslMechanism | must be one of",
                "tlsCa | PEM | tls | must be true",
                "maxMessage | 0 | maxMessage | number of bytes",
                "kafka.group.id | x | kafka.group.id | use the option 'consumer group'",
                "kafka.enable.auto.commit | true | kafka.enable.auto.commit | when its execution is stored",
                "kafka.ssl.truststore.location | /etc/passwd | kafka.ssl.truststore.location | names a file",
                "kafka.interceptor.classes | evil.Code | kafka.interceptor.classes | names code",
                "kafka.config.providers | file | kafka.config.providers | names code",
                "kafka.ssl.key.password | x | kafka.ssl.key.password | would be shown",
                "kafka.fetch.minimum | 1 | kafka.fetch.minimum | no property of a Kafka consumer",
                "kafka.max.poll.records | many | kafka.max.poll.records | Not a number"
            })
    void whatIsWrongIsToldByTheOption(String option, String value, String named, String words) {
        assertThatThrownBy(() -> create(option, value).close())
                .isInstanceOfSatisfying(
                        InvalidConfigException.class,
                        e -> assertThat(e.problems()).anySatisfy(problem -> {
                            assertThat(problem.option()).isEqualTo(named);
                            assertThat(problem.message()).contains(words);
                        }));
    }

    @Test
    void propertiesOfTheClientAreTaken() {
        create("kafka.max.poll.records", "100", "kafka.client.rack", "eu-1").close();
    }
}
