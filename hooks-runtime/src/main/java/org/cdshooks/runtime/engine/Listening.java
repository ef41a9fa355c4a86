package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.ListenRight;

/**
 * One run of a listener, by one right or without (where it runs on every node), on a virtual thread of its own, from its begin to its end or until it is given up. When
 * the right is lost, nothing is taken of it any more.
 */
final class Listening implements TriggerContext {
    /** How often it looks for room while there is none, beside being told. */
    private static final long ROOM_POLL_MILLIS = 500;

    private final Node node;
    private final Hooks.Use use;
    private final Hooks hooks;
    private final Trigger.Listening trigger;
    private final Optional<ListenRight> right;
    private final Consumer<Listening> onLost;
    private final BiConsumer<Listening, Optional<String>> onEnd;
    private final Intake intake;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Thread thread;
    private final Instant begun;
    private volatile Instant giveUpAt = Instant.MAX;
    private volatile boolean cancelled;
    private volatile boolean listens;
    private volatile boolean lost;
    private volatile boolean fenced;

    /**
     * Makes a run.
     *
     * @param right by which it speaks; empty if it needs none
     * @param onLost told on the listener's thread when the right turns out to have ended
     * @param onEnd told on the listener's thread when it ends, with the reason if it has failed
     */
    Listening(
            Node node,
            Hooks.Use use,
            Hooks hooks,
            Optional<ListenRight> right,
            Consumer<Listening> onLost,
            BiConsumer<Listening, Optional<String>> onEnd) {
        this.node = node;
        this.use = use;
        this.hooks = hooks;
        this.trigger = use.live().triggers().listening().orElseThrow();
        this.right = right;
        this.onLost = onLost;
        this.onEnd = onEnd;
        this.intake = new Intake(node);
        this.begun = node.steady();
        this.thread =
                Thread.ofVirtual().name("listen-" + use.live().task().id()).unstarted(this::run);
    }

    Optional<ListenRight> right() {
        return right;
    }

    LiveHook live() {
        return use.live();
    }

    void start() {
        hooks.pin(live());
        thread.start();
    }

    private void run() {
        Optional<String> failure = Optional.empty();
        try {
            live().config().type().call(type -> {
                listens = true;
                trigger.listener().listen(this);
                return true;
            });
            failure = Optional.of("the listener of plugin '"
                    + live().config().type().door().plugin()
                    + "' returned although nobody told it to stop; it is to listen until it is told");
        } catch (InterruptedException e) {
            failure = Optional.of("was interrupted");
        } catch (PluginFailure e) {
            failure = Optional.of(e.reason());
        } catch (Error e) { // such as no memory
            failure = Optional.of(e.toString());
        } finally {
            listens = false;
            Thread.interrupted(); // the order has been obeyed
            hooks.unpin(live());
            use.close();
            onEnd.accept(this, cancelled ? Optional.empty() : failure);
        }
    }

    /** Tells the listener to stop: the flag first, for code that swallows interrupts. */
    void cancel() {
        if (!cancelled) {
            giveUpAt = node.steady().plus(node.limits().listenerGrace());
            cancelled = true;
            thread.interrupt();
            roomAgain();
        }
    }

    /** The right has ended, or may have: nothing is taken any more, and it is to stop at once. */
    void lose() {
        lost = true;
        cancel();
    }

    boolean isLost() {
        return lost;
    }

    /** It has not stopped in time: refuses whatever it still says, and lets another one take its place. */
    void fence() {
        fenced = true;
        cancelled = true;
        hooks.unpin(live());
        thread.interrupt();
    }

    /** Returns when it is given up if it has not ended; {@link Instant#MAX} while it need not end. */
    Instant giveUpAt() {
        return giveUpAt;
    }

    /** Tells whether the listener's code runs and has not been told to stop. */
    boolean isListening() {
        return listens && !cancelled;
    }

    boolean isLate() {
        return cancelled;
    }

    boolean await(Duration atMost) throws InterruptedException {
        return thread.join(atMost);
    }

    Duration lasted() {
        return Duration.between(begun, node.steady());
    }

    void roomAgain() {
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ------------------------------------------------------------------------------------------------ for the listener

    @Override
    public Receipt emit(Invocation invocation) throws InterruptedException {
        while (true) {
            checkOwner();
            AcceptResult result = intake.accept(live(), trigger.name(), invocation, right);
            switch (result) {
                case AcceptResult.Stored stored -> {
                    return new Receipt(stored.execution().key().id(), false);
                }
                case AcceptResult.Duplicate duplicate -> {
                    return new Receipt(duplicate.first().id(), true);
                }
                case AcceptResult.NoSuchTask gone -> {
                    onLost.accept(this);
                    throw new OwnershipLostException(
                            "task " + live().task().id() + " has been removed: nobody listens for it any more");
                }
                case AcceptResult.Fenced refused -> {
                    onLost.accept(this);
                    throw notOwner();
                }
                case AcceptResult.Overloaded full -> awaitRoom();
            }
        }
    }

    private void checkOwner() throws InterruptedException {
        if (lost) {
            throw notOwner();
        }
        if (fenced) {
            throw new OwnershipLostException("this listener of task "
                    + live().task().id() + " did not stop when it was told to; another one may listen in its place");
        }
        if (cancelled) {
            throw new InterruptedException("told to stop");
        }
    }

    private OwnershipLostException notOwner() {
        return new OwnershipLostException("this node has no right to listen for task "
                + live().task().id() + " any more; another one may listen in its place");
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again
    private void awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (!cancelled && !room.await(ROOM_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                return; // looks again anyway: what ended may have ended on another node
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<String> cursor() {
        return node.store().cursor(live().task().id());
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }
}
