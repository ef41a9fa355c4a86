package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.cdshooks.api.Schedule;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server over a real engine, whose store remembers what was asked of it. */
class RehearsalApiTest extends ServerTest {
    private static final TaskId TASK = new TaskId("build");
    private static final Set<String> READS =
            Set.of("task", "tasks", "cursor", "execution", "executions", "counts", "pausedUntil");

    private final TaskStore store = LocalStores.memory(InstantSource.system());
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Lines lines = new Lines();
    private final CountingSink sink = new CountingSink();
    private final Engine real = new Engine(
            watched(),
            PluginRegistry.of(List.of(lines, new Ticker()), List.of(sink)),
            EngineConfig.defaults(URI.create("http://hooks.test")),
            InstantSource.system());

    private TaskStore watched() {
        return (TaskStore) Proxy.newProxyInstance(
                TaskStore.class.getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    HttpServices services() {
        return engine.services(real, engine.services().clock());
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Takes requests that know its key; each line of one becomes an event, with the line as its branch. */
    private static final class Lines implements HookType {
        static final ConfigOption<Secret> KEY = ConfigOption.secret("key", "What senders prove themselves by.");
        final List<String> stopped = new CopyOnWriteArrayList<>();

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Lines", "Lines of a request.", ConfigDef.of(KEY));
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(Trigger.http((call, emitter) -> {
                                String key = task.config()
                                        .find(KEY)
                                        .map(Secret::reveal)
                                        .orElse("");
                                if (!call.header("X-Key").orElse("").equals(key)) {
                                    return HttpReply.of(401, "X-Key is wrong");
                                }
                                return HttpReply.accepted(emitter.emit(Invocation.of(call.toPayload())
                                        .dedupKey(call.header("X-Delivery").orElse("none"))));
                            })
                            .methods("POST")
                            .maxBody(100));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
                    String text = execution.payload().text();
                    return switch (text) {
                        case "nothing" -> ExecutionResult.skipped("nothing to do");
                        case "bad" -> ExecutionResult.rejected("no lines");
                        case "crash" -> throw new IllegalStateException("the source is away");
                        default ->
                            ExecutionResult.completed(text.lines()
                                            .map(line -> HookEvent.of(Map.of("git.branch", line)))
                                            .toList())
                                    .cursor("further");
                    };
                }

                @Override
                public void stop() {
                    stopped.add(task.id().value());
                }
            };
        }
    }

