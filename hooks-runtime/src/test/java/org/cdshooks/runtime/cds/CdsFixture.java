package org.cdshooks.runtime.cds;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;
import org.cdshooks.testbed.cds.FakeCdsApi;

/** What tests of this package have in common. */
final class CdsFixture {
    private static final byte[] STATUS =
            ("{\"now\":\"2026-11-24T02:50:44.973179065Z\",\"lines\":[{\"status\":\"OK\",\"component\":\"Version\","
                            + "\"value\":\"1.2.3\",\"type\":\"\"}]}")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private CdsFixture() {}

    static CdsSettings settings(String url) {
        return settings(url, FakeCdsApi.TOKEN, Duration.ofSeconds(10), 50);
    }

    static CdsSettings settings(String url, String token, Duration timeout, int maxDelete) {
        return new CdsSettings(
                URI.create(url),
                Secret.of(token),
                false,
                timeout,
                "hooks1",
                URI.create("http://127.0.0.1:28083"),
                Duration.ofSeconds(30),
                3,
                Duration.ofHours(1),
                maxDelete,
                "1.2.3",
                JsonNodeFactory.instance.objectNode().put("name", "hooks1"));
    }

    static Registration registration(CdsApi api, CdsSettings settings) {
        return new Registration(api, settings, STATUS::clone);
    }

    /** Registers, and gives the API's client the hash. */
    static void register(CdsApi api, CdsSettings settings) throws Exception {
        api.authenticateBy(registration(api, settings).register().hash());
    }

    /** A clock that moves when a test turns it. */
    static final class TurnedClock implements InstantSource {
        private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        void turn(Duration by) {
            now = now.plus(by);
        }
    }

    /** What a node offers that has one service. */
    static NodeContext node(InstantSource clock, Map<Class<?>, Object> services) {
        Map<Class<?>, Object> all = new HashMap<>(services);
        return new NodeContext() {
            @Override
            public InstantSource clock() {
                return clock;
            }

            @Override
            public <S> Optional<S> service(Class<S> type) {
                return Optional.ofNullable(all.get(type)).map(type::cast);
            }
        };
    }

    /** A hook type for requests, or, with a model of its own, for times. */
    record Bell(String name, String model, boolean rings) implements HookType {
        static final ConfigOption<String> TONE =
                ConfigOption.string("tone", "How it sounds.").where(tone -> !tone.equals("wrong"), "must not be wrong");

        static final List<Bell> ALL = List.of(new Bell("Bell", "WebHook", false), new Bell("Clock", "Scheduler", true));

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of(name, "A fake.", ConfigDef.of(TONE)).servesModels(model);
        }

        @Override
        public Hook create(Task task, HookContext context) {
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    return List.of(
                            rings
                                    ? Trigger.timer(Schedule.every(Duration.ofHours(1)))
                                    : Trigger.http((call, http) ->
                                            HttpReply.accepted(http.emit(Invocation.of(call.toPayload())))));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext running) {
                    return ExecutionResult.completed(
                            HookEvent.of(Map.of("body", execution.payload().text())));
                }
            };
        }
    }
}
