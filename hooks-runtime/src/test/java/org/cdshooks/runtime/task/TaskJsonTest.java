package org.cdshooks.runtime.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.Test;

class TaskJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void whateverIsInATaskComesBack() {
        TaskRecord task = new TaskRecord(
                new TaskId("a+/=_-9"),
                "Ünicode",
                Map.of("", new ConfigValue("\ud83d\u0000\"", false, ""), "k", ConfigValue.of("😀")),
                true,
                "wh\u2028y",
                Long.MAX_VALUE,
                1_795_488_908_387_349_845L,
                "1f/0",
                StopMode.DRAIN);

        assertThat(TaskJson.decode(TaskJson.encode(task))).isEqualTo(task);
        assertThat(TaskJson.decode(TaskJson.encode(task.started()))).isEqualTo(task.started());
    }

    @Test
    void whatCdsHasStoredIsReadAndWrittenAsItWas() throws Exception {
        int read = 0;
        try (InputStream dump = TaskJsonTest.class.getResourceAsStream("redis-dump.json")) {
            for (JsonNode entry : JSON.readTree(dump)) {
                String key = entry.get("key").asText();
                if (!key.startsWith("hooks:tasks:") || key.startsWith("hooks:tasks:executions:")) {
                    continue;
                }
                byte[] stored = entry.get("value").asText().getBytes(UTF_8);
                if (key.equals("hooks:tasks:")) {
                    assertThatThrownBy(() -> TaskJson.decode(stored))
                            .isInstanceOf(MalformedRecordException.class)
                            .hasMessageContaining("uuid");
                    continue;
                }

                TaskRecord task = TaskJson.decode(stored);

                assertThat("hooks:tasks:" + task.id()).isEqualTo(key);
                ObjectNode again = (ObjectNode) JSON.readTree(TaskJson.encode(task));
                again.remove(List.of("revision", "created"));
                assertThat(again).isEqualTo(JSON.readTree(stored));
                read++;
            }
        }
        assertThat(read).isGreaterThan(10);
    }
}
