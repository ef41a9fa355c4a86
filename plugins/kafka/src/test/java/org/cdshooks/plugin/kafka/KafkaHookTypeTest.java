package org.cdshooks.plugin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.InvalidConfigException;
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
