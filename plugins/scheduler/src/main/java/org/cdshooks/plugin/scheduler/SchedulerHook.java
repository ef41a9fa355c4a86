package org.cdshooks.plugin.scheduler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.HookConfig;

/**
 * The hook of one scheduler task. An execution yields one event, the same whatever brought it about: the values of the
 * option {@code payload}, then what the task carries besides its options, then who triggered it, the later ones winning.
 */
final class SchedulerHook implements Hook {
    /** What CDS sends with each task and keeps out of payloads; the options of this type are no extras anyway. */
    private static final Set<String> ROUTING = Set.of("project", "workflow", "sink");

    private final HookConfig config;
    private final List<Trigger> triggers;

    /**
     * Creates the hook.
     *
     * @throws IllegalStateException if this machine cannot make its schedule
     */
    SchedulerHook(HookConfig config) {
        this.config = config;
        this.triggers = List.of(SchedulerOptions.triggerOf(config));
    }

    @Override
    public List<Trigger> triggers() {
        return triggers;
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) {
        Map<String, String> values = new TreeMap<>();
        // A payload that is no JSON is refused when a task is stored; a task of CDS that has one still fires without
        // it.
        SchedulerOptions.payload(config)
                .ifPresent(json ->
                        values.putAll(SchedulerOptions.flatten(config, json).values()));
        config.extras().forEach((name, value) -> {
            if (!ROUTING.contains(name) && !name.startsWith(SinkDescriptor.OPTION_PREFIX)) {
                values.put(name, value);
            }
        });
        values.put("cds.triggered_by.username", "cds.scheduler");
        values.put("cds.triggered_by.fullname", "CDS Scheduler");
        return ExecutionResult.completed(HookEvent.of(values));
    }
}
