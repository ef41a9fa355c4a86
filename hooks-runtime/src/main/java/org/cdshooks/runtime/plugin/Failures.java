package org.cdshooks.runtime.plugin;

import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;

/** Says in words what went wrong in a plugin. */
final class Failures {
    private Failures() {}

    static String explain(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> "unknown failure";
            case ServiceConfigurationError e when e.getCause() != null -> explain(e.getCause());
            case ExceptionInInitializerError e when e.getCause() != null -> explain(e.getCause());
            case UnsupportedClassVersionError e -> "built for a newer Java: " + e.getMessage();
            case NoClassDefFoundError e -> "a dependency is not in the plugin's directory: " + e.getMessage();
            case NoSuchMethodError e -> "built against another version of the API: " + e.getMessage();
            case AbstractMethodError e -> "built against another version of the API: " + e.getMessage();
            default ->
                failure.getMessage() == null
                        ? failure.getClass().getSimpleName()
                        : failure.getClass().getSimpleName() + ": " + failure.getMessage();
        };
    }
}
