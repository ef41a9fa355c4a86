package org.cdshooks.runtime.plugin;

import java.io.Serial;
import java.time.Duration;

/** Thrown in place of a call into a hook type or sink that is not called now. Nothing is wrong with the call itself. */
public final class PluginSuspended extends PluginFailure {
    @Serial
    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    PluginSuspended(String plugin, String reason, Duration retryAfter) {
        super(plugin, new NotUsableException(reason));
        this.retryAfter = retryAfter;
    }

    /** Returns when another call may be let in. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
