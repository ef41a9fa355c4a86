package org.cdshooks.plugin.rabbitmq;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RabbitMqContractTest extends HookTypeContract {
    private static final String QUEUE = Broker.queue();
    private static final AtomicLong SENT = new AtomicLong();

    @BeforeAll
    static void declare() {
        Broker.get().declare(QUEUE);
    }

    @Override
    protected HookType type() {
        return new RabbitMqHookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("uri", Broker.get().uri(), "user", Broker.USER, "password", Broker.PASSWORD, "queue", QUEUE);
    }

    @Override
    protected boolean provokeListener() {
        Broker.get().send(QUEUE, "{\"a\":1}");
        SENT.incrementAndGet();
        return true;
    }

    /** Qpid counts what a consumer holds and has not acknowledged as part of the queue; RabbitMQ does not. */
    @Override
    protected OptionalLong acknowledged() {
        return Broker.isRealOne()
                ? OptionalLong.empty()
                : OptionalLong.of(SENT.get() - Broker.get().depth(QUEUE));
    }

    @Override
    protected boolean ignoresThread(String name) {
        // those of the broker, which makes some of them when it is first asked for something
        return !name.startsWith("rabbitmq-");
    }
}
