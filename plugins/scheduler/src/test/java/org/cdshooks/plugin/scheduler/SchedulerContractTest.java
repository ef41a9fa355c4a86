package org.cdshooks.plugin.scheduler;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;

class SchedulerContractTest extends HookTypeContract {
    @Override
    protected HookType type() {
        return new SchedulerHookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("cron", "30 2 * * *", "timezone", "Europe/Paris", "payload", "{\"git.branch\":\"main\"}");
    }
}
