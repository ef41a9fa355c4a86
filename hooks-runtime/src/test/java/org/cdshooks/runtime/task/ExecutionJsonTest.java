package org.cdshooks.runtime.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.Test;

class ExecutionJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ExecutionKey KEY =
            new ExecutionKey("RepoWebHook", new TaskId("4c1a"), 1_795_488_908_387_349_845L);

    @Test
    void whateverIsInAnExecutionComesBack() {
        for (long seed = 0; seed < 2000; seed++) {
            Execution execution = random(new Random(seed));

            Execution back = ExecutionJson.decode(ExecutionJson.encode(execution));

            assertSame(back, execution, seed);
        }
    }

    private static void assertSame(Execution back, Execution execution, long seed) {
        assertThat(back.payload().body())
                .as("seed %s", seed)
                .isEqualTo(execution.payload().body());
        assertThat(back.payload().contentType())
                .as("seed %s", seed)
                .isEqualTo(execution.payload().contentType());
        assertThat(back.payload().attributes())
                .as("seed %s", seed)
                .isEqualTo(execution.payload().attributes());
        assertThat(withoutPayload(back)).as("seed %s", seed).isEqualTo(withoutPayload(execution));
    }

    private static Execution withoutPayload(Execution execution) {
        return new Execution(
                execution.key(),
                execution.trigger(),
                execution.status(),
                execution.attempt(),
                execution.errors(),
                execution.lastError(),
                execution.processedAt(),
                execution.run(),
                execution.answer(),
                execution.config(),
                Payload.empty(),
                execution.events(),
                execution.marks());
    }

    private static Execution random(Random random) {
        List<String> types = List.of("Webhook", "Kafka", "Config", "payload", "Status", "Ünicode", "", "events");
        List<String> triggers = List.of("http", "timer", "listener", "api", "");
        Map<String, List<String>> attributes = new HashMap<>();
        List<String> names = List.of(
                "x-github-event",
                "X-Upper",
                "content-type",
                "with space",
                HttpCall.METHOD,
                HttpCall.PATH,
                HttpCall.QUERY,
                "",
                "x--y-",
                "über",
                "a:b");
        for (String name : names) {
            if (random.nextInt(3) == 0) {
                attributes.put(name, texts(random));
            }
        }
        byte[] body = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(100)];
        random.nextBytes(body);
        Map<String, ConfigValue> config = new TreeMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            config.put(text(random), new ConfigValue(text(random), random.nextBoolean(), text(random)));
        }
        Optional<List<OutgoingEvent>> events = Optional.empty();
        if (random.nextBoolean()) {
            List<OutgoingEvent> all = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                all.add(new OutgoingEvent(HookEvent.of(Map.of(text(random), text(random))), random.nextBoolean()));
            }
            events = Optional.of(all);
        }
        String contentType = random.nextBoolean()
                ? text(random)
                : String.join(", ", attributes.getOrDefault("content-type", List.of()));
        return new Execution(
                new ExecutionKey(
                        types.get(random.nextInt(types.size())),
                        new TaskId("a+/=_-9"),
                        random.nextLong(Long.MAX_VALUE)),
                triggers.get(random.nextInt(triggers.size())),
                List.of(ExecutionStatus.values()).get(random.nextInt(5)),
                random.nextInt(),
                random.nextInt(),
                text(random),
                random.nextLong(),
                random.nextLong(),
                text(random),
                config,
                Payload.of(contentType, body).withAttributes(attributes),
                events,
                random.nextBoolean()
                        ? ExecutionMarks.NONE
                        : new ExecutionMarks(
                                random.nextInt(1, 9),
                                random.nextInt(),
                                Optional.of(new Arrival(
                                        text(random), List.of(new Arrival.Step(text(random), text(random))))),
                                List.of(ExecutionMarks.Stage.values()).get(random.nextInt(3)),
                                new RevisionMarks(
                                        random.nextLong(),
                                        random.nextLong(3),
                                        random.nextBoolean() ? ReplayConfig.THEN : ReplayConfig.NOW),
                                random.nextBoolean() ? Map.of() : Map.of("a.b", "c\u0000\"<")));
    }

    private static List<String> texts(Random random) {
        List<String> texts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            texts.add(text(random));
        }
        return texts;
    }

    /** Also halves of surrogate pairs, which UTF-8 has no form for. */
    private static String text(Random random) {
        String pool = "ab\"\\\u0000\u001f\u007fé€\u2028\ud83d\ude00<>&'";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(pool.charAt(random.nextInt(pool.length())));
        }
        return text.toString();
    }

    @Test
    void aRequestStandsWhereCdsHasIt() throws Exception {
        Execution execution = Execution.of(
                KEY,
                "http",
                Map.of("method", new ConfigValue("POST", true, "string")),
                Payload.of("application/json", "{\"z\":1}".getBytes(UTF_8))
                        .withAttributes(Map.of(
                                "content-type",
                                List.of("application/json"),
                                "x-github-event",
                                List.of("push", "again"),
                                HttpCall.METHOD,
                                List.of("POST"),
                                HttpCall.PATH,
                                List.of(""),
                                HttpCall.QUERY,
                                List.of("a=1&b=2"))));

        String json = new String(ExecutionJson.encode(execution), UTF_8);

        assertThat(json)
                .isEqualTo("{\"uuid\":\"4c1a\",\"type\":\"RepoWebHook\",\"timestamp\":1795488908387349845,"
                        + "\"nb_errors\":0,\"processing_timestamp\":0,\"workflow_run\":0,"
                        + "\"config\":{\"method\":{\"value\":\"POST\",\"configurable\":true,\"type\":\"string\"}},"
                        + "\"webhook\":{\"request_url\":\"a=1&b=2\",\"request_body\":\"eyJ6IjoxfQ==\","
                        + "\"request_header\":{\"Content-Type\":[\"application/json\"],"
                        + "\"X-Github-Event\":[\"push\",\"again\"]}},\"status\":\"SCHEDULED\",\"trigger\":\"http\","
                        + "\"attributes\":{\":method\":[\"POST\"],\":path\":[\"\"]}}");
    }

    @Test
    void aTimerTellsItsTimeAsGoDoes() {
        Execution execution = Execution.of(
                new ExecutionKey("Scheduler", new TaskId("t"), 1_798_761_600_000_000_000L),
                "timer",
                Map.of(),
                Payload.empty());

        assertThat(new String(ExecutionJson.encode(execution), UTF_8))
                .contains("\"scheduled_task\":{\"date_scheduled_execution\":\"2027-01-01 00:00:00 +0000 UTC\"}");
        assertThat(new String(ExecutionJson.encode(execution.at(1_798_761_600_120_000_000L)), UTF_8))
                .contains("\"2027-01-01 00:00:00.12 +0000 UTC\"");
    }

    @Test
    void everythingElseIsAMessageUnderTheNameOfItsType() throws Exception {
        Execution execution = Execution.of(
                new ExecutionKey("RabbitMQ", new TaskId("t"), 5),
                "listener",
                Map.of(),
                Payload.of("", "hi".getBytes(UTF_8)));

        assertThat(JSON.readTree(ExecutionJson.encode(execution))
                        .at("/rabbitmq/message")
                        .asText())
                .isEqualTo("aGk=");
    }

    @Test
    void whatCdsHasStoredIsReadAndWrittenAsItWas() throws Exception {
        int read = 0;
        try (InputStream dump = ExecutionJsonTest.class.getResourceAsStream("redis-dump.json")) {
            for (JsonNode entry : JSON.readTree(dump)) {
                String key = entry.get("key").asText();
                if (!entry.get("type").asText().equals("string") || !key.startsWith("hooks:tasks:executions:")) {
                    continue;
                }
                byte[] stored = entry.get("value").asText().getBytes(UTF_8);
                if (key.contains(":-")) {
                    // Made by the original out of a time of zero; such a key would not sort.
                    assertThatThrownBy(() -> ExecutionJson.decode(stored))
                            .isInstanceOf(MalformedRecordException.class)
                            .hasMessageContaining("1970");
                    continue;
                }

                Execution execution = ExecutionJson.decode(stored);

                assertThat(execution.key().toString()).isEqualTo(key);
                ObjectNode again = (ObjectNode) JSON.readTree(ExecutionJson.encode(execution));
                again.remove(List.of("trigger", "attributes"));
                ObjectNode before = (ObjectNode) JSON.readTree(stored);
                // Go adds what its monotonic clock says to some times; nobody reads that.
                if (before.has("scheduled_task")) {
                    assertThat(execution.trigger()).isEqualTo("timer");
                    again.remove("scheduled_task");
                    before.remove("scheduled_task");
                }
                assertThat(again).isEqualTo(before);
                read++;
            }
        }
        assertThat(read).isGreaterThan(20);
    }

    @Test
    void unknownFieldsAreSkipped() {
        Execution execution = ExecutionJson.decode(
                ("{\"new\":{\"a\":[1,{\"message\":3}]},\"uuid\":\"t\",\"type\":\"Webhook\",\"timestamp\":7,"
                                + "\"webhook\":{\"x\":[]},\"kafka\":null,\"config\":null,\"status\":\"\"}")
                        .getBytes(UTF_8));

        assertThat(execution.key().timestamp()).isEqualTo(7);
        assertThat(execution.status()).isEqualTo(ExecutionStatus.SCHEDULED);
        assertThat(execution.trigger()).isEqualTo("http");
    }

    @Test
    void whatIsNoExecutionIsRefusedInWords() {
        for (String bad : List.of(
                "",
                "[]",
                "{\"uuid\":1}",
                "{\"uuid\":\"a b\",\"type\":\"x\",\"timestamp\":1}",
                "{\"uuid\":\"a\",\"type\":\"x\",\"timestamp\":-1}",
                "{\"uuid\":\"a\",\"timestamp\":1,\"status\":\"WHAT\"}",
                "{\"uuid\":\"a\",\"type\":\"k\",\"timestamp\":1,\"k\":{\"message\":\"*\"}}",
                "{\"uuid\":\"a\",\"timestamp\":99999999999999999999}",
                "{\"uuid\":\"a\"")) {
            assertThatThrownBy(() -> ExecutionJson.decode(bad.getBytes(UTF_8)))
                    .as(bad)
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void aBodyOfTheLargestSizeComesBack() {
        Execution execution = Execution.of(KEY, "http", Map.of(), Payload.of("", new byte[25 << 20]));

        assertThat(ExecutionJson.decode(ExecutionJson.encode(execution))
                        .payload()
                        .body())
                .hasSize(25 << 20);
    }
}
