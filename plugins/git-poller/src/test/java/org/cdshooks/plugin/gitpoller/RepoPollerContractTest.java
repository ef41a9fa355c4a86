package org.cdshooks.plugin.gitpoller;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookType;
import org.cdshooks.api.service.VcsEvents;
import org.cdshooks.testkit.HookTypeContract;

class RepoPollerContractTest extends HookTypeContract {

    @Override
    protected HookType type() {
        return new RepoPollerType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("vcsServer", "github", "workflow_id", "7", "payload", "{\"a\":1}");
    }

    @Override
    protected Map<Class<?>, Object> services() {
        VcsEvents quiet = query -> new VcsEvents.Answer(List.of(), List.of(), List.of(), List.of(), Optional.empty());
        return Map.of(VcsEvents.class, quiet);
    }
}
