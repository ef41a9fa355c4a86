package org.cdshooks.runtime.cds;

import java.util.Map;
import java.util.Optional;
import org.cdshooks.runtime.task.ConfigValue;

/** What makes a task one of CDS: it belongs to a workflow of a project, and starts it. */
final class Hooks {
    static final String PROJECT = "project";
    static final String WORKFLOW = "workflow";
    private static final String SINK = "sink";

    private Hooks() {}

    /** Tells whether a config names a workflow of CDS. */
    static boolean belongsToWorkflow(Map<String, ConfigValue> config) {
        return value(config, PROJECT).isPresent() && value(config, WORKFLOW).isPresent();
    }

    /** Tells whether a task is one of CDS, and not one that somebody made by hand with a sink of his own. */
    static boolean isOfCds(Map<String, ConfigValue> config) {
        return belongsToWorkflow(config)
                && value(config, SINK).orElse(CdsEventSink.NAME).equals(CdsEventSink.NAME);
    }

    private static Optional<String> value(Map<String, ConfigValue> config, String name) {
        return Optional.ofNullable(config.get(name)).map(ConfigValue::value).filter(value -> !value.isEmpty());
    }
}
