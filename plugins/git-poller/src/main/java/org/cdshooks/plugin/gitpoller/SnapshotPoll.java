package org.cdshooks.plugin.gitpoller;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.plugin.gitpoller.Source.Part;
import org.cdshooks.toolkit.repository.OnceKey;
import org.cdshooks.toolkit.repository.RepositoryEvent;

/**
 * Lists what is in a repository and compares it with what was there. What was there is the cursor, so a poll that fails or
 * is tried again finds the same changes again, and one that is done never does. If there are more changes than one
 * execution takes, the cursor moves over those that were taken, and the next poll comes at once.
 */
final class SnapshotPoll implements Poll {
    /** How many events one execution yields. */
    static final int MAX_EVENTS = 200;

    private static final Duration AT_ONCE = Duration.ofSeconds(1);
    private static final Logger LOG = System.getLogger(SnapshotPoll.class.getName());

    private final Task task;
    private final InstantSource clock;
    private final Server server;
    private final Budgets budgets;
    private final Set<String> wanted;
    private final Map<String, String> payload;

    SnapshotPoll(Task task, Provider provider, Http http, Budgets budgets, InstantSource clock) {
        HookConfig config = task.config();
        this.task = task;
        this.clock = clock;
        this.server = Server.of(provider, config, http);
        this.budgets = budgets;
        this.wanted = PollerOptions.events(config);
        this.payload = PollerOptions.payload(config);
    }

    @Override
    public ExecutionResult run(TaskExecution execution, ExecutionContext context) throws Exception {
        Instant now = clock.instant();
        // asked for at each poll: what is not used for hours is forgotten
        Budget budget = budgets.of(server.address(), server.credential(), server.requestsPerHour(), now);
        Optional<Instant> blocked = budget.blocked(now);
        if (blocked.isPresent()) {
            return ExecutionResult.completed().nextDue(blocked.get());
        }
        Session session = server.session(budget, clock);
        Duration interval = task.config().get(PollerOptions.INTERVAL);
        Found found;
        double stretch;
        try {
            found = look(execution, server.source(session));
        } catch (PollFailure.Refused e) {
            return ExecutionResult.rejected(String.valueOf(e.getMessage()));
        } catch (PollFailure.Limited e) {
            LOG.log(Level.DEBUG, "A poll of task {0} waits: {1}", task.id(), e.getMessage());
            return ExecutionResult.completed().nextDue(e.until());
        } finally {
            stretch = budget.polled(task.id(), session.counted(), interval, clock.instant()); // failed ones count too
        }
        Duration stretched = Duration.ofMillis((long) (interval.toMillis() * stretch));
        Duration wait = stretched.compareTo(session.wished()) < 0 ? session.wished() : stretched;
        ExecutionResult.Completed completed =
                ExecutionResult.completed(found.events).nextDue(clock.instant().plus(found.isCut ? AT_ONCE : wait));
        // that of a repository with many branches is large, so it is only written when it is another one
        return execution.cursor().equals(Optional.of(found.after)) ? completed : completed.cursor(found.after);
    }

    /** What came of a look at the repository. */
    private record Found(List<HookEvent> events, String after, boolean isCut) {}

    private Found look(TaskExecution execution, Source source) throws PollFailure, InterruptedException {
        Snapshot before = execution
                .cursor()
                .map(cursor -> Snapshot.read(cursor, server.repositoryId()))
                .orElseGet(() -> Snapshot.none(server.repositoryId()));
        Comparison comparison = new Comparison(
                source, server.repository(), wanted, task.config().get(PollerOptions.EMIT_INITIAL), MAX_EVENTS);
        Map<Part, Snapshot.Items> after = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            // what changes while nobody asks for it is no news when somebody asks again, so it is not kept
            if (wanted.stream().anyMatch(event -> event.startsWith(part.word() + "."))) {
                after.put(
                        part,
                        comparison.take(part, Optional.ofNullable(before.parts().get(part))));
            }
        }
        List<HookEvent> events = comparison.events().stream().map(this::event).toList();
        return new Found(events, new Snapshot(before.of(), after).write(), comparison.isCut());
    }

    private HookEvent event(RepositoryEvent event) {
        return HookEvent.of(PollerOptions.merged(payload, event.names()))
                .with("git.event", event.word())
                .once(OnceKey.of(server.host(), event));
    }
}
