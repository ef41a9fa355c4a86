package org.cdshooks.api.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The options of a hook type or a sink, in the order in which users see them. Immutable. */
public final class ConfigDef {
    private final Map<String, ConfigOption<?>> options;

    private ConfigDef(Map<String, ConfigOption<?>> options) {
        this.options = Collections.unmodifiableMap(options);
    }

    /**
     * Puts options together.
     *
     * @param options the options, each name once
     * @return a definition
     * @throws IllegalArgumentException if a name is there twice
     */
    public static ConfigDef of(ConfigOption<?>... options) {
        Map<String, ConfigOption<?>> byName = new LinkedHashMap<>();
        for (ConfigOption<?> option : options) {
            if (byName.put(option.name(), option) != null) {
                throw new IllegalArgumentException("option '" + option.name() + "' is defined twice");
            }
        }
        return new ConfigDef(byName);
    }

    /**
     * Returns the options.
     *
     * @return the options in order
     */
    public List<ConfigOption<?>> options() {
        return List.copyOf(options.values());
    }

    /**
     * Finds an option.
     *
     * @param name its name
     * @return the option, if it is declared
     */
    public Optional<ConfigOption<?>> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    /**
     * Reads and checks a configuration. Values that no option declares are kept as {@linkplain HookConfig#extras
     * extras}; one whose name is near to a declared one is also told as a {@linkplain HookConfig#warnings warning}.
     *
     * @param values values by the names of their options
     * @return the configuration, with defaults
     * @throws InvalidConfigException with everything that is wrong: all missing and bad values, not only the first
     */
    public HookConfig parse(Map<String, String> values) {
        List<ConfigProblem> problems = new ArrayList<>();
        Map<ConfigOption<?>, Object> parsed = new LinkedHashMap<>();
        for (ConfigOption<?> option : options.values()) {
            Optional<String> text = Optional.ofNullable(values.get(option.name()));
            if (text.isPresent()) {
                try {
                    parsed.put(option, option.parse(text.get()));
                } catch (IllegalArgumentException e) {
                    problems.add(new ConfigProblem(option.name(), String.valueOf(e.getMessage())));
                }
            } else if (option.isRequired()) {
                problems.add(new ConfigProblem(option.name(), "is required: " + option.description()));
            } else {
                option.defaultValue().ifPresent(value -> parsed.put(option, value));
            }
        }
        Map<String, String> extras = new TreeMap<>(values);
        extras.keySet().removeAll(options.keySet());
        List<ConfigProblem> warnings = new ArrayList<>();
        for (String extra : extras.keySet()) {
            Names.nearest(extra, options.keySet())
                    .ifPresent(near -> warnings.add(
                            new ConfigProblem(extra, "is no option of this type; did you mean '" + near + "'?")));
        }
        if (!problems.isEmpty()) {
            problems.addAll(warnings);
            throw new InvalidConfigException(problems);
        }
        return new HookConfig(parsed, extras, warnings);
    }
}
