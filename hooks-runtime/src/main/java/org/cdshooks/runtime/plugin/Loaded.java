package org.cdshooks.runtime.plugin;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * A hook type or a sink that is ready, with the door through which it is called.
 *
 * @param name the name from its descriptor
 * @param instance the one instance on this node
 * @param door the way in
 * @param build tells whether it is the same code: differs when the plugin's jars do
 * @param <T> {@code HookType} or {@code EventSink}
 */
public record Loaded<T>(String name, T instance, PluginDoor door, String build) {

    /** A call that may throw. */
    @FunctionalInterface
    public interface Call<T, R> {
        /**
         * Calls the instance.
         *
         * @param instance the hook type or sink
         * @return its answer
         * @throws Exception whatever it throws
         */
        R on(T instance) throws Exception;
    }

    /**
     * Calls the instance through the door.
     *
     * @param call the call
     * @param <R> what it answers
     * @return its answer
     * @throws InterruptedException if it was interrupted
     * @throws PluginFailure whatever else it threw
     */
    public <R> R call(Call<T, R> call) throws PluginFailure, InterruptedException {
        Callable<R> callable = () -> call.on(instance);
        return door.call(callable);
    }

    /**
     * Says why the instance is not called now.
     *
     * @return the reason; empty if it is called
     */
    public Optional<String> suspension() {
        return door.suspension();
    }

    /**
     * Reads something from the instance that can't fail, such as its descriptor, which was read once when it was loaded.
     *
     * @param function the accessor
     * @param <R> what it answers
     * @return its answer
     */
    public <R> R read(Function<T, R> function) {
        return function.apply(instance);
    }
}
