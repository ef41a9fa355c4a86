package org.cdshooks.plugin.rabbitmq;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RabbitMqContractTest extends HookTypeContract {
    private static final String QUEUE = Broker.queue();

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
        return true;
    }

    @Override
    protected boolean ignoresThread(String name) {
        // those of the broker, which makes some of them when it is first asked for something
        return !name.startsWith("rabbitmq-");
    }
}
