package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Executions.ReplayFilter;
import org.cdshooks.runtime.engine.Executions.ReplayReport;
import org.cdshooks.runtime.engine.Executions.ReplayStart;
import org.cdshooks.runtime.engine.Executions.Replays;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ReplayConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays of many, each on a virtual thread. One first goes through the executions of its task page by page and notes the
 * timestamps of those that match, then replays them oldest first: so they run in the order in which they came in, and one
 * that fails again meanwhile is not found a second time. What is kept of one is a list of numbers, of bounded length.
 *
 * <p>They are this node's own and end with it: what was queued stays queued, and a new one finds the rest.
 */
final class ReplayDesk {
    /** How many may be under way on this node. */
    private static final int MAX_RUNNING = 8;

    /** Of how many tasks the last one is remembered. */
    private static final int MAX_REMEMBERED = 1000;

    /** How many executions are looked at in one go. */
    private static final int PAGE = 50;

    /** How often a step is tried while the store is away. */
    private static final int MAX_TRIES = 120;

    private static final Duration STORE_RETRY = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(ReplayDesk.class);

    private final Node node;
    private final Map<TaskId, Run> running = new HashMap<>();
    private final Map<TaskId, ReplayReport> last = new LinkedHashMap<>();
    private boolean closed;

    ReplayDesk(Node node) {
        this.node = node;
    }

    ReplayStart start(TaskId task, ReplayFilter which, ReplayConfig config, String by) {
        if (node.store().task(task).isEmpty()) {
            return new ReplayStart.NoSuchTask();
        }
        Run run = new Run(task, which, config, by, node.clock().instant());
        synchronized (this) {
            if (closed) {
                return new ReplayStart.Refused(
                        "the service is stopping; ask another node, or this one when it is back");
            }
            if (running.containsKey(task)) {
                return new ReplayStart.Refused(
                        "a replay of this task is under way here; wait for its end, or stop it by DELETE");
            }
            if (running.size() >= MAX_RUNNING) {
                return new ReplayStart.Refused(
                        MAX_RUNNING + " replays are under way on this node, as many as may be; try again later");
            }
            running.put(task, run);
            run.thread.start();
        }
        LOG.info("Replay of executions of task {} begins: {}, config of {}, wanted by {}", task, which, config, by);
        return new ReplayStart.Started(run.report());
    }

    synchronized Replays of(TaskId task) {
        return new Replays(
                Optional.ofNullable(running.get(task)).map(Run::report), Optional.ofNullable(last.get(task)));
    }

    Optional<ReplayReport> stop(TaskId task, String by) {
        Run run;
        synchronized (this) {
            run = running.get(task);
        }
        if (run == null) {
            return Optional.empty();
        }
        run.stop(by);
        return Optional.of(run.report());
    }

