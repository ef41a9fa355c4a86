package org.cdshooks.runtime.plugin;

import java.util.Optional;

/** One call into a plugin that is under way. */
final class PluginCall {
    private final PluginGate gate;
    private final Thread thread;
    private boolean ended;
    private boolean interrupted;

    // what the watch has seen; touched by its thread alone
    private Optional<String> carrier = Optional.empty();
    private boolean isBusy;
    private long heldSince;
    private long busySince;
    private long cpuBefore;

    PluginCall(PluginGate gate, Thread thread) {
        this.gate = gate;
        this.thread = thread;
    }

    PluginGate gate() {
        return gate;
    }

    Thread thread() {
        return thread;
    }

    /**
     * Ends the call, so that nobody interrupts the thread for it any more.
     *
     * @return whether the watch has interrupted it
     */
    synchronized boolean end() {
        ended = true;
        return interrupted;
    }

    /** Interrupts the call, and nothing that the thread does after it. */
    synchronized void interrupt() {
        if (!ended) {
            interrupted = true;
            thread.interrupt();
        }
    }

    // ------------------------------------------------------------------------------------------------ the watch's side

    /** Notes whether the thread holds a carrier now. A change of the carrier is a break: the thread has let go of one. */
    void seen(Optional<Carriers.Hold> hold, long now, Carriers carriers) {
        Optional<String> held = hold.map(Carriers.Hold::carrier);
        if (held.isEmpty() || !held.equals(carrier)) {
            heldSince = now;
            isBusy = false;
        }
        carrier = held;
        if (hold.isEmpty() || !hold.get().isRunnable()) {
            isBusy = false;
        } else if (!isBusy) {
            isBusy = true;
            busySince = now;
            cpuBefore = carriers.cpuNanos(hold.get().carrier());
        }
    }

    /** Returns for how long the thread has held one carrier, in nanoseconds. */
    long held(long now) {
        return carrier.isPresent() ? now - heldSince : 0;
    }

    /** Returns for how long the thread has been seen running on one carrier, in nanoseconds. */
    long busy(long now) {
        return isBusy ? now - busySince : 0;
    }

    /** Returns the processor time that the thread has used while it was busy: a blocking native call uses none. */
    long cpu(Carriers carriers) {
        return isBusy ? carriers.cpuNanos(carrier.orElseThrow()) - cpuBefore : 0;
    }
}
