package org.cdshooks.runtime.plugin;

import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Says which plugin calls {@code System.exit}. Java can't forbid the call, and the JDK tells the caller's stack to the logger
 * {@code java.lang.Runtime} alone. Nothing is told of {@code Runtime.halt}.
 */
public final class PluginExits extends Handler {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(PluginExits.class);

    /** Kept, since the JDK forgets loggers that nobody holds, with their handlers. */
    private final Logger logger = Logger.getLogger("java.lang.Runtime");

    private volatile @Nullable String plugin;

    private PluginExits() {}

    /** Listens from now on, on the thread that calls exit. Call it after logging has been set up. */
    public static PluginExits watch() {
        PluginExits exits = new PluginExits();
        exits.logger.setLevel(Level.FINE);
        exits.logger.setUseParentHandlers(false);
        exits.logger.addHandler(exits);
        return exits;
    }

    /** Returns the plugin whose code ends the service. */
    public Optional<String> plugin() {
        return Optional.ofNullable(plugin);
    }

    @Override
    public void publish(LogRecord call) {
        Throwable stack = call.getThrown();
        if (stack == null) {
            return;
        }
        for (StackTraceElement frame : stack.getStackTrace()) {
            String loader = frame.getClassLoaderName(); // a plugin's loader has the plugin's name
            if (loader != null && !loader.equals("app") && !loader.equals("platform")) {
                plugin = loader;
                LOG.error(
                        "Plugin '{}' ends the service: its code calls System.exit. Remove the plugin, or ask its author to"
                                + " throw an exception instead",
                        loader,
                        stack);
                return;
            }
        }
    }

    @Override
    public void flush() {
        // nothing is kept back
    }

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
