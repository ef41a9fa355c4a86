package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.jspecify.annotations.Nullable;

/**
 * Work in code of plugins that is watched: each step has a deadline, at which its thread is interrupted; a thread that does
 * not come back from that within a grace is given up. Exactly one of the thread and its watcher ends the work.
 */
abstract class Watched {
    /** Why work is interrupted. */
    enum Why {
        /** A step took too long. */
        LATE,
        /** The execution is not ours any more: its lease is lost, it was aborted or removed. */
        LOST,
        /** The service stops; the execution goes back to the queue. */
        STOPPING
    }

    private enum Phase {
        /** Nothing was done that could not be done again. */
        NEW,
        /** Plugins are at work. */
        BEGUN,
        /** The thread has ended it: what comes after is storing. */
        FINISHED,
        /** It went back to the queue before it began. */
        RELEASED,
        /** The watcher has ended it. */
        GIVEN_UP;

        boolean isOver() {
            return this == FINISHED || this == RELEASED || this == GIVEN_UP;
        }
    }

    private final Node node;
    private Phase phase = Phase.NEW;
    private @Nullable Thread thread;
    private @Nullable Why why;
    private boolean late;
    private Instant deadline = Instant.MAX;
    private Instant giveUpAt = Instant.MAX;
    private Runnable onAbandon = () -> {};

    Watched(Node node) {
        this.node = node;
    }

    /** Told when a step begins that is to be watched. */
    abstract void watchFrom(Instant deadline);

    /** Told when a thread is left to itself, and when it has come back after all. */
    abstract void stuck(boolean isStuck);

    // ------------------------------------------------------------------------------------------------ the thread's
    // side

    /** The thread has come. */
    final synchronized void enter() {
        thread = Thread.currentThread();
    }

    /** Plugins are about to be called; false if the work was given up before it began. */
    final synchronized boolean begin() {
        if (phase != Phase.NEW || why != null) {
            return false;
        }
        phase = Phase.BEGUN;
        return true;
    }

    /** Sets what is to be let go of when the thread ends or is given up, whichever comes first. */
    final synchronized void onAbandon(Runnable action) {
        if (phase == Phase.GIVEN_UP) {
            action.run();
        } else {
            onAbandon = action;
        }
    }

    /** The work is over and is to be stored: nobody interrupts it any more. False if it was given up. */
    final synchronized boolean finish() {
        if (phase.isOver() || why == Why.LOST || why == Why.STOPPING) {
            return false;
        }
        phase = Phase.FINISHED;
        Thread.interrupted(); // an order that came too late must not disturb the store
        return true;
    }

    /** The thread goes. */
    final synchronized void leave() {
        thread = null;
        release();
        if (phase == Phase.GIVEN_UP) {
            stuck(false);
        }
    }

    /**
     * Calls a plugin with a deadline.
     *
     * @throws PluginFailure if it failed, or was interrupted for being late
     * @throws InterruptedException if the work is to end
     */
    final <T> T step(Duration timeout, Bounded.PluginCall<T> call) throws PluginFailure, InterruptedException {
        Instant end = node.steady().plus(timeout);
        synchronized (this) {
            late = false;
            deadline = end;
        }
        watchFrom(end);
        T result;
        try {
            result = call.call();
        } catch (InterruptedException e) {
            stepEnded();
            throw new PluginFailure("", new IllegalStateException("was interrupted", e));
        } catch (PluginFailure e) {
            stepEnded();
            throw e;
        } catch (Error e) { // such as no memory: this attempt has failed, the thread has work to do
            stepEnded();
            throw new PluginFailure("", e);
        }
        stepEnded();
        return result;
    }

    /** A step that came back in time from being told is as good as any; the order to end the work is not forgotten. */
    private synchronized void stepEnded() throws InterruptedException {
        deadline = Instant.MAX;
        giveUpAt = Instant.MAX;
        if (phase == Phase.GIVEN_UP || why == Why.LOST || why == Why.STOPPING) {
            throw new InterruptedException();
        }
        why = null;
        Thread.interrupted();
    }

    /** Returns when the current step is interrupted. */
    final synchronized Instant deadline() {
        return deadline;
    }

    /** Tells whether the last step was interrupted for being late. */
    final synchronized boolean wasLate() {
        return late;
    }

    /** Tells whether the work is to end. */
    final synchronized boolean isTold() {
        return why != null;
    }

    // ------------------------------------------------------------------------------------------------ the watcher's
    // side

    /** Takes back what was not begun; false if it has. */
    final synchronized boolean giveUpUnbegun() {
        if (phase != Phase.NEW) {
            return false;
        }
        phase = Phase.RELEASED;
        if (thread != null) {
            thread.interrupt();
        }
        return true;
    }

    /** Orders the work to end. */
    final synchronized void interrupt(Why reason) {
        if (phase.isOver()) {
            return;
        }
        if (why == null || why == Why.LATE) {
            why = reason;
            giveUpAt = min(giveUpAt, node.steady().plus(node.limits().interruptGrace()));
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /**
     * Interrupts what is late.
     *
     * @return true if the thread is to be given up, since it did not come back in time; said once
     */
    final synchronized boolean watch(Instant now) {
        if (phase.isOver()) {
            return false;
        }
        if (why == null && !now.isBefore(deadline)) {
            late = true;
            interrupt(Why.LATE);
        }
        if (why != null && !now.isBefore(giveUpAt)) {
            return giveUp();
        }
        return false;
    }

    /** Leaves the thread to itself. */
    final synchronized boolean giveUp() {
        if (phase.isOver()) {
            return false;
        }
        phase = Phase.GIVEN_UP;
        release();
        if (thread != null) {
            stuck(true);
        }
        return true;
    }

    /** Returns when to {@link #watch} again. */
    final synchronized Instant nextWatch() {
        return phase.isOver() ? Instant.MAX : why == null ? deadline : giveUpAt;
    }

    final synchronized boolean wasLost() {
        return why == Why.LOST;
    }

    private void release() {
        Runnable action = onAbandon;
        onAbandon = () -> {};
        action.run();
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
