package org.cdshooks.api;

import java.util.List;
import java.util.Map;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/**
 * A kind of hook: webhook, scheduler, Kafka listener, or one the runtime has never heard of.
 *
 * <p>Implementations are found with {@link java.util.ServiceLoader}: a jar names them in {@code
 * META-INF/services/org.cdshooks.api.HookType}, and each needs a public no-argument constructor that
 * does no work. The runtime makes one instance per node and calls {@link #start} once, then {@link
 * #create} any number of times from any thread, then {@link #stop} once.
 *
 * <p>A whole hook type, which fires when somebody rings:
 *
 * {@snippet file="org/cdshooks/api/snippets/DoorbellHookType.java" region="type"}
 */
@ImplementedByPlugins
public interface HookType {

    /**
     * Describes this type: its name, its documentation, its options.
     *
     * @return the same value on every call, before and after {@link #start}
     */
    HookTypeDescriptor descriptor();

    /**
     * Prepares what all hooks of this type share on this node, such as a client pool.
     *
     * @param node stays valid until {@link #stop}
     * @throws Exception if the type cannot work here; it is then reported as failed, and the rest of
     *     the runtime starts without it
     */
    default void start(NodeContext node) throws Exception {}

    /**
     * Checks what a single option cannot check alone. Called before a task is stored, so that its
     * author gets the answer; it must not do I/O.
     *
     * @param config options that have each passed their own checks
     * @return the problems found; empty if there are none
     */
    default List<ConfigProblem> validate(HookConfig config) {
        return List.of();
    }

    /**
     * Creates the hook of one task. The runtime calls this on any node, whenever it likes, and may
     * drop the result unused; so it does no I/O and starts no thread. Connect in {@link
     * Listener#listen} or {@link Hook#execute}.
     *
     * @param task the task in its current revision; a new revision gets a new hook
     * @param context stays valid until the hook is stopped
     * @return a new hook
     * @throws IllegalStateException if this node cannot run it, such as for want of a service; the task
     *     is then shown as failed with that message
     */
    Hook create(Task task, HookContext context);

    /**
     * Works out options that the task leaves blank and that people are to see, such as the name under which a broker knows it.
     * Called before a task is stored; may ask services of the host, within a few seconds. If it fails, the task is stored
     * without, so {@link #create} can't rely on it.
     *
     * @param task the task as it is to be stored
     * @return values by the names of options; those that the task gives itself are ignored
     * @throws Exception if they can't be worked out now
     */
    @Experimental(decideBy = "1.2")
    default Map<String, String> complete(Task task) throws Exception {
        return Map.of();
    }

    /**
     * Releases what {@link #start} acquired. All hooks of this type have been stopped before.
     *
     * @throws Exception if something could not be released; logged
     */
    default void stop() throws Exception {}
}
