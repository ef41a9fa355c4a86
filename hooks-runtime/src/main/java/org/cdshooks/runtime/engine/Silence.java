package org.cdshooks.runtime.engine;

import java.util.Set;
import java.util.TreeSet;
import org.cdshooks.api.HookType;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * What is remembered of tasks that do not listen, so that a start need not make the hook of each stored task to find the
 * few that do. Whether a hook listens follows from its task's config, the code of its plugin, and what the node adds: its
 * defaults and its services. The last three are noted with the task; when one of them is another, nothing is known.
 */
final class Silence {
    private final String node;

    /**
     * Takes what the node adds.
     *
     * @param config with the defaults of options
     * @param services what hook types may ask the host for
     */
    Silence(EngineConfig config, Set<Class<?>> services) {
        Set<String> names = new TreeSet<>();
        services.forEach(service -> names.add(service.getName()));
        // the hashes of strings are the same in every JVM
        this.node = Integer.toHexString(31 * config.defaults().hashCode() + names.hashCode());
    }

    /** Notes what has been seen of the hook of a task. */
    TaskRecord noted(TaskRecord task, LiveHook seen) {
        boolean listens = seen.triggers().listening().isPresent();
        return task.silentIn(listens ? "" : circumstances(seen.config().type()));
    }

    /** Tells whether the hook of a stored task is known not to listen. */
    boolean isKnown(TaskRecord task, Loaded<HookType> type) {
        return task.silentIn().equals(circumstances(type));
    }

    private String circumstances(Loaded<HookType> type) {
        return type.build() + "/" + node;
    }
}
