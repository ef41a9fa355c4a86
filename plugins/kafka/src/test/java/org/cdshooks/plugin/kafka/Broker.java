package org.cdshooks.plugin.kafka;

import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.testbed.KafkaBroker;

/** The one broker of all tests of this module: it takes seconds to start. */
final class Broker {
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private Broker() {}

    private static final class Holder {
        static final KafkaBroker ONE = KafkaBroker.start();
    }

    static KafkaBroker get() {
        return Holder.ONE;
    }

    /** Makes a topic that no other test uses. */
    static String topic(int partitions) {
        String name = "topic-" + TOPICS.incrementAndGet();
        get().createTopic(name, partitions);
        return name;
    }
}
