package org.cdshooks.runtime.http;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A listening server over a real engine and a store on disk, with a hook type that remembers what reached it. */
abstract class RunningServerTest extends ServerTest {
    @TempDir
    Path data;

    final Recorder hook = new Recorder();
    private TaskStore store;
    private Engine real;

    @Override
    HttpServices services() {
        return new HttpServices(
                real.tasks(),
                real.executions(),
                real.endpoints(),
                real.requests(),
                real::status,
                real::stopped,
                List::of,
                real::maintenance,
                () -> real.plugins().report(),
                model -> real.plugins().hookTypeForModel(model).map(Loaded::name),
                InstantSource.system(),
                List.of());
    }

    @Override
    @BeforeEach
    void start() {
        store = LocalStores.open(data, InstantSource.system(), System::nanoTime, LocalOptions.DEFAULT);
        real = new Engine(
                store,
                PluginRegistry.of(List.of(hook), List.of(new Nowhere())),
                EngineConfig.defaults(URI.create("http://hooks.test")),
                InstantSource.system());
        real.start();
        super.start();
    }

    @Override
    @AfterEach
    void stop() {
        super.stop();
        real.stop(Duration.ofMillis(500));
        store.close();
    }

    @Override
    void webhook(String id, String method) {
        webhook(id, method, Map.of());
    }

    void webhook(String id, String method, Map<String, String> options) {
        Map<String, ConfigValue> config =
                new HashMap<>(Map.of("method", ConfigValue.of(method), "sink", ConfigValue.of("nowhere")));
        options.forEach((name, value) -> config.put(name, ConfigValue.of(value)));
        real.tasks().put(new TaskId(id), "Webhook", config);
    }

    /** The behaviour of the hook when a request comes. */
    @FunctionalInterface
    interface Answer {
        HttpReply to(HttpCall call, TriggerContext trigger) throws InterruptedException;
    }

    /** A hook type that takes everything and remembers it. */
    static final class Recorder implements HookType {
        private static final ConfigOption<String> METHOD = ConfigOption.string("method", "The method.");
        private static final ConfigOption<Integer> MAX_BODY =
                ConfigOption.integer("maxBody", "The largest body.").withDefault(1 << 20);

        final List<HttpCall> calls = new CopyOnWriteArrayList<>();
        final CountDownLatch entered = new CountDownLatch(1);
        volatile Answer answer = this::accept;
        volatile Runnable atCreate = () -> {};

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of("Webhook", "Remembers.", ConfigDef.of(METHOD, MAX_BODY));
        }

        HttpReply accept(HttpCall call, TriggerContext trigger) throws InterruptedException {
            return HttpReply.accepted(trigger.emit(Invocation.of(call.toPayload())));
        }

        @Override
        public Hook create(Task task, HookContext context) {
            atCreate.run();
            return new Hook() {
                @Override
                public List<Trigger> triggers() {
                    Trigger.Http http = Trigger.http((call, trigger) -> {
                        calls.add(call);
                        entered.countDown();
                        return answer.to(call, trigger);
                    });
                    Optional<String> method = task.config().find(METHOD);
                    return List.of((method.isPresent() ? http.methods(method.get()) : http)
                            .maxBody(task.config().get(MAX_BODY)));
                }

                @Override
                public ExecutionResult execute(TaskExecution execution, ExecutionContext how) {
                    return ExecutionResult.completed(HookEvent.of(Map.of()));
                }
            };
        }
    }

    private static final class Nowhere implements EventSink {
        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of("nowhere", "Drops.", ConfigDef.of());
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            return DeliveryResult.delivered("");
        }
    }
}
