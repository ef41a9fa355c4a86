package org.cdshooks.plugin.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.testbed.Certificates;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a real broker. */
@Timeout(60)
class RabbitMqListenerTest {
    private final Broker broker = Broker.get();
    private final String queue = Broker.queue();

    private HookHarness create(String... more) {
        return HookHarness.of(new RabbitMqHookType()).create(options(more));
    }

    private Map<String, String> options(String... more) {
        Map<String, String> options = new HashMap<>(
                Map.of("uri", broker.uri(), "user", Broker.USER, "password", Broker.PASSWORD, "queue", queue));
        for (int i = 0; i < more.length; i += 2) {
            if (more[i + 1].isEmpty()) {
                options.remove(more[i]);
            } else {
                options.put(more[i], more[i + 1]);
            }
        }
        return options;
    }

    private static HookEvent onlyEvent(HookHarness harness) throws Exception {
        harness.runPending();
        assertThat(harness.events()).hasSize(1);
        return harness.events().getFirst();
    }

    // ------------------------------------------------------------------------------------------------ messages

    @Test
    void aMessageBecomesAnEventWithWhereItComesFrom() throws Exception {
        broker.declare(queue);
        try (HookHarness harness = create().listen()) {
            broker.send(
                    "",
                    queue,
                    new AMQP.BasicProperties.Builder()
                            .messageId("m-1")
                            .contentType("application/json")
                            .headers(Map.of("trace", "t-1"))
                            .build(),
                    "{\"git.branch\":\"main\",\"rabbitmq\":{\"queue\":\"forged\"}}");
            harness.awaitEmitted(1);

            assertThat(onlyEvent(harness).values())
                    .containsEntry("git.branch", "main")
                    .containsEntry("rabbitmq.queue", queue)
                    .containsEntry("rabbitmq.routing_key", queue)
                    .containsEntry("rabbitmq.message_id", "m-1")
                    .containsEntry("rabbitmq.header.trace", "t-1");
            harness.stopListening();
        }
        assertThat(broker.depth(queue)).isZero();
    }

