package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;

/** A sink that keeps what it gets, and answers as a test says. */
final class FakeSink implements EventSink {
    static final ConfigOption<String> URL = ConfigOption.string("sink.url", "Where to.");
    static final ConfigOption<Secret> TOKEN = ConfigOption.secret("sink.token", "What proves it.");

    /** How it answers. */
    @FunctionalInterface
    interface Answer {
        DeliveryResult to(Delivery delivery) throws Exception;
    }

    private final String name;
    volatile Answer answer = delivery -> DeliveryResult.delivered("ok");
    final List<Delivery> seen = new CopyOnWriteArrayList<>();

    FakeSink(String name) {
        this.name = name;
    }

    @Override
    public SinkDescriptor descriptor() {
        return SinkDescriptor.of(name, "A fake.", ConfigDef.of(URL, TOKEN));
    }

    @Override
    public DeliveryResult deliver(Delivery delivery) throws Exception {
        seen.add(delivery);
        return answer.to(delivery);
    }

    List<String> keys() {
        return seen.stream().map(Delivery::idempotencyKey).toList();
    }
}
