package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cdshooks.runtime.plugin.PluginFailure;

/** Calls into plugins that somebody waits for, but not for ever. */
final class Bounded {
    private Bounded() {}

    /** A call into a plugin through its door. */
    @FunctionalInterface
    interface PluginCall<T> {
        T call() throws PluginFailure, InterruptedException;
    }

    /**
     * Makes a call on a virtual thread of its own and waits for it within a limit. A thread that is late is interrupted
     * and left behind.
     *
     * @param plugin whose code it is, for the message
     * @param what what the plugin is asked for, for the message
     * @throws PluginFailure if the call threw it, or is late
     * @throws InterruptedException if the caller is interrupted; the call is as well
     */
    static <T> T call(Duration limit, String plugin, String what, PluginCall<T> call)
            throws PluginFailure, InterruptedException {
        FutureTask<T> task = new FutureTask<>(call::call);
        Thread thread = Thread.ofVirtual().name(plugin + "-" + what).start(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case PluginFailure failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error error -> throw error;
                case null, default -> throw new PluginFailure(plugin, e); // it interrupted itself
            }
        } catch (TimeoutException e) {
            TimeoutException late = new TimeoutException(what + " did not return within " + Texts.of(limit));
            late.setStackTrace(thread.getStackTrace()); // where it is: what its author needs
            thread.interrupt();
            throw new PluginFailure(plugin, late);
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        }
    }
}
