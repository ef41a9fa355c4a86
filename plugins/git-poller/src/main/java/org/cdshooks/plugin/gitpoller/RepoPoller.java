package org.cdshooks.plugin.gitpoller;

import java.util.List;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.Trigger;

/**
 * The hook of one task. Its timer has one due time at most, and a poll that is due while the one before is tried again is
 * left out, so a failing server does not make polls pile up.
 */
final class RepoPoller implements Hook {
    private final Trigger trigger;
    private final Poll poll;

    RepoPoller(Schedule schedule, Poll poll) {
        this.trigger = Trigger.timer(schedule).overlap(Overlap.MERGE);
        this.poll = poll;
    }

    @Override
    public List<Trigger> triggers() {
        return List.of(trigger);
    }

    @Override
    public ExecutionResult execute(TaskExecution execution, ExecutionContext context) throws Exception {
        return poll.run(execution, context);
    }
}
