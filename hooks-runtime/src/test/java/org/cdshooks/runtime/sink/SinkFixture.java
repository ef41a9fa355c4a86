package org.cdshooks.runtime.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.HookConfig;

/** A started http sink with a turned clock, made-up names and an allow list. */
final class SinkFixture implements AutoCloseable {
    static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

    final TurnedClock clock = new TurnedClock();
    final HttpEventSink sink;

    SinkFixture(List<String> allowed) throws Exception {
        this(allowed, InetAddress::getAllByName, Optional.empty());
    }

    SinkFixture(List<String> allowed, VettingResolver.Lookup lookup, Optional<SSLContext> tls) throws Exception {
        sink = new HttpEventSink(lookup, tls);
        sink.start(node(clock, allowed));
    }

    static NodeContext node(InstantSource clock, List<String> allowed) {
        SinkSettings settings = new SinkSettings() {
            @Override
            public List<Cidr> allowed() {
                return allowed.stream().map(Cidr::parse).toList();
            }

            @Override
            public String version() {
                return "1.2.3";
            }
        };
        return new NodeContext() {
            @Override
            public InstantSource clock() {
                return clock;
            }

            @Override
            public <S> Optional<S> service(Class<S> type) {
                return type.isInstance(settings) ? Optional.of(type.cast(settings)) : Optional.empty();
            }
        };
    }

    static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] all = new InetAddress[literals.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = InetAddress.ofLiteral(literals[i]);
        }
        return all;
    }

    HookConfig config(String url, String... more) {
        return config(sink, url, more);
    }

    private static HookConfig config(EventSink sink, String url, String... more) {
        Map<String, String> values = new HashMap<>();
        values.put("sink.url", url);
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return sink.descriptor().config().parse(values);
    }

    DeliveryResult deliver(String url, String... more) throws Exception {
        return deliver(delivery(url, more));
    }

    EventSink.Delivery delivery(String url, String... more) {
        return delivery(
                config(url, more),
                HookEvent.of(Map.of("git.branch", "main", "a", "\"x\"\n")),
                clock.instant().plusSeconds(120));
    }

    /** Delivers on a virtual thread, as the contract says. */
    DeliveryResult deliver(EventSink.Delivery delivery) throws Exception {
        try {
            return start(delivery).get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    CompletableFuture<DeliveryResult> start(EventSink.Delivery delivery) {
        CompletableFuture<DeliveryResult> result = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(sink.deliver(delivery));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    static EventSink.Delivery delivery(HookConfig config, HookEvent event, Instant deadline) {
        Task task = new Task() {
            @Override
            public TaskId id() {
                return new TaskId("0a1b2c");
            }

            @Override
            public String type() {
                return "Webhook";
            }

            @Override
            public long revision() {
                return 1;
            }

            @Override
            public HookConfig config() {
                return config;
            }
        };
        return new EventSink.Delivery() {
            @Override
            public Task task() {
                return task;
            }

            @Override
            public HookConfig config() {
                return config;
            }

            @Override
            public ExecutionId execution() {
                return new ExecutionId("hooks:tasks:executions:Webhook:0a1b2c:1700000000000000001");
            }

            @Override
            public long timestamp() {
                return 1700000000000000001L;
            }

            @Override
            public int attempt() {
                return 2;
            }

            @Override
            public HookEvent event() {
                return event;
            }

            @Override
            public String idempotencyKey() {
                return execution().value() + "/2";
            }

            @Override
            public Instant deadline() {
                return deadline;
            }
        };
    }

    void turn(Duration by) {
        clock.turn(by);
    }

    @Override
    public void close() {
        sink.stop();
    }
}
