package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.TaskRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one task listens: brings what is (a listener of some revision runs, or none) to what is wanted (one of the newest
 * revision runs if the task is started, here or on another node). The listener of a new revision begins when the old one has
 * ended or was given up.
 *
 * <p>Who listens has the {@linkplain Tenure right} to. This node looks for it: often if it should be the one that listens, now
 * and then if another one should. It hands over, in order, when another one should listen that has been there for a while:
 * once for each change of the set of nodes, so that what the other does not take comes back and stays. And it lets others try
 * when its listener has failed several times, for they may reach what this node does not.
 *
 * <p>A listener that runs {@linkplain Trigger.Listening#onEveryNode on every node} needs no right: its source shares the work.
 */
final class Station {
    private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofMinutes(5);

    /** How often it is looked whether the right is free, by the node that should have it and by others. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration GLANCE = Duration.ofSeconds(15);
    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    /** So many failures in a row, and others may try. */
    private static final int FAILURES = 3;

    private static final String STUCK =
            "its listener was told to stop and did not; its thread is stuck, and what it hears is refused";
    private static final String UNRENEWED =
            "its listener was stopped, since its right to listen could not be renewed in the"
                    + " store; it begins anew, here or on another node, when the store can be reached";
    private static final Logger LOG = LoggerFactory.getLogger(Station.class);

    private final TaskId id;
    private final Node node;
    private final Nodes nodes;
    private final Hooks hooks;
    private final Consumer<Station> forget;
    private final Runnable wakeLoop;
    private final Tenure tenure;
    private final ReentrantLock reconciling = new ReentrantLock();
    private final AtomicBoolean woken = new AtomicBoolean();

    private volatile @Nullable Listening current;
    /** The revision that was begun last; null if it is to begin anew. */
    private volatile @Nullable TaskRecord begun;
    /** When to look again; {@link Instant#MIN} if it is being looked, {@link Instant#MAX} if nothing is to be seen. */
    private volatile Instant nextLook = Instant.MIN;

    private volatile @Nullable String problem;
    private volatile boolean closed;

    /** The listener is to stop because another node should listen. */
    private volatile boolean leaving;
    /** The nodes for which it is clear who listens. */
    private volatile Nodes.@Nullable View settled;

    private int failures;
    private boolean hasLooked;
    /** The revision of which it is known whether its listener runs on every node; null if of none. */
    private @Nullable TaskRecord lookedAt;

    private boolean onEveryNode;

    /**
     * Makes a station that does nothing before it is woken.
     *
     * @param forget takes a station that is not needed any more
     * @param wakeLoop tells the loop that calls {@link #pass} to do so
     */
    Station(TaskId id, Node node, Nodes nodes, Hooks hooks, Consumer<Station> forget, Runnable wakeLoop) {
        this.id = id;
        this.node = node;
        this.nodes = nodes;
        this.hooks = hooks;
        this.forget = forget;
        this.wakeLoop = wakeLoop;
        this.tenure = new Tenure(id, node, this::passedOn);
    }

    TaskId id() {
        return id;
    }

    Tenure tenure() {
        return tenure;
    }

    Optional<String> problem() {
        Listening listening = current;
        if (listening != null && listening.isLate()) {
            return Optional.of("its listener was told to stop and has not yet");
        }
        return Optional.ofNullable(problem);
    }

    private boolean isPreferred() {
        return nodes.view().preferred(id).equals(node.name());
    }

    // ------------------------------------------------------------------------------------------------ reconciling

    /** Looks at what is wanted, on a thread of its own. Several calls in a row are one. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            Thread.ofVirtual().name("listen-" + id + "-change").start(this::reconcile);
        }
    }

    boolean isWoken() {
        return woken.get();
    }

    boolean isMoving() {
        Listening listening = current;
        return woken.get() || reconciling.isLocked() || listening != null && !listening.isListening();
    }

    private void reconcile() {
        reconciling.lock();
        try {
            woken.set(false);
            bring(closed ? Optional.empty() : node.store().task(id));
        } catch (StoreUnavailableException e) {
            lookIn(STORE_RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reconciling.unlock();
        }
    }

    private void bring(Optional<TaskRecord> task) throws InterruptedException {
        Optional<TaskRecord> wanted = task.filter(found -> !found.stopped());
        if (!closed) {
            node.tally().stopped(id, task.isPresent() && wanted.isEmpty());
        }
        Listening running = current;
        if (running != null) {
            if (wanted.isEmpty() || !isSame(wanted.get(), running.live().task())) {
                running.cancel();
                wakeLoop.run(); // which gives it up if it does not stop
            }
            return; // its end wakes again
        }
        if (leaving) {
            leaving = false;
            begun = null;
            tenure.giveBack();
        }
        if (wanted.isEmpty()) {
            tenure.giveBack();
            if (!STUCK.equals(problem)) { // which users are to see as long as it is
                problem = null;
                forget.accept(this);
            }
            return;
        }
        TaskRecord last = begun;
        if (last == null || !isSame(wanted.get(), last)) {
            failures = 0;
        } else if (nextLook.isAfter(node.steady())) {
            return; // its time will come
        }
        if (runsOnEveryNode(wanted.get()) || take()) {
            if (closed) {
                tenure.giveBack();
            } else {
                begin(wanted.get());
            }
        }
    }

    /** Looks at the hook once for each revision. If there is none, who has the right tells so, as for other listeners. */
    private boolean runsOnEveryNode(TaskRecord task) throws InterruptedException {
        TaskRecord last = lookedAt;
        if (last == null || !isSame(task, last)) {
            lookedAt = null;
            onEveryNode = false;
            try (Hooks.Use use = hooks.use(task)) {
                onEveryNode = use.live()
                        .triggers()
                        .listening()
                        .filter(Trigger.Listening::isOnEveryNode)
                        .isPresent();
                lookedAt = task;
            } catch (CannotRunException e) {
                LOG.debug("Whether task {} listens on every node is not known: {}", id, e.getMessage());
            }
        }
        return onEveryNode;
    }

    private static boolean isSame(TaskRecord a, TaskRecord b) {
        return a.revision() == b.revision() && a.createdAt() == b.createdAt();
    }

    /** Takes the right to listen, or looks again later. */
    private boolean take() {
        Nodes.View view = nodes.view();
        boolean preferred = isPreferred();
        if (!preferred && !hasLooked) {
            // the other one hears of the task just now as well, and is not to find the right taken by a look at it
            hasLooked = true;
            lookIn(RetryPolicy.jittered(LOOK, RandomGenerator.getDefault()));
            return false;
        }
        if (tenure.take(preferred)) {
            if (!preferred) {
                settled = view; // the other one has had its time
            }
            return true;
        }
        Optional<Duration> leaves = tenure.leaves();
        if (leaves.isPresent()) {
            lookIn(leaves.get().plusMillis(1));
        } else {
            // another node has it, and whatever was wrong here, it is not what matters now
            if (!STUCK.equals(problem)) {
                problem = null;
            }
            lookIn(RetryPolicy.jittered(preferred ? LOOK : GLANCE, RandomGenerator.getDefault()));
        }
        return false;
    }

    private void lookIn(Duration time) {
        nextLook = node.steady().plus(time);
        wakeLoop.run();
    }

    private void begin(TaskRecord task) throws InterruptedException {
        begun = task;
        nextLook = Instant.MAX;
        Hooks.Use use;
        try {
            use = hooks.use(task);
        } catch (CannotRunException e) {
            failed(e.reason(), e.why() != CannotRunException.Cause.FAILED);
            return;
        }
        Optional<Trigger.Listening> trigger = use.live().triggers().listening();
        if (trigger.isEmpty()) {
            use.close();
            tenure.giveBack();
            forget.accept(this);
            return;
        }
        boolean needsRight = !trigger.get().isOnEveryNode();
        if (!needsRight) {
            tenure.giveBack(); // which was taken if it was not known
        }
        Optional<ListenRight> right = tenure.right();
        if (needsRight && right.isEmpty()) { // lost while the hook was made
            use.close();
            begun = null;
            lookIn(LOOK);
            return;
        }
        Listening listening = new Listening(node, use, hooks, right, this::lost, this::ended);
        current = listening;
        problem = null;
        if (closed) { // the order to stop may have missed it
            listening.cancel();
        }
        if (!tenure.right().equals(right)) { // and so may the news that the right is lost
            listening.lose();
        }
        listening.start();
        wakeLoop.run(); // which sees whether the right may be over
    }

    /** On the listener's thread: it has ended. */
    private void ended(Listening listening, Optional<String> failure) {
        reconciling.lock();
        try {
            if (current != listening) {
                if (STUCK.equals(problem)) { // it has come back after all
                    problem = null;
                    wake();
                }
                return;
            }
            current = null;
            if (listening.isLost()) {
                begun = null;
            }
            if (failure.isPresent()) {
                if (listening.lasted().compareTo(MAX_DELAY) > 0) {
                    failures = 0;
                }
                failed(failure.get(), false);
            }
        } finally {
            reconciling.unlock();
        }
        if (failure.isEmpty()) {
            wake(); // told to stop, perhaps for a new revision
        }
    }

    /** Begins anew later; others may try before if they are likely to do better. */
    private void failed(String reason, boolean othersMayDoBetter) {
        failures++;
        Duration delay = RetryPolicy.jittered(
                RetryPolicy.growing(FIRST_DELAY, failures, MAX_DELAY), RandomGenerator.getDefault());
        nextLook = node.steady().plus(delay);
        boolean alone = nodes.view().since().size() == 1;
        problem = Texts.cut("its listener failed (" + failures + (failures == 1 ? " time" : " times in a row")
                + (alone ? ")" : ") on node " + node.name()) + ", is begun anew at " + node.wall(nextLook) + ": "
                + reason);
        LOG.warn("Task {}: {}", id, problem);
        if (othersMayDoBetter || failures >= FAILURES) {
            tenure.giveBack();
        }
        wakeLoop.run();
    }

    // ------------------------------------------------------------------------------------------------ the right

    /** The right that a listener speaks by has ended, or its task is gone, as the store says. */
    private void lost(Listening listening) {
        if (listening.right().isPresent()) {
            LOG.info("Task {}: the right to listen has ended or passed to another node", id);
            tenure.drop(listening.right().get()); // first, so that nothing begins anew by it
        }
        listening.lose();
        wakeLoop.run(); // which gives it up if it does not stop
    }

    /** The right could not be renewed, as the store says. */
    private void passedOn() {
        Listening listening = current;
        if (listening != null) {
            lost(listening);
        }
    }

    /** The right could not be renewed in time. */
    private void unrenewed() {
        tenure.right().ifPresent(tenure::drop);
        problem = UNRENEWED;
        LOG.warn("Task {}: {}", id, problem);
        Listening listening = current;
        if (listening != null) {
            listening.lose();
        }
    }

    /** Hands over if another node should listen. Returns when to look again. */
    private Instant handOver(Instant now, Listening listening) {
        Nodes.View view = nodes.view();
        if (view.equals(settled) || listening.isLate() || listening.right().isEmpty()) {
            return Loop.NEVER;
        }
        String preferred = view.preferred(id);
        if (preferred.equals(node.name())) {
            settled = view;
            return Loop.NEVER;
        }
        long there = node.ticks() - view.since().getOrDefault(preferred, node.ticks());
        if (there < Nodes.SETTLED.toNanos()) {
            return now.plusNanos(Nodes.SETTLED.toNanos() - there);
        }
        settled = view;
        leaving = true;
        LOG.info("Task {}: node {} listens from now on", id, preferred);
        listening.cancel();
        return listening.giveUpAt();
    }

    // ------------------------------------------------------------------------------------------------ the loop's side

    /** On the loop: does what time brings, without waiting for anything. */
    Instant pass(Instant now) {
        if (tenure.mayBeOver()) {
            unrenewed();
        }
        Instant over = tenure.overAt(now);
        Listening listening = current;
        if (listening != null) {
            Instant handOver = handOver(now, listening);
            Instant giveUpAt = listening.giveUpAt();
            if (!now.isBefore(giveUpAt)) {
                giveUp(listening);
                return over;
            }
            return min(over, min(handOver, giveUpAt));
        }
        Instant look = nextLook;
        if (look.equals(Instant.MIN) || look.equals(Instant.MAX)) {
            return over;
        }
        if (look.isAfter(now)) {
            return min(over, look);
        }
        nextLook = Instant.MIN;
        wake();
        return over;
    }

    /** The set of nodes has changed: if this node should listen now, it looks soon. */
    void nodesChanged(Instant now) {
        boolean waits = current == null && begun == null && nextLook.isAfter(now.plus(LOOK));
        if (waits && !nextLook.equals(Instant.MAX) && isPreferred()) {
            nextLook = now.plus(RetryPolicy.jittered(LOOK, RandomGenerator.getDefault()));
        }
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private void giveUp(Listening listening) {
        listening.fence();
        if (listening.isLost()) {
            begun = null;
        }
        current = null;
        problem = STUCK;
        LOG.warn("Task {}: {}", id, problem);
        wake();
    }

    /** There may be room for another execution. */
    void roomAgain() {
        Listening listening = current;
        if (listening != null) {
            listening.roomAgain();
        }
    }

    /** The node stops. */
    void close() {
        closed = true;
        Listening listening = current;
        if (listening != null) {
            listening.cancel();
        }
    }

    /** Waits until the listener has stopped, gives it up if it has not, and gives the right back if there is time. */
    void await(Duration atMost) throws InterruptedException {
        Listening listening = current;
        if (listening != null && !listening.await(atMost)) {
            giveUp(listening);
        }
        if (atMost.isPositive()) {
            tenure.giveBack(); // else it ends by itself
        }
    }
}
