package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Map;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.task.ConfigValue;

/**
 * The config of one revision of a task, read and checked.
 *
 * @param type its hook type
 * @param hook what the hook type gets: its own options, and as extras what is nobody's option
 * @param sink where its events go
 * @param sinkConfig what the sink gets: the options whose names begin with {@code sink.}
 * @param service what the service itself reads
 * @param warnings what is probably a mistake
 * @param masked the config as written, secrets blanked: what executions keep and users see
 */
record TaskConfig(
        Loaded<HookType> type,
        HookConfig hook,
        Loaded<EventSink> sink,
        HookConfig sinkConfig,
        ServiceOptions service,
        List<ConfigProblem> warnings,
        Map<String, ConfigValue> masked) {}