    /** Stops all and waits for them. */
    void close(Duration atMost) throws InterruptedException {
        List<Run> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(running.values());
        }
        left.forEach(run -> run.stop("the end of the service"));
        long end = System.nanoTime() + atMost.toNanos();
        for (Run run : left) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0 || !run.thread.join(Duration.ofMillis(millis))) {
                LOG.warn("The replay of executions of task {} does not end in time", run.task);
            }
        }
    }

    private void ended(Run run) {
        ReplayReport report = run.report();
        synchronized (this) {
            running.remove(run.task);
            last.remove(run.task);
            last.put(run.task, report);
            if (last.size() > MAX_REMEMBERED) {
                last.remove(last.keySet().iterator().next());
            }
        }
        LOG.info("Replay of executions of task {} has ended: {}", run.task, report);
    }

    /** Why a replay ends before its end. */
    private static final class EndedEarlyException extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        EndedEarlyException(String reason) {
            super(reason);
        }
    }

    /** One replay of many. */
    private final class Run implements Runnable {
        private final TaskId task;
        private final ReplayFilter which;
        private final ReplayConfig config;
        private final String by;
        private final Instant since;
        private final Thread thread = Thread.ofVirtual().name("replay").unstarted(this);
        private final CountDownLatch stopped = new CountDownLatch(1);
        private Optional<String> stoppedBy = Optional.empty();
        private Optional<String> problem = Optional.empty();
        private Optional<Instant> ended = Optional.empty();
        private int matched;
        private int replayed;
        private int skipped;
        private int refused;

        Run(TaskId task, ReplayFilter which, ReplayConfig config, String by, Instant since) {
            this.task = task;
            this.which = which;
            this.config = config;
            this.by = by;
            this.since = since;
        }

        synchronized ReplayReport report() {
            return new ReplayReport(since, by, ended, matched, replayed, skipped, refused, stoppedBy, problem);
        }

        synchronized void stop(String who) {
            if (stoppedBy.isEmpty()) {
                stoppedBy = Optional.of(who);
                stopped.countDown();
            }
        }

        @Override
        public void run() {
            Optional<String> reason = Optional.empty();
            try {
                replay(found());
            } catch (EndedEarlyException e) {
                reason = Optional.ofNullable(e.getMessage());
            } catch (InterruptedException e) {
                LOG.debug("The replay of task {} is stopped", task);
            } catch (RuntimeException e) {
                LOG.error("The replay of executions of task {} has failed", task, e);
                reason = Optional.of("failed unexpectedly; the log has the cause");
            }
            synchronized (this) {
                problem = reason;
                ended = Optional.of(node.clock().instant());
            }
            ReplayDesk.this.ended(this);
        }

        /** Returns the timestamps of those that match, newest first. */
        private long[] found() throws InterruptedException, EndedEarlyException {
            long[] found = new long[which.limit()];
            int count = 0;
            long before = which.to();
            while (true) {
                long from = before;
                List<Execution> page = patiently(() -> node.store().executions(task, from, PAGE));
                for (Execution execution : page) {
                    before = execution.key().timestamp();
                    if (which.matches(execution) && count < found.length) {
                        found[count++] = before;
                    }
                }
                noteMatched(count);
                if (page.size() < PAGE || count == found.length || before < which.from()) {
                    return java.util.Arrays.copyOf(found, count);
                }
            }
        }

        private void replay(long[] found) throws InterruptedException, EndedEarlyException {
            for (int i = found.length - 1; i >= 0; i--) {
                long timestamp = found[i];
                if ((found.length - 1 - i) % PAGE == 0) {
                    leaveRoom();
                }
                replay(patiently(() -> node.store().execution(task, timestamp).filter(which::matches)));
            }
        }

        private void replay(Optional<Execution> found) throws InterruptedException, EndedEarlyException {
            if (found.isEmpty()) {
                noteReplayed(false);
            } else if (patiently(() -> Revisions.refusal(node.store(), found.get(), config))
                    .isPresent()) {
                noteRefused();
            } else {
                noteReplayed(patiently(() -> node.store().replay(found.get().key(), config))
                        .isPresent());
            }
        }

        /** What comes in meanwhile must not be refused since the task has too much to do with what is replayed. */
        private void leaveRoom() throws InterruptedException, EndedEarlyException {
            int unfinished = patiently(() -> node.store().counts(task)).unfinished();
            if (unfinished >= node.config().maxUnfinished() / 2) {
                throw new EndedEarlyException("the task has " + unfinished
                        + " unfinished executions, and the other half of what it may have is for what comes in;"
                        + " replay the rest when they have ended");
            }
        }

        private synchronized void noteMatched(int count) {
            matched = count;
        }

        private synchronized void noteRefused() {
            refused++;
        }

        private synchronized void noteReplayed(boolean done) {
            if (done) {
                replayed++;
            } else {
                skipped++;
            }
        }

        private <T> T patiently(Supplier<T> step) throws InterruptedException, EndedEarlyException {
            for (int tries = 1; ; tries++) {
                if (stopped.getCount() == 0) {
                    throw new InterruptedException();
                }
                try {
                    return step.get();
                } catch (StoreUnavailableException e) {
                    if (tries == MAX_TRIES) {
                        throw new EndedEarlyException("the store is away: " + e.getMessage());
                    }
                    var _ = stopped.await(STORE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        }
    }
}
