package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of tasks. Each change asks plugins first (is the config right, what triggers it, when does it ring), without
 * having changed anything; then it stores task and timer in one step, if the task is still the one that was looked at: another
 * request, here or on another node, may have changed it, and then all of it begins anew; then it tells the other parts.
 */
final class TaskLife implements Tasks {
    /** How many times a timer is asked for at most. */
    private static final int MAX_TIMES = 1000;

    /** How many executions are looked at in one go. */
    private static final int PAGE = 20;

    private static final Logger LOG = LoggerFactory.getLogger(TaskLife.class);

    private final Node node;
    private final Masking masking;
    private final HookMaker maker;
    private final FailureLog failures;
    private final Silence silence;
    private final Timers timers;
    private final Problems problems;
    private final Changes changes;
    private final Rehearsals rehearsals;

    /** The parts that a change of a task concerns. */
    interface Changes {
        /** The task has been stored or removed. */
        void changed(TaskId task, boolean listens);

        /** Work on its executions is in vain. */
        void removed(TaskId task);

        /** What is wrong with its listener or with attempts that are stuck. */
        Optional<String> problem(TaskId task);
    }

    TaskLife(
            Node node,
            Masking masking,
            HookMaker maker,
            FailureLog failures,
            Silence silence,
            Timers timers,
            Problems problems,
            Changes changes) {
        this.node = node;
        this.masking = masking;
        this.maker = maker;
        this.failures = failures;
        this.silence = silence;
        this.timers = timers;
        this.problems = problems;
        this.changes = changes;
        this.rehearsals = new Rehearsals(node, masking, maker);
    }

    // ------------------------------------------------------------------------------------------------ put and start

    @Override
    public TaskView put(TaskId id, String type, Map<String, ConfigValue> config) {
        while (true) {
            Optional<TaskRecord> before = node.store().task(id);
            TaskRecord wanted = masking.restored(id, type, config, before);
            Ready ready = prepare(wanted);
            if (before.isPresent() && isAsWanted(before.get(), ready)) {
                changes.changed(id, ready.listens());
                return view(before.get(), ready.warnings());
            }
            Optional<TaskRecord> stored = store(before, ready);
            if (stored.isPresent()) {
                return view(stored.get(), ready.warnings());
            }
        }
    }

    @Override
    public void check(TaskId id, String type, Map<String, ConfigValue> config) {
        prepare(masking.restored(id, type, config, node.store().task(id)));
    }

    @Override
    public Optional<Rehearsal> rehearse(TaskId id, Rehearsal.Input input, Optional<Map<String, ConfigValue>> draft) {
        Optional<TaskRecord> task = node.store().task(id);
        if (task.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(rehearsals.of(task.get(), input, draft));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted: the service is stopping", false);
        }
    }

    @Override
    public Optional<TaskView> start(TaskId id) {
        while (true) {
            Optional<TaskRecord> before = node.store().task(id);
            if (before.isEmpty()) {
                return Optional.empty();
            }
            Ready ready = prepare(before.get().started());
            Optional<TaskRecord> stored = store(before, ready);
            if (stored.isPresent()) {
                return Optional.of(view(stored.get(), ready.warnings()));
            }
        }
    }

    /**
     * A task that can be stored.
     *
     * @param problem why it can't run on this node although its config is right
     */
    private record Ready(
            TaskRecord task,
            Optional<Due> timer,
            boolean listens,
            List<ConfigProblem> warnings,
            Optional<String> problem) {}

