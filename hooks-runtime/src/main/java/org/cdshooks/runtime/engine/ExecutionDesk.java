package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;

/** What people ask of executions. */
final class ExecutionDesk implements Executions {
    private static final String STOPPED = "stopped by a user";

    private final Node node;
    private final Processor processor;
    private final ReplayDesk replays;

    ExecutionDesk(Node node, Processor processor, ReplayDesk replays) {
        this.node = node;
        this.processor = processor;
        this.replays = replays;
    }

    @Override
    public List<Execution> list(TaskId task, long before, int limit) {
        return node.store().executions(task, before, limit);
    }

    @Override
    public Optional<Execution> find(TaskId task, long timestamp) {
        return node.store().execution(task, timestamp);
    }

    @Override
    public Outcome replay(TaskId task, long timestamp, ReplayConfig config) {
        Optional<Execution> found = find(task, timestamp);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        if (found.get().status().isFinished()) {
            Optional<String> refusal = Revisions.refusal(node.store(), found.get(), config);
            if (refusal.isPresent()) {
                return new Outcome.Refused(refusal.get());
            }
            Optional<Execution> queued = node.store().replay(found.get().key(), config);
            if (queued.isPresent()) {
                return new Outcome.Done(queued.get());
            }
        }
        return refused(task, timestamp, "only a finished execution can run again; wait for its end or stop it first");
    }

    @Override
    public ReplayStart replayAll(TaskId task, ReplayFilter which, ReplayConfig config, String by) {
        return replays.start(task, which, config, by);
    }

    @Override
    public Replays replays(TaskId task) {
        return replays.of(task);
    }

    @Override
    public Optional<ReplayReport> stopReplay(TaskId task, String by) {
        return replays.stop(task, by);
    }

    @Override
    public Outcome stop(TaskId task, long timestamp) {
        Optional<Execution> found = find(task, timestamp);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        Optional<Execution> aborted = node.store().abort(found.get().key(), STOPPED);
        if (aborted.isPresent()) {
            processor.interrupt(attempt -> attempt.key().equals(aborted.get().key()));
            node.tally().failed(node.clock().instant());
            return new Outcome.Done(aborted.get());
        }
        Optional<Execution> now = find(task, timestamp);
        boolean waits = now.isPresent() && now.get().status() == ExecutionStatus.SCHEDULED;
        return refused(
                task,
                timestamp,
                waits
                        ? "it is the next run of the task's timer; stop the task to keep it from running"
                        : "it has ended; there is nothing to stop");
    }

    /** Says where the execution stands by now, which may have changed while it was asked for. */
    private Outcome refused(TaskId task, long timestamp, String wayOut) {
        return find(task, timestamp)
                .<Outcome>map(
                        now -> new Outcome.Refused("execution " + timestamp + " is " + now.status() + ": " + wayOut))
                .orElseGet(Outcome.NotFound::new);
    }

    @Override
    public int removeAll(TaskId task) {
        int removed = node.store().removeExecutions(task);
        processor.interrupt(attempt -> attempt.key().task().equals(task));
        return removed;
    }
}
