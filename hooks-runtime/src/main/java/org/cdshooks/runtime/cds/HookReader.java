package org.cdshooks.runtime.cds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.task.ConfigValue;

/** Reads a WorkflowNodeHook as the routes of the API do, so that a hook means the same however it comes. */
@FunctionalInterface
public interface HookReader {
    /**
     * Reads a hook.
     *
     * @param hook the hook, as CDS writes it
     * @return what it says
     */
    Read read(ObjectNode hook);

    /**
     * A hook of CDS.
     *
     * @param uuid its uuid; empty if it has none
     * @param type the hook type that serves it; empty if none does
     * @param config its options
     * @param problems what is wrong with it
     */
    record Read(String uuid, String type, Map<String, ConfigValue> config, List<ConfigProblem> problems) {}
}