    private Ready prepare(TaskRecord wanted) {
        try {
            return Bounded.call(
                    node.limits().call(), wanted.type(), "the check of the task", () -> prepareInPlugins(wanted));
        } catch (PluginSuspended e) {
            throw new OverloadedException(e.reason());
        } catch (PluginFailure e) {
            throw new InvalidConfigException(List.of(new ConfigProblem(
                    "type", "hook type '" + wanted.type() + "' can't take this task: " + e.reason())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted before anything was stored", false);
        }
    }

    private Ready prepareInPlugins(TaskRecord wanted) throws PluginFailure, InterruptedException {
        TaskConfig config = maker.check(wanted);
        LiveHook probe;
        try {
            probe = maker.make(wanted, config);
        } catch (PluginFailure e) {
            if (e.getCause() instanceof IllegalStateException) {
                // by the API: this node can't run the task, which is shown with that reason
                return new Ready(
                        wanted.silentIn(""), Optional.empty(), false, config.warnings(), Optional.of(e.reason()));
            }
            failures.callFailed(wanted.id(), "create", e);
            throw e;
        }
        if (probe.triggers().http().isPresent()) {
            TaskRecord withUrl = wanted.with(
                    TaskConfigs.WEB_HOOK_URL,
                    ConfigValue.added(maker.endpoint(wanted.id()).toString()));
            if (!withUrl.config().equals(wanted.config())) {
                return prepareInPlugins(withUrl);
            }
        }
        TaskRecord completed = completed(wanted, probe);
        if (!completed.config().equals(wanted.config())) {
            return prepareInPlugins(completed);
        }
        Optional<Due> timer = timers.first(probe, node.storeClock().instant());
        return new Ready(
                silence.noted(wanted, probe),
                timer,
                probe.triggers().listening().isPresent(),
                config.warnings(),
                Optional.empty());
    }

    /** Gives options that are blank the values that the hook type works out for them. */
    private static TaskRecord completed(TaskRecord wanted, LiveHook probe) throws InterruptedException {
        Map<String, String> values;
        try {
            values = probe.config().type().call(type -> type.complete(probe.asTask()));
        } catch (PluginFailure e) {
            LOG.info("Task {} is stored as it is: its options can't be completed now: {}", wanted.id(), e.reason());
            return wanted;
        }
        TaskRecord completed = wanted;
        for (Map.Entry<String, String> value : values.entrySet()) {
            ConfigValue given = wanted.config().getOrDefault(value.getKey(), ConfigValue.added(""));
            if (given.value().isEmpty()) {
                completed = completed.with(
                        value.getKey(), new ConfigValue(value.getValue(), given.configurable(), given.type()));
            }
        }
        return completed;
    }

    /**
     * A task that is started and as wanted is left as it is: who synchronises tasks puts them again and again, and a timer
     * that began anew each time would never ring, and would forget runs that were missed.
     */
    private boolean isAsWanted(TaskRecord before, Ready ready) {
        return !before.stopped()
                && before.type().equals(ready.task().type())
                && masking.isSame(before.id(), before.config(), ready.task().config())
                && masking.sealed(before).equals(before)
                && ready.timer().isPresent() == hasWaitingRun(before.id());
    }

    /**
     * Makes the next run of a timer wait if none does. The step that rings a timer makes the next run, so this is for tasks
     * that came from elsewhere: CDS's own service loses the next run if it dies at the wrong moment.
     */
    void keepRinging(TaskId id) {
        Optional<TaskRecord> before;
        Ready ready;
        do {
            before = node.store().task(id);
            if (before.isEmpty() || before.get().stopped() || hasWaitingRun(id)) {
                return;
            }
            ready = prepare(before.get());
        } while (ready.timer().isPresent() && store(before, ready).isEmpty());
        ready.timer().ifPresent(next -> LOG.info("Task {} had no next run; now it has, at {}", id, next.due()));
    }

    /** Whether one of those that wait does so for its timer and not for another attempt. */
    private boolean hasWaitingRun(TaskId id) {
        int waiting = node.store().counts(id).waiting();
        long before = Long.MAX_VALUE;
        while (waiting > 0) {
            List<Execution> page = node.store().executions(id, before, PAGE);
            for (Execution execution : page) {
                if (isWaitingRun(execution)) {
                    return true;
                }
                waiting -= execution.status() == ExecutionStatus.SCHEDULED ? 1 : 0;
                before = execution.key().timestamp();
            }
            if (page.size() < PAGE) {
                return false;
            }
        }
        return false;
    }

    private static boolean isWaitingRun(Execution execution) {
        return execution.status() == ExecutionStatus.SCHEDULED && execution.processedAt() == 0;
    }

    private Optional<TaskRecord> store(Optional<TaskRecord> before, Ready ready) {
        TaskId id = ready.task().id();
        Optional<TaskRecord> stored = replace(before, ready.task(), ready.timer());
        if (stored.isPresent()) {
            node.tally().stopped(id, false);
            problems.clear(id);
            ready.problem().ifPresent(problem -> problems.put(id, problem));
            changes.changed(id, ready.listens());
        }
        return stored;
    }

    /** A secret that is only sealed anew makes no revision, and what is kept of the task as it was is sealed as well. */
    private Optional<TaskRecord> replace(Optional<TaskRecord> before, TaskRecord task, Optional<Due> timer) {
        TaskRecord after = masking.sealed(task);
        Optional<TaskRecord> former = before.filter(old -> !masking.opened(old).looksLike(masking.opened(after)))
                .map(masking::sealed);
        return node.store().replaceTask(before, after, former, timer);
    }

    // ------------------------------------------------------------------------------------------------ stop and remove

    @Override
    public Optional<TaskView> stop(TaskId id) {
        return change(id, task -> task.stopped("")).map(this::view);
    }

    @Override
    public Optional<TaskView> disable(TaskId id, boolean drain) {
        return change(id, task -> task.disabled(drain)).map(this::view);
    }

    @Override
    public Optional<TaskView> suspend(TaskId id, long revision, String reason) {
        String words = Texts.cut(reason);
        return change(id, task -> task.revision() == revision && !task.stopped() ? task.suspended(words) : task)
                .map(task -> {
                    if (task.isSuspended() && task.stopReason().equals(words)) {
                        LOG.warn("Task {} is suspended: {}", id, words);
                    }
                    return view(task);
                });
    }

    @Override
    public Optional<TaskView> pause(TaskId id, Instant until) {
        return node.store().pause(id, until) ? find(id) : Optional.empty();
    }

    @Override
    public Optional<TaskView> resume(TaskId id) {
        return pause(id, Instant.EPOCH);
    }

    /** Stops a task because its target is gone, unless somebody has changed it since. */
    void stopForGood(TaskRecord seen, String reason) {
        change(seen.id(), task -> task.revision() == seen.revision() && !task.stopped() ? task.stopped(reason) : task)
                .filter(task -> task.stopReason().equals(reason))
                .ifPresent(task -> LOG.warn("Task {} is stopped: {}", task.id(), reason));
    }

    /** Changes a task to one that does not run, or not at all. */
    private Optional<TaskRecord> change(TaskId id, UnaryOperator<TaskRecord> change) {
        while (true) {
            Optional<TaskRecord> before = node.store().task(id);
            if (before.isEmpty()) {
                return before;
            }
            TaskRecord after = change.apply(before.get());
            Optional<TaskRecord> stored =
                    after.equals(before.get()) ? before : replace(before, after, Optional.empty());
            if (stored.isPresent()) {
                node.tally().stopped(id, stored.get().stopped());
                problems.clear(id);
                changes.changed(id, false);
                return stored;
            }
        }
    }

    @Override
    public Optional<TaskView> remove(TaskId id) {
        Optional<TaskView> view = find(id);
        boolean removed = node.store().removeTask(id);
        node.tally().stopped(id, false);
        problems.clear(id);
        changes.changed(id, false);
        changes.removed(id);
        node.tally().forget(id);
        return removed ? view : Optional.empty();
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public Optional<TaskView> find(TaskId id) {
        return node.store().task(id).map(this::view);
    }

    @Override
    public List<RevisionView> revisions(TaskId id) {
        return Revisions.shown(node.store(), masking, id);
    }

    @Override
    public List<TaskView> list(Optional<TaskId> after, int limit) {
        return node.store().tasks(after, limit).stream().map(this::view).toList();
    }

    private TaskView view(TaskRecord task) {
        if (masking.unserved(task).or(() -> masking.suspended(task)).isPresent()) {
            return view(task, List.of());
        }
        try {
            return view(task, maker.read(task).warnings());
        } catch (InvalidConfigException e) {
            TaskView view = view(task, e.problems());
            return view.problem().isPresent()
                    ? view
                    : new TaskView(
                            view.task(),
                            view.counts(),
                            Optional.of("the config is wrong: " + e.getMessage()),
                            view.warnings(),
                            view.secrets(),
                            view.defaults(),
                            view.pausedUntil(),
                            view.refused());
        } catch (PluginSuspended e) { // just now: the warnings can't be told
            return view(task, List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return view(task, List.of());
        }
    }

    private TaskView view(TaskRecord task, List<ConfigProblem> warnings) {
        Set<String> secrets = masking.secrets(task.type(), task.config());
        Optional<String> problem = masking.unserved(task)
                .or(() -> masking.suspended(task))
                .or(() -> masking.troubled(task))
                .or(() -> changes.problem(task.id()))
                .or(() -> problems.of(task.id()));
        TaskCounts counts = node.store().counts(task.id());
        return new TaskView(
                masking.shown(task),
                counts,
                problem,
                warnings,
                secrets,
                masking.defaults(task),
                node.store().pausedUntil(task.id()),
                node.tally().refusedBy(task.id()));
    }

    @Override
    public Optional<List<Instant>> schedule(TaskId id, Instant from, int count) {
        Optional<TaskRecord> task = node.store().task(id);
        if (task.isEmpty()) {
            return Optional.empty();
        }
        if (task.get().stopped() || count <= 0 || masking.unserved(task.get()).isPresent()) {
            return Optional.of(List.of());
        }
        try {
            return Optional.of(Bounded.call(
                    node.limits().call(),
                    task.get().type(),
                    "schedule",
                    () -> timers.upcoming(maker.make(task.get()), from, Math.min(count, MAX_TIMES))));
        } catch (PluginFailure | InvalidConfigException e) {
            problems.put(id, "its schedule can't be told: " + e.getMessage());
            return Optional.of(List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(List.of());
        }
    }
}