    /** Fires by time alone. */
    private static final class Ticker implements HookType {
        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Ticker", "Ticks.", ConfigDef.of());
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(Trigger.timer(Schedule.every(Duration.ofHours(1))));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
                    return ExecutionResult.completed(HookEvent.of(Map.of("tick", "1")));
                }
            };
        }
    }

    private static final class CountingSink implements EventSink {
        final List<Delivery> seen = new CopyOnWriteArrayList<>();

        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of(
                    "count",
                    "Counts.",
                    ConfigDef.of(
                            ConfigOption.string("sink.url", "Where to."),
                            ConfigOption.secret("sink.token", "A secret.")));
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            seen.add(delivery);
            return DeliveryResult.delivered("ok");
        }
    }

    private void put(String type, String... namesAndValues) {
        Map<String, ConfigValue> config = new TreeMap<>(Map.of("sink", ConfigValue.of("count")));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            config.put(namesAndValues[i], ConfigValue.of(namesAndValues[i + 1]));
        }
        real.tasks().put(TASK, type, config);
    }

    /** All of a store that a rehearsal could have changed. */
    private List<Object> stored() {
        List<Object> all = new ArrayList<>();
        all.add(store.tasks(Optional.empty(), 100));
        all.add(store.counts());
        all.add(store.cursor(TASK));
        store.executions(TASK, Long.MAX_VALUE, 100)
                .forEach(e -> all.add(e + " " + e.lastError() + e.processedAt() + e.events()));
        all.add(store.nextDue());
        all.add(store.nextLeaseEnd());
        return all;
    }

    /** Every rehearsal of these tests leaves everything as it was. */
    private RawClient.Answer test(String body) {
        List<Object> before = stored();
        calls.clear();
        RawClient.Answer answer = admin("POST", "/task/build/test", body);
        assertThat(calls).as("what was asked of the store").isSubsetOf(READS);
        assertThat(stored()).as("what is stored").isEqualTo(before);
        assertThat(sink.seen).as("what was delivered").isEmpty();
        return answer;
    }

    private JsonNode tested(String body) {
        RawClient.Answer answer = test(body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return json(answer);
    }

    private long accepted(String type, String body) {
        ExecutionKey key = new ExecutionKey(type, TASK, 1_795_505_229_583_378_082L);
        Execution execution = Execution.of(
                key,
                "http",
                Map.of(),
                org.cdshooks.api.Payload.of("text/plain", body.getBytes(UTF_8)).withAttribute("x-event", "push"));
        return ((AcceptResult.Stored) store.accept(execution, AcceptTerms.ANY))
                .execution()
                .key()
                .timestamp();
    }

    // ------------------------------------------------------------------------------------------------ requests

    @Test
    void aRequestShowsWhatWouldComeOfItAndDoesNothing() {
        put(
                "Lines",
                "key",
                "k",
                "filter.branches",
                "main",
                "map.set.event",
                "{header(X-Event)}",
                "sink.url",
                "http://there",
                "sink.token",
                "t");
        JsonNode answer = tested("{\"request\":{\"method\":\"POST\",\"headers\":{\"X-Key\":\"k\",\"X-Event\":\"push\","
                + "\"X-Delivery\":\"7\"},\"query\":\"a=b\",\"body\":\"main\\ndev\"}}");

        assertThat(answer.toString())
                .isEqualTo("{\"answer\":{\"accepted\":true,\"status\":200},\"executions\":[{\"trigger\":\"http\","
                        + "\"delivery\":\"7\",\"result\":\"completed\",\"events\":["
                        + "{\"before\":{\"git.branch\":\"main\"},\"passed\":true,"
                        + "\"after\":{\"event\":\"push\",\"git.branch\":\"main\"}},"
                        + "{\"before\":{\"git.branch\":\"dev\"},\"passed\":false,\"stopped_by\":\"filter.branches\","
                        + "\"reason\":\"branch 'dev' matches none of main\"}]}],"
                        + "\"sink\":{\"name\":\"count\",\"config\":{\"sink.token\":\"**********\","
                        + "\"sink.url\":\"http://there\"}},\"notes\":[]}");
        assertThat(lines.stopped).as("the hook that was made for it").containsExactly("build");
    }

    @Test
    void whatARealRequestMeetsARehearsedOneMeets() {
        put("Lines", "key", "k");
        assertThat(tested("{\"request\":{}}").path("answer").toString())
                .isEqualTo("{\"accepted\":false,\"status\":401,\"message\":\"X-Key is wrong\"}");
        assertThat(tested("{\"request\":{\"method\":\"get\"}}").path("answer").toString())
                .isEqualTo("{\"accepted\":false,\"status\":405,\"message\":\"GET is not taken; POST is\"}");
        assertThat(tested("{\"request\":{\"body\":\"" + "x".repeat(101) + "\"}}")
                        .path("answer")
                        .toString())
                .isEqualTo("{\"accepted\":false,\"status\":413,\"message\":\"the body has more than 100 bytes\"}");
    }

    @Test
    void whatDoesNotYieldEventsSaysWhy() {
        put("Lines");
        Map.of(
                        "nothing", "\"result\":\"skipped\",\"reason\":\"nothing to do\"",
                        "bad", "\"result\":\"rejected\",\"reason\":\"no lines\"",
                        "crash", "\"result\":\"failed\",\"reason\":\"IllegalStateException: the source is away\"")
                .forEach((body, told) -> assertThat(tested("{\"request\":{\"body\":\"" + body + "\"}}")
                                .toString())
                        .contains(told + ",\"events\":[]"));
    }

    @Test
    void aJsonBodyMayBeWrittenAsJson() {
        put("Lines", "map.set.type", "{header(Content-Type)}");

        assertThat(tested("{\"request\":{\"body\":{\"a\":[1.50,\"<\"]}}}")
                        .path("executions")
                        .get(0)
                        .path("events")
                        .get(0)
                        .path("after")
                        .toString())
                .isEqualTo("{\"git.branch\":\"{\\\"a\\\":[1.50,\\\"\\\\u003c\\\"]}\",\"type\":\"application/json\"}");
    }

    @Test
    void aTypeThatTakesNoRequestsSaysThatAnExecutionIsNeeded() {
        put("Ticker");
        assertThat(tested("{\"request\":{}}").path("answer").toString())
                .isEqualTo(
                        "{\"accepted\":false,\"status\":404,\"message\":\"this task takes no requests; what else fires "
                                + "it can't be tried out without firing it: name an execution to see what would become of that\"}");
    }

    // ------------------------------------------------------------------------------------------------ executions

    @Test
    void anExecutionThatCameInIsInterpretedAnew() {
        put("Lines", "filter", "header(X-Event) == 'push' and git.branch != 'dev'");
        long timestamp = accepted("Lines", "main\ndev");
        JsonNode answer = tested("{\"execution\":" + timestamp + "}");

        assertThat(answer.has("answer")).isFalse();
        JsonNode events = answer.path("executions").get(0).path("events");
        assertThat(events.get(0).path("passed").asBoolean()).isTrue();
        assertThat(events.get(1).path("stopped_by").asText()).isEqualTo("filter");
        assertThat(events.get(1).path("reason").asText())
                .isEqualTo("git.branch != 'dev' does not hold; git.branch is 'dev'");
        assertThat(tested("{\"execution\":\"" + timestamp + "\"}")).isEqualTo(answer);
    }

    @Test
    void aDraftIsTriedInsteadOfTheStoredConfigWithItsSecrets() {
        put("Lines", "key", "k", "filter.branches", "main");
        String request = "\"request\":{\"headers\":{\"x-key\":[\"k\"]},\"body\":\"dev\"}";

        assertThat(tested("{" + request + "}").toString()).contains("\"passed\":false");
        assertThat(tested("{" + request + ",\"config\":{\"sink\":\"count\",\"key\":\"**********\","
                                + "\"filter.branches\":{\"value\":\"dev\"}}}")
                        .toString())
                .contains("\"passed\":true");
    }

    @Test
    void aStoppedTaskIsTriedWithANote() {
        put("Lines");
        var _ = real.tasks().stop(TASK);

        assertThat(tested("{\"request\":{\"body\":\"main\"}}").toString())
                .contains("\"passed\":true")
                .contains("\"notes\":[\"the task is stopped: until it is started, what comes in ends as skipped\"]");
    }

    // ------------------------------------------------------------------------------------------------ what is wrong

    @Test
    void aBadDraftIsToldWithTheColumn() {
        put("Lines");
        JsonNode error =
                error(test("{\"request\":{},\"config\":{\"sink\":\"count\",\"filter\":\"git.branch == main\"}}"), 400);

        assertThat(error.path("problems").toString())
                .isEqualTo(
                        "[{\"option\":\"filter\",\"message\":\"column 15: a text in quotes is expected after ==, such as "
                                + "'main', not main\"}]");
    }

    @Test
    void aBadFilterIsRefusedWhenATaskIsMade() {
        JsonNode error = error(
                admin("POST", "/task", "{\"type\":\"Lines\",\"config\":{\"sink\":\"count\",\"filter\":\"(a exists\"}}"),
                400);

        assertThat(error.path("message").asText()).isEqualTo("wrong request: filter: column 1: this ( is never closed");
        assertThat(store.tasks(Optional.empty(), 10)).isEmpty();
    }

    @Test
    void whatIsWrongWithATestIsToldAtOnce() {
        put("Lines");
        JsonNode error = error(
                test("{\"request\":{\"method\":\"FLY\",\"path\":\"x\",\"headers\":{\"a\":1},\"body\":1,\"url\":\"\"},"
                        + "\"execution\":1.5,\"more\":1,\"config\":[]}"),
                400);

        assertThat(error.path("problems").findValuesAsText("option"))
                .containsExactlyInAnyOrder(
                        "more",
                        "request",
                        "config",
                        "request.url",
                        "request.headers",
                        "request.body",
                        "request.method",
                        "request.path",
                        "execution");
        error(test("{}"), 400);
        error(test("[]"), 400);
    }

    @Test
    void whatIsNotThereIs404() {
        error(admin("POST", "/task/nope/test", "{\"request\":{}}"), 404);
        error(admin("POST", "/task/nope/test", "{\"execution\":1}"), 404);
        put("Lines");
        assertThat(error(test("{\"execution\":1}"), 404).path("message").asText())
                .contains("no execution");
        error(test("{\"execution\":\"9999999999999999999\"}"), 404);
        error(anonymous("POST", "/task/build/test", "{\"request\":{}}"), 401);
        error(get("/task/build/test"), 405);
    }
}
