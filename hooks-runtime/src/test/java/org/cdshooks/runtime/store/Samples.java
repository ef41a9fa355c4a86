package org.cdshooks.runtime.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.OutgoingEvent;
import org.cdshooks.runtime.task.TaskRecord;

/** Tasks and executions to store. */
public final class Samples {
    public static final String TYPE = "Sample";

    private Samples() {}

    public static TaskRecord task(String id) {
        return TaskRecord.of(new TaskId(id), TYPE, Map.of("method", ConfigValue.of("POST")));
    }

    public static Execution execution(String task, long timestamp, String body) {
        return Execution.of(
                new ExecutionKey(TYPE, new TaskId(task), timestamp),
                "http",
                Map.of("method", ConfigValue.of("POST")),
                Payload.of("text/plain", body.getBytes(UTF_8)).withAttributes(Map.of("x-n", List.of("1", "2"))));
    }

    public static Due timer(String task, Instant due) {
        return new Due(
                Execution.of(new ExecutionKey(TYPE, new TaskId(task), nanos(due)), "timer", Map.of(), Payload.empty()),
                due);
    }

    public static OutgoingEvent event(String value) {
        return new OutgoingEvent(HookEvent.of(Map.of("value", value)), false);
    }

    public static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
