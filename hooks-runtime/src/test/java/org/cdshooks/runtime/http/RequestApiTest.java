package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.engine.Requests;
import org.cdshooks.runtime.engine.Visit;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TurnedAway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The trace and the quarantine, through a server over a real engine. */
class RequestApiTest extends ServerTest {
    private static final TaskId TASK = new TaskId("build");
    private static final String RIGHT = "the-right-secret-of-this-door";
    private static final String WRONG = "a-wrong-secret-that-was-sent";

    private String header = "X-Bell-Token";
    private volatile Duration offset = Duration.ZERO;
    private volatile DeliveryResult delivered = DeliveryResult.delivered("thank you");
    private final InstantSource clock = () -> Instant.now().plus(offset);
    private final TaskStore store = LocalStores.memory(clock);
    private final Engine real = started(new Engine(
            store,
            PluginRegistry.of(List.of(new Door()), List.of(new Box())),
            EngineConfig.defaults(URI.create("http://hooks.test")),
            clock,
            Map.of(),
            Seal.of(List.of(new byte[Seal.KEY_BYTES]))));

    private static Engine started(Engine engine) {
        engine.start();
        return engine;
    }

    @Override
    HttpServices services() {
        return engine.services(real, clock);
    }

    @AfterEach
    void close() {
        real.stop(Duration.ofSeconds(5));
        store.close();
    }

