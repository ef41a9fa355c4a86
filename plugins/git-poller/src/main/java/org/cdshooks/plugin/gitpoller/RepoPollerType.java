package org.cdshooks.plugin.gitpoller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.service.VcsEvents;

/**
 * Fires on changes in a repository that it asks for from time to time: through the host, where that is tied to CDS, or the
 * server itself. Serves the hook model {@code Git Repository Poller} of CDS. All tasks of a node share one HTTP client, and
 * those that log in alike at the same server share its limits.
 */
public final class RepoPollerType implements HookType {
    static final String NO_HOST =
            "this service is not tied to a CDS API, so there is nobody to ask for the provider cds;"
                    + " set provider to one of " + Provider.withoutHost();

    private static final HookTypeDescriptor DESCRIPTOR = HookTypeDescriptor.of(
                    "RepoPoller",
                    "Fires on changes in a repository that it asks for from time to time.",
                    PollerOptions.ALL)
            .servesModels("Git Repository Poller");

    private final Http http = new Http();
    private final Budgets budgets = new Budgets();
    private volatile boolean hasNoHost;

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public RepoPollerType() {}

    @Override
    public HookTypeDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public void start(NodeContext node) {
        hasNoHost = node.service(VcsEvents.class).isEmpty();
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>(PollerOptions.problems(config));
        if (hasNoHost && PollerOptions.provider(config) == Provider.CDS) {
            problems.clear(); // what the provider cds needs besides is of no use then
            problems.add(new ConfigProblem(PollerOptions.PROVIDER.name(), NO_HOST));
        }
        return problems;
    }

    @Override
    public Hook create(Task task, HookContext context) {
        HookConfig config = task.config();
        return new RepoPoller(PollerOptions.schedule(config), poll(task, context));
    }

    private Poll poll(Task task, HookContext context) {
        Provider provider = PollerOptions.provider(task.config());
        if (provider == Provider.CDS) {
            Optional<VcsEvents> host = context.service(VcsEvents.class);
            return new HostPoll(task, host.orElseThrow(() -> new IllegalStateException(NO_HOST)), context.clock());
        }
        return new SnapshotPoll(task, provider, http, budgets, context.clock());
    }

    @Override
    public void stop() throws InterruptedException {
        http.stop();
    }
}
