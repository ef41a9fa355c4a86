package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HookType;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.task.ConfigValue;

/**
 * The config of one revision of a task, read and checked.
 *
 * @param type its hook type
 * @param hook what the hook type gets: its own options, and as extras what is nobody's option
 * @param sink where its events go
 * @param sinkConfig what the sink gets: the options whose names begin with {@code sink.}
 * @param service what the service itself reads
 * @param warnings what is probably a mistake
 * @param hidden the values of undeclared names that the API masks: events must not carry them
 * @param masked the config as written, secrets blanked: what executions keep and users see
 */
record TaskConfig(
        Loaded<HookType> type,
        HookConfig hook,
        Loaded<EventSink> sink,
        HookConfig sinkConfig,
        ServiceOptions service,
        List<ConfigProblem> warnings,
        Map<String, String> hidden,
        Map<String, ConfigValue> masked) {

    /** Takes the values that the API masks out of the events of a result. */
    ExecutionResult withoutHidden(ExecutionResult result) {
        if (hidden.isEmpty() || !(result instanceof ExecutionResult.Completed completed)) {
            return result;
        }
        ExecutionResult.Completed shown = ExecutionResult.completed(
                completed.events().stream().map(this::withoutHidden).toList());
        shown = completed.cursor().isPresent() ? shown.cursor(completed.cursor().get()) : shown;
        return completed.nextDue().isPresent()
                ? shown.nextDue(completed.nextDue().get())
                : shown;
    }

    /** A value that came in under the same name stays. */
    private HookEvent withoutHidden(HookEvent event) {
        Map<String, String> kept = new TreeMap<>(event.values());
        hidden.forEach(kept::remove);
        HookEvent shown = HookEvent.of(kept);
        return event.once().map(shown::once).orElse(shown);
    }
}
