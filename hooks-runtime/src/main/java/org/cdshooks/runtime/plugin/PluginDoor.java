package org.cdshooks.runtime.plugin;

import java.util.concurrent.Callable;

/**
 * The one door into a plugin's code. Every call of the runtime into it goes through here: the thread's context class
 * loader is the plugin's while it lasts, and what goes wrong in linking is told as the plugin's failure.
 */
public final class PluginDoor {
    private final String plugin;
    private final ClassLoader loader;

    /**
     * Makes a door.
     *
     * @param plugin the plugin's name, for messages
     * @param loader the loader of its classes
     */
    public PluginDoor(String plugin, ClassLoader loader) {
        this.plugin = plugin;
        this.loader = loader;
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
     * @throws PluginFailure whatever else the plugin threw, as its cause
     */
    public <T> T call(Callable<T> call) throws PluginFailure, InterruptedException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return call.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
            throw new PluginFailure(plugin, e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
