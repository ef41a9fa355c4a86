package org.cdshooks.api;

import java.time.Instant;
import java.util.List;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/**
 * Where hook events go: an HTTP endpoint, the log, an API that starts workflows.
 *
 * <p>Implementations are found with {@link java.util.ServiceLoader} like hook types: a jar names them in {@code
 * META-INF/services/org.cdshooks.api.EventSink}. A task chooses one by its option {@code sink}; the options of the
 * sink stand beside those of the hook type, their names beginning with {@code sink.}. The runtime makes one instance
 * per node and calls {@link #start} once, then {@link #deliver} from many threads, then {@link #stop} once.
 *
 * {@snippet file="org/cdshooks/api/snippets/SnippetsTest.java" region="sink"}
 */
@ImplementedByPlugins
@Experimental(decideBy = "1.2")
public interface EventSink {

    /**
     * Describes this sink: its name, its documentation, its options.
     *
     * @return the same value on every call
     */
    SinkDescriptor descriptor();

    /**
     * Prepares what all deliveries share, such as a client pool.
     *
     * @param node stays valid until {@link #stop}
     * @throws Exception if the sink cannot work here; it is then reported as failed, and the rest starts without it
     */
    default void start(NodeContext node) throws Exception {}

    /**
     * Checks what a single option cannot check alone. Called before a task is stored; does no I/O.
     *
     * @param config the sink's options, each of which has passed its own check
     * @return the problems found; empty if there are none
     */
    default List<ConfigProblem> validate(HookConfig config) {
        return List.of();
    }

    /**
     * Delivers one event. Called at least once per event, on a virtual thread of its own, which is interrupted at the
     * deadline.
     *
     * @param delivery what to deliver
     * @return what came of it
     * @throws Exception if it was not delivered and a later attempt may succeed, like {@link DeliveryResult#retry}
     */
    DeliveryResult deliver(Delivery delivery) throws Exception;

    /**
     * Releases what the sink holds. Called once, at the end.
     *
     * @throws Exception if something could not be released; logged
     */
    default void stop() throws Exception {}

    /** One event of one execution, on its way. */
    @ProvidedByRuntime
    interface Delivery {

        /**
         * Returns the task that fired, in its current revision.
         *
         * @return the task
         */
        Task task();

        /**
         * Returns the options of this sink that the task gives.
         *
         * @return the options, checked and with defaults
         */
        HookConfig config();

        /**
         * Returns the execution that yielded the event.
         *
         * @return its id
         */
        ExecutionId execution();

        /**
         * Returns the execution's timestamp: when it was accepted or due.
         *
         * @return nanoseconds since the epoch
         */
        long timestamp();

        /**
         * Returns the number of this attempt at the execution.
         *
         * @return 1 at first
         */
        int attempt();

        /**
         * Returns the event.
         *
         * @return the event
         */
        HookEvent event();

        /**
         * Returns a key that is the same each time this event is delivered and unlike all others: the execution's id,
         * with {@code /<n>} behind it from the second event of one execution on.
         *
         * @return the key
         */
        String idempotencyKey();

        /**
         * Returns when this attempt is cancelled at the latest.
         *
         * @return the deadline
         */
        Instant deadline();
    }
}
