package org.cdshooks.runtime.plugin;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls into one hook type or one sink. While calls of it hold threads on which the service lives, one more is let in
 * at a time; while it is suspended, none is.
 */
final class PluginGate {
    /** When a call that found the one place taken may come again. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private sealed interface State {
        record Open() implements State {}

        record Narrow() implements State {}

        record Suspended(String reason, long since) implements State {}
    }

    private static final State OPEN = new State.Open();

    private final String plugin;
    private final String what;
    private final PluginWatch watch;
    private final AtomicReference<@Nullable PluginCall> oneMore = new AtomicReference<>();
    private volatile State state = OPEN;

    /**
     * Makes an open gate.
     *
     * @param what whose calls these are, such as {@code hook type 'Webhook'}
     */
    PluginGate(String plugin, String what, PluginWatch watch) {
        this.plugin = plugin;
        this.what = what;
        this.watch = watch;
    }

    String plugin() {
        return plugin;
    }

    String what() {
        return what;
    }

    PluginGate of(String part) {
        return new PluginGate(plugin, part, watch);
    }

    /** Begins a call on this thread. */
    PluginCall enter() throws PluginSuspended {
        PluginCall call = new PluginCall(this, Thread.currentThread());
        switch (state) {
            case State.Open _ -> {}
            case State.Narrow _ -> {
                if (!oneMore.compareAndSet(null, call)) {
                    throw new PluginSuspended(
                            plugin,
                            what
                                    + " is called one call at a time, since earlier calls keep threads busy without a break",
                            SOON);
                }
            }
            case State.Suspended suspended -> throw suspended(suspended.reason());
        }
        watch.begin(call);
        return call;
    }

    /**
     * Ends a call.
     *
     * @return whether it was interrupted because of the suspension
     */
    boolean leave(PluginCall call) {
        watch.end(call);
        oneMore.compareAndSet(call, null);
        return call.end();
    }

    PluginSuspended suspended(String reason) {
        return new PluginSuspended(plugin, reason, PluginWatch.SUSPENDED_AT_LEAST);
    }

    /** Says why it is suspended; empty if it is not. */
    Optional<String> suspension() {
        return state instanceof State.Suspended suspended ? Optional.of(suspended.reason()) : Optional.empty();
    }

    // ------------------------------------------------------------------------------------------------ the watch's side

    boolean isOpen() {
        return state.equals(OPEN);
    }

    void narrow() {
        if (isOpen()) {
            state = new State.Narrow();
        }
    }

    void suspend(String reason, long now) {
        state = new State.Suspended(reason, now);
    }

    /** Opens again, unless it has been suspended for a short time only; nothing of it holds a thread any more. */
    boolean reopen(long now) {
        if (state instanceof State.Suspended suspended
                && now - suspended.since() < PluginWatch.SUSPENDED_AT_LEAST.toNanos()) {
            return false;
        }
        state = OPEN;
        return true;
    }
}
