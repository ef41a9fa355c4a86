package org.cdshooks.runtime.engine;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.task.TaskRecord;

/** Makes hooks of tasks. All of it may run code of plugins, so it is called within {@link Bounded}. */
final class HookMaker {
    private final TaskConfigs configs;
    private final EngineConfig node;
    private final NodeContext context;

    HookMaker(TaskConfigs configs, EngineConfig node, NodeContext context) {
        this.configs = configs;
        this.node = node;
        this.context = context;
    }

    /**
     * Makes the hook of a task.
     *
     * @throws org.cdshooks.api.config.InvalidConfigException if its config is wrong
     * @throws PluginFailure if the hook type's code failed
     */
    LiveHook make(TaskRecord task) throws PluginFailure, InterruptedException {
        return make(task, configs.read(task));
    }

    /** Makes a hook with a config that has been read. */
    LiveHook make(TaskRecord task, TaskConfig config) throws PluginFailure, InterruptedException {
        LiveHook.Revision revision = new LiveHook.Revision(task.id(), task.type(), task.revision(), config.hook());
        HookContext hookContext = new OfTask(context, endpoint(task.id()));
        return config.type().call(type -> {
            Hook hook = requireNonNull(type.create(revision, hookContext), "create returned null");
            return new LiveHook(task, config, hook, byMechanism(hook.triggers()));
        });
    }

    /** Returns where the world reaches a task. */
    URI endpoint(TaskId task) {
        // of the characters of an id only the slash means something else in a path
        return URI.create(node.urlPublic() + "/webhook/" + task.value().replace("/", "%2F"));
    }

    private static LiveHook.Triggers byMechanism(List<Trigger> triggers) {
        Optional<Trigger.Http> http = Optional.empty();
        Optional<Trigger.Timer> timer = Optional.empty();
        Optional<Trigger.Listening> listening = Optional.empty();
        Set<String> names = new HashSet<>();
        for (Trigger trigger : triggers) {
            if (!names.add(trigger.name())) {
                throw new IllegalStateException("two triggers are named '" + trigger.name() + "'");
            }
            switch (trigger) {
                case Trigger.Http h -> http = Optional.of(h);
                case Trigger.Timer t -> timer = Optional.of(t);
                case Trigger.Listening l -> listening = Optional.of(l);
            }
        }
        return new LiveHook.Triggers(http, timer, listening);
    }

    /** What a hook gets of its host. */
    private record OfTask(NodeContext node, URI endpoint) implements HookContext {
        @Override
        public InstantSource clock() {
            return node.clock();
        }

        @Override
        public <S> Optional<S> service(Class<S> type) {
            return node.service(type);
        }
    }

    /** Reads a config that is stored. */
    TaskConfig read(TaskRecord task) throws PluginSuspended, InterruptedException {
        return configs.read(task);
    }

    /** Reads and checks a config that is to be stored. */
    TaskConfig check(TaskRecord task) throws PluginSuspended, InterruptedException {
        return configs.check(task);
    }
}
