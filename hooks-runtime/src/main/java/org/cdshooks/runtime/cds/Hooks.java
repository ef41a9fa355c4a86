package org.cdshooks.runtime.cds;

import java.util.Map;
import java.util.Optional;
import org.cdshooks.runtime.task.ConfigValue;

/** What makes a task one of CDS: it belongs to a workflow of a project. */
final class Hooks {
    static final String PROJECT = "project";
    static final String WORKFLOW = "workflow";

    private Hooks() {}

    static boolean isOfCds(Map<String, ConfigValue> config) {
        return value(config, PROJECT).isPresent() && value(config, WORKFLOW).isPresent();
    }

    private static Optional<String> value(Map<String, ConfigValue> config, String name) {
        return Optional.ofNullable(config.get(name)).map(ConfigValue::value).filter(value -> !value.isEmpty());
    }
}
