package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.task.TaskRecord;

/**
 * A task as the API shows it.
 *
 * @param task the task; its secrets are blanked, so it can be shown
 * @param counts its executions
 * @param problem why it can't run now, such as a type that no plugin serves or a listener that fails; empty if it can
 * @param warnings what is probably a mistake in its config
 * @param secrets the names of the config values that are secrets
 * @param defaults what holds for options of its type that its config does not give; no secrets
 * @param pausedUntil until when its executions are held; empty if they are not
 * @param refused how many requests its hook has refused here since the start
 */
public record TaskView(
        TaskRecord task,
        TaskCounts counts,
        Optional<String> problem,
        List<ConfigProblem> warnings,
        Set<String> secrets,
        Map<String, String> defaults,
        Optional<Instant> pausedUntil,
        long refused) {
    /** Returns a copy that shows the task in another form. */
    public TaskView as(TaskRecord shown) {
        return new TaskView(shown, counts, problem, warnings, secrets, defaults, pausedUntil, refused);
    }
}