    /** Takes requests that know its key and were sent within five minutes, and says so. */
    private final class Door implements HookType {
        static final ConfigOption<Secret> KEY = ConfigOption.secret("key", "What senders prove themselves by.");
        static final ConfigOption<String> HEADER =
                ConfigOption.string("header", "Where.").withDefault("X-Bell-Token");

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Door", "A door.", ConfigDef.of(KEY, HEADER));
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(Trigger.http((call, emitter) -> receive(task, call, emitter))
                            .methods("POST")
                            .maxBody(1000));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext deadline) {
                    return ExecutionResult.completed(HookEvent.of(
                            Map.of("git.branch", execution.payload().text())));
                }
            };
        }

        private HttpReply receive(Task task, HttpCall call, TriggerContext emitter) throws InterruptedException {
            String key = task.config().find(KEY).map(Secret::reveal).orElse("");
            Instant when = call.receivedAt().orElseGet(clock::instant);
            Optional<Instant> signed = call.header("X-Time").map(Instant::parse);
            if (signed.isPresent() && Duration.between(signed.get(), when).abs().compareTo(Duration.ofMinutes(5)) > 0) {
                emitter.explain("verify", "door: too late");
                return HttpReply.of(401, "too late");
            }
            if (!call.header(task.config().get(HEADER)).orElse("").equals(key)) {
                emitter.explain("verify", "door: the key is wrong");
                return HttpReply.of(401, "the key is wrong");
            }
            emitter.explain("verify", "door: right by key");
            Invocation invocation = Invocation.of(call.toPayload());
            return HttpReply.accepted(emitter.emit(
                    call.header("X-Delivery").map(invocation::dedupKey).orElse(invocation)));
        }
    }

    private final class Box implements EventSink {
        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of("box", "A box.", ConfigDef.of());
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            return delivered;
        }
    }

    private void put(String key, String more) {
        String body = "{\"uuid\":\"build\",\"type\":\"Door\",\"config\":{\"sink\":\"box\",\"key\":\"" + key + "\""
                + more + "}}";
        assertThat(admin("POST", "/task", body).status()).isEqualTo(201);
    }

    private RawClient.Answer send(String key, String headers, String body) {
        return exchange("POST", "/webhook/build", header + ": " + key + "\r\n" + headers, body.getBytes(UTF_8));
    }

    private JsonNode trace() {
        return json(get("/task/build/trace"));
    }

    private JsonNode quarantine() {
        return json(get("/task/build/quarantine"));
    }

    private static List<String> steps(JsonNode trace) {
        List<String> steps = new ArrayList<>();
        trace.path("steps")
                .forEach(step -> steps.add(
                        step.path("step").asText() + ": " + step.path("words").asText()));
        return steps;
    }

    private void awaitWorked() {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (store.counts(TASK).unfinished() > 0) {
            assertThat(System.nanoTime()).as("worked in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void aRefusedRequestIsToldOfWithItsReasonAndRestsWhole() {
        put(RIGHT, "");

        assertThat(send(WRONG, "Authorization: Bearer " + WRONG + "\r\n", "main")
                        .status())
                .isEqualTo(401);

        JsonNode told = trace().get(0);
        assertThat(steps(told))
                .containsExactly(
                        "route: the task is there, of type Door",
                        "verify: door: the key is wrong",
                        "quarantine: kept: it can be let in later");
        assertThat(told.path("stopped_by").asText()).isEqualTo("verify");
        assertThat(told.path("reason").asText()).isEqualTo("the key is wrong");
        assertThat(told.path("sender").asText()).isEqualTo("127.0.0.1");
        assertThat(told.path("status").asInt()).isEqualTo(401);
        JsonNode held = quarantine().get(0);
        assertThat(held.path("size").asInt()).isEqualTo(4);
        JsonNode whole = json(get("/task/build/quarantine/" + held.path("id").asText()));
        assertThat(whole.path("body").asText()).isEqualTo("bWFpbg==");
        assertThat(whole.path("headers").path("authorization").get(0).asText()).isEqualTo("**********");
    }

    @Test
    void onceTheSecretIsMendedARefusedRequestIsLetInOnce() {
        put(WRONG + "-too", "");
        assertThat(send(RIGHT, "", "main").status()).isEqualTo(401);
        String id = quarantine().get(0).path("id").asText();
        assertThat(admin("POST", "/task/build/quarantine/" + id + "/admit", "").text())
                .contains("still refused: answered with 401: the key is wrong");

        put(RIGHT, "");
        RawClient.Answer admitted = admin("POST", "/task/build/quarantine/" + id + "/admit", "");

        assertThat(admitted.status()).as(admitted.text()).isEqualTo(200);
        assertThat(json(admitted).path("execution").asText()).contains("Door:build");
        assertThat(admin("POST", "/task/build/quarantine/" + id + "/admit", "").status())
                .isEqualTo(404);
        assertThat(quarantine()).isEmpty();
        awaitWorked();
        assertThat(steps(trace().get(0)))
                .anySatisfy(step -> assertThat(step)
                        .startsWith("quarantine: came in at ")
                        .endsWith("was refused (the key is wrong) and let in by 127.0.0.1"))
                .contains("verify: door: right by key", "sink: box: delivered in attempt 1, answered: thank you");
    }

    @Test
    void aSignedTimeIsJudgedByWhenTheRequestCame() {
        put(WRONG + "-too", "");
        send(RIGHT, "X-Time: " + clock.instant() + "\r\n", "main");
        offset = Duration.ofHours(1);
        put(RIGHT, "");

        RawClient.Answer all = admin("POST", "/task/build/quarantine/admit", "");

        assertThat(json(all).path("admitted").asInt()).as(all.text()).isEqualTo(1);
        assertThat(send(RIGHT, "X-Time: " + clock.instant().minusSeconds(3600) + "\r\n", "main")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void anOperatorMayLetInWithoutVerifyingAndTheTraceSaysSo() {
        header = "X-Bell"; // known as a credential only since the task names it
        put(RIGHT, ",\"header\":\"X-Bell\"");
        send(WRONG, "X-Delivery: d1\r\n", "main");
        String id = quarantine().get(0).path("id").asText();

        assertThat(admin("POST", "/task/build/quarantine/" + id + "/admit?verify=no", "")
                        .status())
                .isEqualTo(400);
        assertThat(admin("POST", "/task/build/quarantine/" + id + "/admit?verify=false", "")
                        .status())
                .isEqualTo(200);

        assertThat(steps(trace().get(0)))
                .anySatisfy(step -> assertThat(step).endsWith("let in by 127.0.0.1, who asked not to verify it"));
        assertThat(get("/task/build/execution").text()).doesNotContain(WRONG);
    }

    @Test
    void aDuplicatePointsAtTheFirst() {
        put(RIGHT, "");
        String first = json(send(RIGHT, "X-Delivery: d1\r\n", "main"))
                .path("execution")
                .asText();
        send(RIGHT, "X-Delivery: d1\r\n", "main");

        JsonNode second = trace().get(0);

        assertThat(second.path("execution").asText()).isEqualTo(first);
        assertThat(second.path("stopped_by").asText()).isEqualTo("delivery");
        assertThat(steps(second)).contains("delivery: duplicate of " + first);
        assertThat(steps(trace().get(1))).contains("delivery: named d1, new");
    }

    @Test
    void whatTheFilterSkippedNamesItsRule() {
        put(RIGHT, ",\"filter.branches\":\"main\"");
        send(RIGHT, "", "dev");
        awaitWorked();

        JsonNode told = trace().get(0);
        assertThat(told.path("stopped_by").asText()).isEqualTo("filter");
        assertThat(told.path("reason").asText()).contains("filter.branches").contains("dev");
    }

    @Test
    void aSinkThatFailsIsToldOf() {
        put(RIGHT, "");
        delivered = DeliveryResult.rejected("the box is full");
        send(RIGHT, "", "main");
        awaitWorked();

        JsonNode told = trace().get(0);
        assertThat(told.path("stopped_by").asText()).isEqualTo("sink");
        assertThat(told.path("reason").asText()).isEqualTo("box: the box is full");
    }

    @Test
    void whatIsStoppedBeforeTheHookSaysWhere() {
        put(RIGHT, ",\"rate\":\"1\"");
        send(RIGHT, "", "main");
        send(RIGHT, "", "main");
        exchange("PUT", "/webhook/build", "", new byte[0]);
        exchange("POST", "/webhook/nobody", "", new byte[0]);

        JsonNode told = trace();
        assertThat(told).hasSize(3);
        assertThat(told.get(0).path("stopped_by").asText()).isEqualTo("method");
        assertThat(told.get(0).path("status").asInt()).isEqualTo(405);
        assertThat(told.get(1).path("stopped_by").asText()).isEqualTo("rate");
        put(RIGHT, "");
        send(RIGHT, "", "x".repeat(1001));
        assertThat(trace().get(0).path("stopped_by").asText()).isEqualTo("body");
        assertThat(admin("POST", "/task/build/disable", "").status()).isEqualTo(204);
        send(RIGHT, "", "main");
        assertThat(trace().get(0).path("status").asInt()).isEqualTo(409);
        assertThat(store.requests().list(RequestLog.Kind.TRACE, new TaskId("nobody"), Long.MAX_VALUE, 1))
                .isEmpty();
    }

    @Test
    void veryManyBadRequestsLeaveFewEntriesAndAreCounted() {
        put(RIGHT, "");
        int sent = 10_000;
        for (int i = 0; i < 50; i++) {
            assertThat(send(WRONG, "", "main").status()).isEqualTo(401);
        }
        HttpCall call = ReceivedCall.of("POST", "", Map.of(), "", "main".getBytes(UTF_8));
        for (int i = 50; i < sent; i++) { // without a connection, so that they come as fast as they can
            TurnedAway what = Requests.decision(
                    ExecutionRoutes.nanos(clock.instant()),
                    Visit.of("192.0.2.1", false),
                    new Requests.Line("POST", ""),
                    new Requests.Answer(401, "verify", "the key is wrong"));
            real.requests().turnedAway(TASK, what, Optional.of(new Requests.Refused(call, 4)));
        }

        long told = 0;
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (told < sent && System.nanoTime() < end) { // the last one tells of all before it within a second
            told = 0;
            for (JsonNode each : trace()) {
                told += 1 + each.path("left_out").asLong();
            }
        }
        assertThat(told).isEqualTo(sent);
        assertThat(trace().size()).isBetween(2, RequestLog.Kind.TRACE.count());
        assertThat(quarantine().size()).isBetween(2, RequestLog.Kind.QUARANTINE.count());
    }

    @Test
    void noSecretIsInAnyListingNorInWhatIsStored() {
        put(RIGHT, "");
        send(WRONG, "Cookie: " + WRONG + "\r\n", "main");
        send(RIGHT, "", "main");
        awaitWorked();
        String id = quarantine().get(0).path("id").asText();

        for (String path : List.of("trace", "execution", "quarantine")) {
            assertThat(get("/task/build/" + path).text()).doesNotContain(WRONG, RIGHT);
        }
        assertThat(get("/task/build/quarantine/" + id).text()).doesNotContain(RIGHT);
        for (RequestLog.Kind kind : RequestLog.Kind.values()) {
            for (RequestLog.Entry entry : store.requests().list(kind, TASK, Long.MAX_VALUE, 100)) {
                assertThat(new String(entry.value(), UTF_8)).doesNotContain(WRONG, RIGHT);
            }
        }
    }

    @Test
    void theQuarantineIsEmptiedOnOrder() {
        put(RIGHT, "");
        send(WRONG, "", "1");
        send(WRONG, "", "2");
        String id = quarantine().get(0).path("id").asText();
        assertThat(admin("DELETE", "/task/build/quarantine/" + id, "").status()).isEqualTo(204);
        assertThat(admin("DELETE", "/task/build/quarantine/" + id, "").status()).isEqualTo(404);
        assertThat(json(admin("DELETE", "/task/build/quarantine", ""))
                        .path("removed")
                        .asInt())
                .isEqualTo(1);
        assertThat(quarantine()).isEmpty();
        assertThat(get("/task/nobody/quarantine").status()).isEqualTo(404);
        assertThat(exchange("GET", "/task/build/trace", "", new byte[0]).status())
                .isEqualTo(401);
    }

    @Test
    void theTraceComesPageByPage() {
        put(RIGHT, "");
        for (int i = 0; i < 3; i++) {
            send(RIGHT, "", "main");
            send(WRONG, "", "main");
        }
        List<Long> seen = new ArrayList<>();
        String next = "/task/build/trace?limit=2";
        for (int i = 0; i < 10 && !next.isEmpty(); i++) {
            RawClient.Answer page = get(next);
            json(page).forEach(each -> seen.add(each.path("timestamp").asLong()));
            String link = page.header("Link");
            next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }
        assertThat(seen).hasSize(6).doesNotHaveDuplicates();
        assertThat(seen.reversed()).isSorted();
    }
}
