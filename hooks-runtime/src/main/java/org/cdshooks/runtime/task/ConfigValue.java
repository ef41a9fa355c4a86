package org.cdshooks.runtime.task;

/**
 * One value of a task's config, in the form that CDS gives it.
 *
 * @param value the value as written
 * @param configurable whether CDS lets its users change it; for other tasks true
 * @param type the type that CDS shows it as, such as {@code string}; may be empty
 */
public record ConfigValue(String value, boolean configurable, String type) {

    /**
     * Wraps a value that somebody without CDS wrote.
     *
     * @param value the value
     * @return a configurable string
     */
    public static ConfigValue of(String value) {
        return new ConfigValue(value, true, "string");
    }

    /**
     * Wraps a value that the service adds by itself, such as {@code webHookURL}.
     *
     * @param value the value
     * @return a value that is not configurable and has no type, as the original adds it
     */
    public static ConfigValue added(String value) {
        return new ConfigValue(value, false, "");
    }
}
