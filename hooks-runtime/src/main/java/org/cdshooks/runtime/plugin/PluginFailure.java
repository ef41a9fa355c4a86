package org.cdshooks.runtime.plugin;

import java.io.Serial;

/** Thrown when code of a plugin has thrown. The cause is what it threw. */
public sealed class PluginFailure extends Exception permits PluginSuspended {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param plugin whose code it was
     * @param cause what it threw
     */
    public PluginFailure(String plugin, Throwable cause) {
        super("plugin '" + plugin + "': " + Failures.explain(cause), cause);
    }

    /**
     * Returns what went wrong, in words that the author of the plugin understands.
     *
     * @return the reason, without the plugin's name
     */
    public String reason() {
        return Failures.explain(getCause());
    }
}
