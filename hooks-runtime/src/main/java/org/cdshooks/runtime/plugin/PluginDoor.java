package org.cdshooks.runtime.plugin;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The one door into a plugin's code. Every call of the runtime into it goes through here: while it lasts, the thread's
 * context class loader is the plugin's and the log context names the plugin under {@value #LOG_KEY}; both are as before
 * when it ends, whatever the plugin did to them. What goes wrong is told as the plugin's failure.
 *
 * <p>Thread-locals that a plugin leaves behind can't be taken away from a thread, so call on threads that end: the
 * virtual thread of one execution, delivery or listener.
 */
public final class PluginDoor {
    /** The key of the plugin's name in the log context. */
    public static final String LOG_KEY = "plugin";

    private final String plugin;
    private final ClassLoader loader;
    private final PluginGate gate;

    /**
     * Makes a door.
     *
     * @param plugin the plugin's name, for messages
     * @param loader the loader of its classes
     */
    public PluginDoor(String plugin, ClassLoader loader) {
        this(plugin, loader, PluginWatch.ofProcess());
    }

    PluginDoor(String plugin, ClassLoader loader, PluginWatch watch) {
        this(plugin, loader, new PluginGate(plugin, "the plugin", watch));
    }

    private PluginDoor(String plugin, ClassLoader loader, PluginGate gate) {
        this.plugin = plugin;
        this.loader = loader;
        this.gate = gate;
    }

    PluginGate gate() {
        return gate;
    }

    /** Returns a door into a part of the same plugin, which can be suspended while other parts are called. */
    PluginDoor to(String part) {
        return new PluginDoor(plugin, loader, gate.of(part));
    }

    /**
     * Says why the code behind this door is not called now.
     *
     * @return the reason; empty if it is called
     */
    public Optional<String> suspension() {
        return gate.suspension();
    }

    /**
     * Returns whose code is behind this door.
     *
     * @return the plugin's name
     */
    public String plugin() {
        return plugin;
    }

    /**
     * Calls into the plugin, on the caller's thread.
     *
     * @param call the call
     * @param <T> what it answers
     * @return its answer
     * @throws InterruptedException if the plugin was interrupted: the order to stop, not a failure
     * @throws PluginSuspended if the code is not called now, or was interrupted because it is suspended
     * @throws PluginFailure whatever else the plugin threw, as its cause; an {@link OutOfMemoryError} is not the
     *     plugin's and passes as it is
     */
    public <T> T call(Callable<T> call) throws PluginFailure, InterruptedException {
        PluginCall underWay = gate.enter();
        try {
            T answer = inContext(call);
            leave(underWay);
            return answer;
        } catch (InterruptedException e) {
            if (leave(underWay)) {
                throw gate.suspended(gate.suspension().orElse("the plugin was suspended"));
            }
            throw e;
        } catch (PluginFailure | RuntimeException | Error e) {
            leave(underWay);
            throw e;
        }
    }

    /** Ends a call; the interrupt that was for the call must not disturb what the thread does next. */
    private boolean leave(PluginCall call) {
        boolean wasInterrupted = gate.leave(call);
        if (wasInterrupted) {
            Thread.interrupted();
        }
        return wasInterrupted;
    }

    private <T> T inContext(Callable<T> call) throws PluginFailure, InterruptedException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        Map<String, String> logContext = MDC.getCopyOfContextMap();
        thread.setContextClassLoader(loader);
        MDC.put(LOG_KEY, plugin);
        try {
            return call.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (StackOverflowError e) {
            throw new PluginFailure(plugin, e);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) { // also what is neither Exception nor Error: other languages throw such
            throw new PluginFailure(plugin, e);
        } finally {
            thread.setContextClassLoader(before);
            restore(logContext);
        }
    }

    /**
     * Calls into the plugin on a virtual thread of its own, and waits no longer than the limit: for calls that the
     * start or the end of the service waits for. A thread that is late is interrupted and left behind.
     */
    <T> T callWithin(Duration limit, Callable<T> call) throws PluginFailure, InterruptedException {
        FutureTask<T> task = new FutureTask<>(() -> call(call));
        Thread thread = Thread.ofVirtual()
                .name("plugin-" + plugin)
                .inheritInheritableThreadLocals(false)
                .start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case PluginFailure failure -> throw failure;
                case Error error -> throw error;
                case null, default -> throw new PluginFailure(plugin, e); // interrupted by its own doing
            }
        } catch (TimeoutException e) {
            StackTraceElement[] whereItIs = thread.getStackTrace();
            thread.interrupt();
            NotUsableException late = new NotUsableException("it has not ended within " + limit.toSeconds() + " s");
            late.setStackTrace(whereItIs);
            throw new PluginFailure(plugin, late);
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        }
    }

    private static void restore(@Nullable Map<String, String> logContext) {
        if (logContext == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(logContext);
        }
    }
}
