package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.Test;

class TaskBodyTest {
    /** Who reads a task, changes a value and writes it back must not have to know what the API adds. */
    @Test
    void everythingThatIsShownOfATaskMayBeWrittenBack() {
        TaskRecord task = TaskRecord.of(new TaskId("t"), "Web", Map.of("method", ConfigValue.of("POST")))
                .disabled(true);
        TaskView everything = new TaskView(
                new TaskRecord(
                        task.id(), task.type(), task.config(), true, "its target is gone", 7, 8, "", task.stopMode()),
                new TaskCounts(1, 1, 0, 0, 0),
                Optional.of("a problem"),
                List.of(new ConfigProblem("option", "is odd")),
                Set.of("secret"),
                Map.of("verify", "none"),
                Optional.of(Instant.EPOCH),
                3);

        byte[] shown = GoJson.bytes(json -> ApiJson.task(json, everything, Optional.of(List.of())));

        assertThat(TaskBody.of(TaskBody.object(shown), model -> Optional.empty())
                        .problems())
                .isEmpty();
    }
}
