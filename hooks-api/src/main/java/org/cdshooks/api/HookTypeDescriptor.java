package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Pattern;
import org.cdshooks.api.config.ConfigDef;

/** What the runtime, its API and its documentation need to know of a hook type. Immutable. */
public final class HookTypeDescriptor {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,62}");

    private final String name;
    private final String summary;
    private final ConfigDef config;
    private final List<String> models;

    private HookTypeDescriptor(String name, String summary, ConfigDef config, List<String> models) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("hook type name '" + name + "' does not match " + NAME);
        }
        if (summary.isBlank()) {
            throw new IllegalArgumentException("hook type '" + name + "' has no summary");
        }
        this.name = name;
        this.summary = summary;
        this.config = requireNonNull(config, "config");
        this.models = List.copyOf(models);
    }

    /**
     * Creates a descriptor.
     *
     * @param name the name that tasks refer to, unique in a runtime: a letter, then letters, digits and dashes; case
     *     matters, and the name is part of storage keys, so it can't be changed later
     * @param summary one sentence for users
     * @param config the options of a task of this type
     * @return a new descriptor
     * @throws IllegalArgumentException if the name does not fit or the summary is blank
     */
    public static HookTypeDescriptor of(String name, String summary, ConfigDef config) {
        return new HookTypeDescriptor(name, summary, config, List.of());
    }

    /**
     * Names the CDS hook models whose hooks become tasks of this type, such as {@code "Git Repository Poller"}.
     *
     * @param newModels the names as the CDS API sends them
     * @return a copy that serves these models
     */
    public HookTypeDescriptor servesModels(String... newModels) {
        return new HookTypeDescriptor(name, summary, config, List.of(newModels));
    }

    /**
     * Returns the name that tasks refer to.
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
     * Returns the options of a task of this type.
     *
     * @return the options
     */
    public ConfigDef config() {
        return config;
    }

    /**
     * Returns the names of the CDS hook models that this type serves.
     *
     * @return the names; empty for a type that CDS does not know
     */
    public List<String> models() {
        return models;
    }
}
