package org.cdshooks.testkit;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.jspecify.annotations.Nullable;

/** One run of a listener, on a virtual thread of its own. */
final class ListenerRun implements TriggerContext {
    private final FakeStore store;
    private final InstantSource clock;
    private final Trigger.Listening trigger;
    private final Thread thread;
    private final int heardBefore;
    private volatile boolean cancelled;
    private volatile boolean fenced;
    private volatile boolean ended;
    private volatile @Nullable Throwable thrown;

    private ListenerRun(FakeStore store, InstantSource clock, Trigger.Listening trigger, ClassLoader loader) {
        this.store = store;
        this.clock = clock;
        this.trigger = trigger;
        this.heardBefore = store.heard();
        this.thread = Thread.ofVirtual().name("listener").unstarted(this::run);
        thread.setContextClassLoader(loader);
    }

    static ListenerRun start(FakeStore store, InstantSource clock, Trigger.Listening trigger, ClassLoader loader) {
        ListenerRun run = new ListenerRun(store, clock, trigger, loader);
        run.thread.start();
        return run;
    }

    @SuppressWarnings("InterruptedExceptionSwallowed") // kept, and told to whoever stops the listener
    private void run() {
        try {
            trigger.listener().listen(this);
        } catch (Throwable e) {
            thrown = e;
        } finally {
            ended = true;
            store.wakeUp();
        }
    }

    @Override
    public Receipt emit(Invocation invocation) throws InterruptedException {
        return store.put(trigger.name(), clock.instant(), invocation, () -> fenced);
    }

    @Override
    public Optional<String> cursor() {
        return store.cursor();
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    int heard() {
        return store.heard() - heardBefore;
    }

    boolean ended() {
        return ended;
    }

    /** What the listener let out, once it has ended; empty if it returned. */
    Optional<Throwable> thrown() {
        return Optional.ofNullable(thrown);
    }

    Thread.State threadState() {
        return thread.getState();
    }

    /** Tells the listener to stop: the flag, then the interrupt. False if it does not come back in time. */
    boolean stop(Duration grace) throws InterruptedException {
        cancelled = true;
        thread.interrupt();
        return thread.join(grace);
    }

    /** Refuses what the listener still emits. */
    void fence() {
        fenced = true;
        store.wakeUp();
    }

    String stack() {
        return Arrays.stream(thread.getStackTrace())
                .map(frame -> "\n    at " + frame)
                .collect(Collectors.joining());
    }
}
