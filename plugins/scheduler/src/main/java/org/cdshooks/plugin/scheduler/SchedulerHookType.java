package org.cdshooks.plugin.scheduler;

import java.time.InstantSource;
import java.util.List;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/**
 * Fires when time comes: by a cron expression in a time zone, once at a point in time, or at a fixed interval. Serves
 * the hook model {@code Scheduler} of CDS.
 */
public final class SchedulerHookType implements HookType {
    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "Scheduler",
                    "Fires by a cron expression, at one point in time, or at a fixed interval.",
                    SchedulerOptions.ALL)
            .servesModels("Scheduler");

    private volatile InstantSource clock = InstantSource.system();

    /** Creates the type, as {@link java.util.ServiceLoader} asks for. */
    public SchedulerHookType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public void start(NodeContext node) {
        clock = node.clock();
    }

    /**
     * Checks the schedule and the payload. A schedule whose last time is past is a problem too: by the clock of {@link
     * #start}, that of the machine before it.
     */
    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return SchedulerOptions.problems(config, clock.instant());
    }

    @Override
    public Hook create(Task task, HookContext context) {
        return new SchedulerHook(task.config());
    }
}