    @Test
    void manyMessagesMakeOneExecutionEachAndNoneIsLeft() throws Exception {
        broker.declare(queue);
        broker.onChannel(channel -> {
            for (int i = 0; i < 2_000; i++) {
                channel.basicPublish("", queue, null, String.valueOf(i).getBytes());
            }
        });
        try (HookHarness harness = create("prefetch", "100").listen()) {
            harness.awaitEmitted(2_000);
            harness.stopListening();
            assertThat(harness.executions().stream()
                            .map(execution ->
                                    Integer.valueOf(execution.payload().text())))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 2_000).boxed().toList());
        }
        assertThat(broker.depth(queue)).isZero();
    }

    @Test
    void whatIsNotStoredIsNotAcknowledged() throws Exception {
        broker.declare(queue);
        try (HookHarness harness = create()) {
            harness.overloaded(true);
            harness.listen();
            broker.send(queue, "{}");
            harness.awaitBlockedEmit();
            harness.stopListening();
            assertThat(harness.executions()).isEmpty();
        }
        assertThat(broker.depth(queue)).isEqualTo(1);
    }

    @Test
    void theMessageIdNamesAMessageUnlessTheTaskSaysOtherwise() throws Exception {
        broker.declare(queue);
        AMQP.BasicProperties named =
                new AMQP.BasicProperties.Builder().messageId("same").build();
        for (String dedup : new String[] {"true", "false"}) {
            try (HookHarness harness = create("dedup", dedup).listen()) {
                broker.send("", queue, named, "a");
                broker.send("", queue, named, "b");
                broker.send(queue, "c");
                broker.send(queue, "c");
                harness.awaitEmitted(4);
                assertThat(harness.executions()).hasSize(dedup.equals("true") ? 3 : 4);
                harness.stopListening();
            }
        }
    }

    @Test
    void oneThatIsTooLargeFailsAndTheNextOneGoesOn() throws Exception {
        broker.declare(queue);
        try (HookHarness harness = create("maxMessage", "10").listen()) {
            broker.send(queue, "x".repeat(11));
            broker.send(queue, "{}");
            harness.awaitEmitted(2);
            harness.runPending();
            assertThat(harness.executions())
                    .extracting(RecordedExecution::state)
                    .containsExactlyInAnyOrder(RecordedExecution.State.REJECTED, RecordedExecution.State.DONE);
            harness.stopListening();
        }
        assertThat(broker.depth(queue)).isZero();
    }

    @Test
    void queueAndExchangeAreMadeAndBoundAsTheTaskSays() throws Exception {
        String exchange = "exchange-of-" + queue;
        try (HookHarness harness = create(
                        "exchange_name",
                        exchange,
                        "exchange_type",
                        "topic",
                        "binding_key",
                        "builds.#",
                        "consumer_tag",
                        "ci")
                .listen()) {
            broker.awaitConsumer(queue);
            broker.send(exchange, "builds.main", new AMQP.BasicProperties(), "{\"a\":1}");
            harness.awaitEmitted(1);
            assertThat(onlyEvent(harness).values())
                    .containsEntry("rabbitmq.exchange", exchange)
                    .containsEntry("rabbitmq.routing_key", "builds.main");
            harness.stopListening();
        }
    }

    @Test
    void itConnectsByTheSettingsOfAPlatform() throws Exception {
        broker.declare(queue);
        Integrations integrations = (project, name) -> Map.of(
                "uri", Secret.of(broker.uri()),
                "username", Secret.of(Broker.USER),
                "password", Secret.of(Broker.PASSWORD));
        try (HookHarness harness = HookHarness.of(new RabbitMqHookType())
                .service(Integrations.class, integrations)
                .create(options("uri", "", "user", "", "password", "", "platform", "our-rabbit", "project", "PRJ"))
                .listen()) {
            broker.send(queue, "{}");
            harness.awaitEmitted(1);
            harness.stopListening();
        }
    }

    // ------------------------------------------------------------------------------------------------ with TLS

    @Test
    void withTlsAMessageArrivesIfTheAuthorityIsGiven() throws Exception {
        assumeFalse(Broker.isRealOne(), "what others run may have no TLS");
        broker.declare(queue);
        String authority = Files.readString(Certificates.get().authority());
        try (HookHarness harness =
                create("uri", broker.tlsUri(), "tlsCa", authority).listen()) {
            broker.send(queue, "{\"git.branch\":\"main\"}");
            harness.awaitEmitted(1);

            assertThat(onlyEvent(harness).values()).containsEntry("git.branch", "main");
            harness.stopListening();
        }
        assertThat(broker.depth(queue)).isZero();
    }

    @Test
    void withTlsABrokerOfAnotherAuthorityIsNotSpokenTo() throws Exception {
        assumeFalse(Broker.isRealOne(), "what others run may have no TLS");
        assertThat(failure("uri", broker.tlsUri()))
                .contains("option uri (" + broker.tlsUri() + ")", "no encrypted connection could be made");
    }

    // ------------------------------------------------------------------------------------------------ what goes wrong

    private String failure(String... options) throws Exception {
        try (HookHarness harness = create(options).listen()) {
            return String.valueOf(harness.awaitListenerEnd().orElseThrow().getMessage());
        }
    }

    @Test
    void whatIsWrongWithTheConnectionIsToldByTheOption() throws Exception {
        assertThat(failure("password", "wrong-one"))
                .contains("options user and password (alice)")
                .doesNotContain("wrong-one");
        assertThat(failure("uri", "127.0.0.1:1"))
                .contains("option uri (amqp://127.0.0.1:1)")
                .contains("does not answer");
        assertThat(failure("uri", "no.such.host.invalid"))
                .contains("option uri")
                .contains("no.such.host.invalid");
        assertThat(failure("uri", "amqps://" + broker.uri())).contains("option uri (amqps://");
        assertThat(failure("uri", "", "user", "", "password", "", "platform", "p", "project", "P"))
                .contains("option platform");
    }

    @Test
    void aBrokerThatGoesAwayEndsTheListenerWithWordsAndTheNextOneGoesOn() throws Exception {
        assumeFalse(Broker.isRealOne(), "a broker that others run is not stopped");
        broker.declare(queue);
        try (HookHarness harness = create().listen()) {
            broker.send(queue, "{}");
            harness.awaitEmitted(1);
            broker.stop();
            try {
                assertThat(harness.awaitListenerEnd().orElseThrow()).hasMessageContaining("the connection was lost");
            } finally {
                broker.restart();
            }
            harness.listen();
            broker.awaitConsumer(queue);
            broker.send(queue, "{}");
            harness.awaitEmitted(1);
            harness.stopListening();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uri | amqp://user:pass@host | uri | without user and password",
                "uri | '' | uri | is required",
                "platform | p | '' | only one of uri and platform",
                "queue | '' | queue | is required",
                "password | '' | password | is missing",
                "queue_type | stream | queue_type | must be one of",
                "prefetch | 0 | prefetch | 1 to 5000"
            })
    void whatIsWrongWithTheOptionsIsToldByTheOption(String option, String value, String named, String words) {
        assertThatThrownBy(() -> create(option, value).close())
                .isInstanceOfSatisfying(
                        InvalidConfigException.class,
                        e -> assertThat(e.problems()).anySatisfy(problem -> {
                            assertThat(problem.option()).isEqualTo(named);
                            assertThat(problem.message()).contains(words);
                        }));
    }

    @Test
    void aQueueThatIsDeletedEndsTheListenerWithWords() throws Exception {
        broker.declare(queue);
        try (HookHarness harness = create().listen()) {
            broker.awaitConsumer(queue);
            broker.onChannel(channel -> channel.queueDelete(queue));
            assertThat(harness.awaitListenerEnd().orElseThrow()).hasMessageContaining("option queue");
        }
    }

    @Test
    void itListensOnEveryNode() {
        try (HookHarness harness = create()) {
            assertThat(harness.hook().triggers())
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Trigger.Listening.class,
                            trigger -> assertThat(trigger.isOnEveryNode()).isTrue());
        }
    }
}
