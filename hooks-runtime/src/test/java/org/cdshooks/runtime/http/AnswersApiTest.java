package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What senders get, on a listening server over a real engine, of a hook type that nobody has heard of. */
class AnswersApiTest extends ServerTest {
    private static final TaskId TASK = new TaskId("t");

    private final TaskStore store = LocalStores.memory(InstantSource.system());
    private final HeldSink sink = new HeldSink();
    private final Engine real = new Engine(
            store,
            PluginRegistry.of(List.of(new Pairs()), List.of(sink)),
            EngineConfig.defaults(URI.create("http://hooks.test")),
            InstantSource.system());

    @Override
    HttpLimits limits() {
        return HttpLimits.defaults().concurrency(100, 8, 8); // so four may wait
    }

    @Override
    HttpServices services() {
        return engine.services(real, engine.services().clock());
    }

    @BeforeEach
    void startEngine() {
        real.start();
    }

    @AfterEach
    void stopEngine() {
        sink.open.countDown();
        real.stop(Duration.ofMillis(500));
        store.close();
    }

    private void task(String... namesAndValues) {
        Map<String, ConfigValue> config = new HashMap<>(Map.of("sink", ConfigValue.of("held")));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            config.put(namesAndValues[i], ConfigValue.of(namesAndValues[i + 1]));
        }
        real.tasks().put(TASK, "Pairs", config);
    }

    private RawClient.Answer send(String body) {
        return exchange("POST", "/webhook/t", "X-Event: pu\"sh\r\n", body.getBytes(UTF_8));
    }

    private String wrong(String... namesAndValues) {
        String[] message = {""};
        assertThatThrownBy(() -> task(namesAndValues))
                .isInstanceOfSatisfying(InvalidConfigException.class, e -> message[0] = e.getMessage());
        return message[0];
    }

    @Test
    void withoutOptionsTheAnswerIsTheUsualOne() {
        task();
        RawClient.Answer answer = send("a=1");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(json(answer).path("status").asText()).isEmpty();
        assertThat(answer.text()).doesNotContain("look", "answer", "last_error");
    }

    @Test
    void aStatusAloneMayHaveNoBody() {
        task("answer.status", "204");
        RawClient.Answer empty = send("a=1");
        assertThat(empty.status()).isEqualTo(204);
        assertThat(empty.body()).isEmpty();

        task("answer.status", "201");
        assertThat(send("a=1").status()).isEqualTo(201);
    }

    @Test
    void aTemplateIsJsonOrTextByHowItLooks() {
        task("answer.body", "{{\"id\":\"{execution}\",\"again\":{duplicate},\"event\":{header(X-Event)}}}");
        RawClient.Answer json = send("a=1");
        assertThat(json.header("content-type")).isEqualTo("application/json");
        assertThat(json(json).path("id").asText()).startsWith("hooks:tasks:executions:Pairs:t:");
        assertThat(json(json).path("again").isBoolean()).isTrue();
        assertThat(json(json).path("event").asText()).isEqualTo("pu\"sh");

        task("answer.body", "[{task}] {header(X-Event)}", "answer.contentType", "text/plain");
        RawClient.Answer text = send("a=1");
        assertThat(text.header("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(text.text()).isEqualTo("[t] pu\"sh");
    }

    @Test
    void theSenderIsToldOfTheEnd() {
        sink.open.countDown();
        sink.result = DeliveryResult.delivered("thanks \"all\"").run(7);
        task("answer.wait", "20s");
        JsonNode usual = json(send("a=1"));
        assertThat(usual.path("status").asText()).isEqualTo("DONE");
        assertThat(usual.path("workflow_run").asLong()).isEqualTo(7);
        assertThat(usual.path("answer").asText()).isEqualTo("thanks \"all\"");

        task(
                "answer.wait",
                "20s",
                "answer.body",
                "{{\"s\":\"{status}\",\"run\":{run},\"a\":{answer},\"v\":\"<{value(status)}>\",\"q\":\"{q}\"}}");
        JsonNode own = json(send("status=mine&q=a\"b\\c\n"));
        assertThat(own.path("s").asText()).isEqualTo("DONE");
        assertThat(own.path("run").asInt()).isEqualTo(7);
        assertThat(own.path("a").asText()).isEqualTo("thanks \"all\"");
        assertThat(own.path("v").asText()).isEqualTo("<mine>");
        assertThat(own.path("q").asText()).isEqualTo("a\"b\\c\n");
    }

    @Test
    void theSenderIsToldOfAFailureAndOfAFilter() {
        sink.open.countDown();
        sink.result = DeliveryResult.rejected("no such project");
        task("answer.wait", "20s", "answer.body", "{status}: {error}");
        RawClient.Answer failed = send("a=1");
        assertThat(failed.status()).isEqualTo(200);
        assertThat(failed.text()).isEqualTo("FAILED: no such project");

        task("answer.wait", "20s", "answer.body", "{status} {a}", "filter", "a == '2'");
        assertThat(send("a=1").text()).isEqualTo("SKIPPED 1");
    }

    @Test
    void whenTheTimeIsOverTheSenderLearnsWhereToLook() {
        task("answer.wait", "100ms");
        RawClient.Answer over = send("a=1");

        long timestamp = json(over).path("timestamp").asLong();
        assertThat(over.status()).isEqualTo(202);
        assertThat(over.header("location")).isEqualTo("/task/t/execution/" + timestamp);
        assertThat(json(over).path("status").asText()).isEqualTo("RUNNING");
        assertThat(json(over).path("look").asText()).isEqualTo("/task/t/execution/" + timestamp);
        assertThat(store.execution(TASK, timestamp)).isPresent();
    }

    @Test
    void whereToLookIsThereAlsoForATaskWithASlashInItsId() {
        real.tasks()
                .put(
                        new TaskId("a/b"),
                        "Pairs",
                        Map.of("sink", ConfigValue.of("held"), "answer.wait", ConfigValue.of("100ms")));
        RawClient.Answer over = exchange("POST", "/webhook/a%2Fb", "", "a=1".getBytes(UTF_8));

        assertThat(over.status()).isEqualTo(202);
        String location = over.header("location");
        assertThat(location).startsWith("/task/a%2Fb/execution/");
        assertThat(admin("GET", location, "").status()).isEqualTo(200);
    }

    @Test
    void aDuplicateWaitsForTheFirst() throws Exception {
        task("answer.wait", "20s", "answer.body", "{duplicate} {status} {a}");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<RawClient.Answer> first = threads.submit(() -> send("id=1&a=x"));
            assertThat(sink.entered.await(10, TimeUnit.SECONDS)).isTrue();
            Future<RawClient.Answer> second = threads.submit(() -> send("id=1&a=x"));
            sink.open.countDown();
            assertThat(first.get().text()).isEqualTo("false DONE x");
            assertThat(second.get().text()).isEqualTo("true DONE x");
        }
        assertThat(sink.calls).hasValue(1);
    }

    @Test
    void moreThanMayWaitAreAnsweredAtOnceAndNobodyStays() throws Exception {
        task("answer.wait", "20s");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletionService<RawClient.Answer> answers = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < 5; i++) {
                answers.submit(() -> send("a=1"));
            }
            assertThat(answers.take().get().status()).isEqualTo(202);
            sink.open.countDown();
            for (int i = 0; i < 4; i++) {
                assertThat(answers.take().get().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aSenderThatHangsUpLeavesItsPlace() {
        task("answer.wait", "25s");
        real.tasks()
                .put(
                        new TaskId("other"),
                        "Pairs",
                        Map.of(
                                "sink", ConfigValue.of("held"),
                                "filter", ConfigValue.of("a == '2'"),
                                "answer.wait", ConfigValue.of("25s")));
        long begun = System.nanoTime();
        List<RawClient> senders = new ArrayList<>();
        do { // until all places are taken; one that came while the other had the last place did not stay
            senders.add(connect());
            senders.getLast().send(request("POST", "/webhook/t", "", "a=1".getBytes(UTF_8)));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        } while (other().status() != 202);
        senders.forEach(RawClient::close);
        while (other().status() != 200) {
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        }
        assertThat(sink.open.getCount()).as("what was sent is not done").isEqualTo(1);
    }

    private RawClient.Answer other() {
        return exchange("POST", "/webhook/other", "", "a=1".getBytes(UTF_8));
    }

    @Test
    void aServerThatStopsAnswersThoseWhoWait() throws Exception {
        task("answer.wait", "25s");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<RawClient.Answer> waiting = threads.submit(() -> send("a=1"));
            assertThat(sink.entered.await(10, TimeUnit.SECONDS)).isTrue();
            server.stop(Duration.ofSeconds(10));
            RawClient.Answer answer = waiting.get();
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.header("connection")).isEqualTo("close");
        }
        start(); // for the one that is stopped after each test
    }

    @Test
    void whatCannotBeIsRefusedWithTheWayOut() {
        assertThat(wrong("answer.status", "302")).contains("answer.status", "200 to 299");
        assertThat(wrong("answer.status", "204", "answer.body", "x")).contains("answer.body", "204", "no body");
        assertThat(wrong("answer.body", "{git.branch}")).contains("{git.branch}", "answer.wait");
        assertThat(wrong("answer.body", "{status}")).contains("{status}", "answer.wait");
        assertThat(wrong("answer.body", "{{\"a\": {execution}")).contains("answer.body", "no JSON");
        assertThat(wrong("answer.body", "{{\"a\": \"\\{execution}\"}}")).contains("backslash");
        assertThat(wrong("answer.body", "{header(Authorization)}")).contains("credential");
        assertThat(wrong("answer.wait", "26s")).contains("answer.wait", "25s");
        assertThat(wrong("answer.contentType", "text/plain")).contains("answer.body");
        for (String type :
                List.of("nonsense", "text/plain\r\nX-A: b", "text/plain;\nx", "text/ü", "a/b; charset=latin1")) {
            assertThat(wrong("answer.body", "x", "answer.contentType", type)).contains("answer.contentType");
        }
    }

    /** Reads {@code name=value} pairs; {@code id} names the delivery. */
    private static final class Pairs implements HookType {
        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Pairs", "Pairs.", ConfigDef.of());
        }

        private static Map<String, String> pairs(String text) {
            Map<String, String> pairs = new HashMap<>();
            for (String pair : text.split("&")) {
                pairs.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
            }
            return pairs;
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(Trigger.http((call, trigger) -> {
                        Invocation invocation = Invocation.of(call.toPayload());
                        String id = pairs(call.toPayload().text()).get("id");
                        return HttpReply.accepted(trigger.emit(id == null ? invocation : invocation.dedupKey(id)));
                    }));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext how) {
                    return ExecutionResult.completed(
                            HookEvent.of(pairs(execution.payload().text())));
                }
            };
        }
    }

    /** Takes nothing before it is opened. */
    private static final class HeldSink implements EventSink {
        private final CountDownLatch open = new CountDownLatch(1);
        private final CountDownLatch entered = new CountDownLatch(1);
        private final AtomicInteger calls = new AtomicInteger();
        private volatile DeliveryResult result = DeliveryResult.delivered("");

        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of("held", "Holds.", ConfigDef.of());
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) throws InterruptedException {
            calls.incrementAndGet();
            entered.countDown();
            open.await();
            return result;
        }
    }
}
