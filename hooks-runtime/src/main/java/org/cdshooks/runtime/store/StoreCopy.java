package org.cdshooks.runtime.store;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreContents.DeliveryContents;
import org.cdshooks.runtime.store.StoreContents.ExecutionContents;
import org.cdshooks.runtime.store.StoreContents.Page;
import org.cdshooks.runtime.store.StoreContents.Place;
import org.cdshooks.runtime.store.StoreContents.TaskContents;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * Copies all that a store holds into another one, and compares. May be killed at any point and begun again: what was copied
 * before is taken out first. Memory holds a page at a time. The source stays as it is.
 */
public final class StoreCopy {
    private static final int NAMED = 5;

    private final StoreContents from;
    private final StoreContents to;
    private final UnaryOperator<TaskRecord> form;
    private final Consumer<Copied> progress;
    private Copied source = Copied.NOTHING;
    private Copied target = Copied.NOTHING;

    /**
     * How much it is.
     *
     * @param tasks tasks
     * @param executions their executions
     * @param waiting of these, those whose time has not come
     * @param queued of these, those that wait for a worker
     * @param failed of these, the FAILED ones
     * @param deliveries deliveries that are remembered; of a target 0, since they are not counted there
     */
    public record Copied(long tasks, long executions, long waiting, long queued, long failed, long deliveries) {
        static final Copied NOTHING = new Copied(0, 0, 0, 0, 0, 0);

        Copied plus(long moreTasks, TaskCounts counts, long moreDeliveries) {
            return new Copied(
                    tasks + moreTasks,
                    executions + counts.total(),
                    waiting + counts.waiting(),
                    queued + counts.queued(),
                    failed + counts.failed(),
                    deliveries + moreDeliveries);
        }
    }

    /**
     * What was copied.
     *
     * @param source what was read
     * @param target what the target has of it, by its own counts
     */
    public record Report(Copied source, Copied target) {}

    /** Thrown when nothing was copied since something is in the way. */
    public static final class RefusedException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private StoreCopy(StoreContents from, StoreContents to, UnaryOperator<TaskRecord> form, Consumer<Copied> progress) {
        this.from = from;
        this.to = to;
        this.form = form;
        this.progress = progress;
    }

    static Report run(StoreContents from, StoreContents to, boolean merge, Consumer<Copied> progress) {
        return run(from, to, merge, UnaryOperator.identity(), progress);
    }

    /**
     * Copies.
     *
     * @param from the source
     * @param to the target
     * @param merge whether the target may have other tasks, which stay
     * @param form gives a task the form that the target stores, such as with secrets that another key encrypts
     * @param progress hears now and then what has been copied so far
     * @return what was copied
     * @throws RefusedException if something is in the way, in words
     * @throws IllegalStateException if what was copied is not what was read
     * @throws StoreUnavailableException if one of the stores can't be reached or written any more; then begin again
     */
    public static Report run(
            StoreContents from,
            StoreContents to,
            boolean merge,
            UnaryOperator<TaskRecord> form,
            Consumer<Copied> progress) {
        StoreCopy copy = new StoreCopy(from, to, form, progress);
        copy.prepare(merge);
        to.begin();
        copy.copyTasks();
        copy.copyDeliveries();
        to.end(from.isMaintenance());
        return new Report(copy.source, copy.target);
    }

    private void prepare(boolean merge) {
        to.undo();
        long there = to.taskCount();
        if (there == 0) {
            return;
        }
        if (!merge) {
            throw new RefusedException(to.words() + " has " + there
                    + (there == 1 ? " task" : " tasks") + " already: nothing was copied. To add those of "
                    + from.words()
                    + " to them, say --merge");
        }
        List<String> twice = new ArrayList<>();
        forEachTask(task -> {
            if (twice.size() < NAMED && to.hasTask(task.record().id())) {
                twice.add(task.record().id().value());
            }
        });
        if (!twice.isEmpty()) {
            throw new RefusedException("both stores have tasks with the same ids, such as " + String.join(", ", twice)
                    + ": nothing was copied. Delete them in one of the two");
        }
    }

    private void forEachTask(Consumer<TaskContents> action) {
        String next = StoreContents.FIRST;
        do {
            Page<TaskContents> page = from.tasks(next);
            page.items().forEach(action);
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
    }

    private void copyTasks() {
        forEachTask(task -> {
            to.addTask(new TaskContents(
                    form.apply(task.record()),
                    task.revisions().stream()
                            .map(each -> new TaskRevision(form.apply(each.task()), each.until(), each.changedAt()))
                            .toList(),
                    task.cursor(),
                    task.pausedUntil()));
            copyExecutions(task.record().id());
        });
    }

    private void copyExecutions(TaskId id) {
        int[] places = new int[Place.values().length];
        String next = StoreContents.FIRST;
        do {
            Page<ExecutionContents> page = from.executions(id, next);
            to.addExecutions(id, page.items());
            page.items().forEach(execution -> places[execution.place().ordinal()]++);
            progress.accept(source.plus(0, counts(places), 0));
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
        TaskCounts read = counts(places);
        TaskCounts expected = from.counts(id);
        TaskCounts written = to.counts(id);
        if (expected.total() != read.total() || !written.equals(read)) {
            throw new IllegalStateException("the executions of task " + id + " differ: " + from.words() + " has "
                    + expected + ", read were " + read + ", " + to.words() + " has " + written
                    + "; the copy is not finished and can't be used");
        }
        source = source.plus(1, read, 0);
        target = target.plus(1, written, 0);
    }

    private static TaskCounts counts(int[] places) {
        return new TaskCounts(
                Arrays.stream(places).sum(),
                places[Place.TIMER.ordinal()] + places[Place.RETRY.ordinal()],
                places[Place.QUEUE.ordinal()],
                0,
                places[Place.FAILED.ordinal()]);
    }

    private void copyDeliveries() {
        String next = StoreContents.FIRST;
        do {
            Page<DeliveryContents> page = from.deliveries(next);
            to.addDeliveries(page.items());
            source = source.plus(0, TaskCounts.NONE, page.items().size());
            progress.accept(source);
            next = page.next();
        } while (!next.equals(StoreContents.LAST));
    }
}
