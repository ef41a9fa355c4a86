package org.cdshooks.runtime.store.local;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.local.Formers.Former;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that a store on disk holds. What was under lease when its process ended is in the queue, as at each start. */
final class LocalContents implements StoreContents {
    private static final int TASKS = 50;
    private static final int EXECUTIONS = 500;
    private static final int BYTES = 4 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(LocalContents.class);

    private final String words;
    private final Backing backing;
    private final Transitions transitions;

    LocalContents(String words, Backing backing, InstantSource clock) {
        this.words = words;
        this.backing = backing;
        this.transitions = Transitions.load(backing, clock, System::nanoTime);
    }

    @Override
    public String words() {
        return words;
    }

    // ----------------------------------------------------------------------------------------------------- out

    @Override
    public Page<TaskContents> tasks(String from) {
        List<TaskId> ids = transitions.tasks(after(from), TASKS);
        List<TaskContents> tasks = new ArrayList<>();
        for (TaskId id : ids) {
            Transitions.TaskRow row = transitions.taskRow(id);
            byte[] value = row == null ? null : backing.read(Kind.TASK, row.number());
            if (row == null || value == null) {
                throw new StoreUnavailableException("the record of task " + id + " is gone from the store", false);
            }
            tasks.add(new TaskContents(
                    TaskJson.decode(Rows.taskJson(value)).stored(row.revision(), row.createdAt()),
                    revisions(id, row.createdAt()),
                    transitions.cursor(id),
                    transitions.pausedUntil(id)));
        }
        return new Page<>(tasks, ids.size() < TASKS ? LAST : ids.getLast().value());
    }

    private List<TaskRevision> revisions(TaskId id, long createdAt) {
        List<TaskRevision> revisions = new ArrayList<>();
        for (Former kept : transitions.revisions(id).reversed()) {
            try {
                FormerTasks.read(backing, kept, createdAt).ifPresent(revisions::add);
            } catch (DamagedValueException | MalformedRecordException e) {
                LOG.error("revision {} of task {} is left out: {}", kept.since(), id, e.getMessage());
            }
        }
        return revisions;
    }

    private static Optional<TaskId> after(String from) {
        return from.isEmpty() ? Optional.empty() : Optional.of(new TaskId(from));
    }

    @Override
    public Page<ExecutionContents> executions(TaskId id, String from) {
        long after = from.isEmpty() ? -1 : Long.parseLong(from);
        List<Transitions.Standing> standing = transitions.standing(id, after, EXECUTIONS);
        List<ExecutionContents> executions = new ArrayList<>();
        int bytes = 0;
        for (Transitions.Standing each : standing) {
            ExecutionContents contents = contents(each);
            executions.add(contents);
            bytes += contents.json().length;
            if (bytes >= BYTES) {
                break;
            }
        }
        boolean isLast = executions.size() == standing.size() && standing.size() < EXECUTIONS;
        return new Page<>(
                executions,
                isLast ? LAST : Long.toString(executions.getLast().key().timestamp()));
    }

    private ExecutionContents contents(Transitions.Standing standing) {
        Seen seen = standing.seen();
        Place place = Place.valueOf(seen.place().name());
        byte[] json = null;
        try {
            json = backing.read(Kind.BODY, seen.body());
        } catch (DamagedValueException e) {
            LOG.error("the content of execution {} is damaged: {}", seen.key(), e.getMessage());
        }
        if (json == null) {
            Execution empty = Execution.of(seen.key(), seen.trigger(), Map.of(), Payload.empty());
            json = ExecutionJson.encode(
                    place == Place.TIMER ? empty : empty.failed("what came in can't be read any more"));
            place = seen.place().isFinished() || place == Place.TIMER ? place : Place.FAILED;
        }
        return new ExecutionContents(seen.key(), place, seen.until(), standing.order(), seen.crashes(), json);
    }

    /** Reads those of tasks until there are enough. */
    @Override
    public Page<DeliveryContents> deliveries(String from) {
        Optional<TaskId> after = after(from);
        List<DeliveryContents> deliveries = new ArrayList<>();
        while (deliveries.size() < EXECUTIONS) {
            List<TaskId> ids = transitions.tasks(after, 1);
            if (ids.isEmpty()) {
                return new Page<>(deliveries, LAST);
            }
            deliveries.addAll(transitions.remembered(ids.getFirst()));
            after = Optional.of(ids.getFirst());
        }
        return new Page<>(deliveries, after.map(TaskId::value).orElse(LAST));
    }

    @Override
    public long taskCount() {
        return transitions.counts().tasks();
    }

    @Override
    public TaskCounts counts(TaskId id) {
        return transitions.counts(id);
    }

    @Override
    public boolean isMaintenance() {
        return transitions.isMaintenance();
    }

    // ----------------------------------------------------------------------------------------------------- in

    @Override
    public int undo() {
        int count = 0;
        for (List<TaskId> moved = transitions.moved(TASKS); !moved.isEmpty(); moved = transitions.moved(TASKS)) {
            for (TaskId id : moved) {
                change(() -> transitions.removeTask(id));
                count++;
            }
        }
        return count;
    }

    @Override
    public void begin() {
        backing.await(change(transitions::beginMoving));
    }

    @Override
    public boolean hasTask(TaskId id) {
        return transitions.taskRow(id) != null;
    }

    @Override
    public void addTask(TaskContents task) {
        byte[] json = TaskJson.encode(task.record());
        List<Transitions.MovedRevision> revisions = task.revisions().reversed().stream()
                .map(each -> new Transitions.MovedRevision(
                        each.number(), each.until(), each.changedAt(), TaskJson.encode(each.task())))
                .toList();
        change(() -> transitions.addMoved(
                task.record(),
                json,
                revisions,
                task.cursor(),
                task.pausedUntil().map(Time::nanos).orElse(0L)));
    }

    @Override
    public void addExecutions(TaskId id, List<ExecutionContents> executions) {
        List<String> triggers = executions.stream().map(LocalContents::trigger).toList();
        if (!executions.isEmpty()) {
            change(() -> transitions.addMoved(id, executions, triggers));
        }
    }

    private static String trigger(ExecutionContents contents) {
        try {
            return ExecutionJson.decode(contents.json()).trigger();
        } catch (MalformedRecordException e) {
            return ""; // whoever reads it later tells
        }
    }

    @Override
    public void addDeliveries(List<DeliveryContents> deliveries) {
        if (!deliveries.isEmpty()) {
            change(() -> transitions.addMoved(deliveries));
        }
    }

    @Override
    public void end(boolean maintenance) {
        if (maintenance) {
            change(() -> transitions.setMaintenance(true));
        }
        backing.await(change(transitions::endMoving));
    }

    @Override
    public void close() {
        backing.close();
    }

    /** Makes a change, which is not waited for: what is not written when this process dies is brought in anew. */
    private long change(Supplier<? extends Transitions.Written<?>> step) {
        if (backing.condition() instanceof Condition.NearlyFull) {
            throw new StoreUnavailableException(
                    "the disk of " + words + " is nearly full: make room and begin again", true);
        }
        backing.checkRoom();
        backing.awaitRoom();
        return step.get().ticket();
    }
}
