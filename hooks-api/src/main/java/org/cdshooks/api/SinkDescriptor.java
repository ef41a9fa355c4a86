package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;

/** What the runtime, its API and its documentation need to know of a sink. Immutable. */
public final class SinkDescriptor {
    /** What the names of a sink's options begin with. */
    public static final String OPTION_PREFIX = "sink.";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    private final String name;
    private final String summary;
    private final ConfigDef config;

    private SinkDescriptor(String name, String summary, ConfigDef config) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("sink name '" + name + "' does not match " + NAME);
        }
        if (summary.isBlank()) {
            throw new IllegalArgumentException("sink '" + name + "' has no summary");
        }
        for (ConfigOption<?> option : config.options()) {
            if (!option.name().startsWith(OPTION_PREFIX)) {
                throw new IllegalArgumentException(
                        "option '" + option.name() + "' of sink '" + name + "' does not begin with " + OPTION_PREFIX);
            }
        }
        this.name = name;
        this.summary = summary;
        this.config = requireNonNull(config, "config");
    }

    /**
     * Creates a descriptor.
     *
     * @param name the name that tasks give as {@code sink}, unique in a runtime: lower-case letters, digits and dashes
     * @param summary one sentence for users
     * @param config the options that a task may give; each name begins with {@link #OPTION_PREFIX}
     * @return a new descriptor
     * @throws IllegalArgumentException if a name does not fit or the summary is blank
     */
    public static SinkDescriptor of(String name, String summary, ConfigDef config) {
        return new SinkDescriptor(name, summary, config);
    }

    /**
     * Returns the name that tasks give.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns one sentence for users.
     *
     * @return the summary
     */
    public String summary() {
        return summary;
    }

    /**
     * Returns the options that a task may give.
     *
     * @return the options
     */
    public ConfigDef config() {
        return config;
    }
}
