package org.cdshooks.runtime.task;

import com.fasterxml.jackson.core.JsonToken;
import java.util.Map;

/**
 * The stored form of a task: the JSON that CDS stores and shows, followed by what only this service knows. Fields that
 * are not known are skipped, fields that are not there have the values of a task that was never stored, so what CDS's own
 * service has written can be read.
 */
public final class TaskJson {
    private TaskJson() {}

    /**
     * Writes a task, secrets included.
     *
     * @param task the task
     * @return UTF-8
     */
    public static byte[] encode(TaskRecord task) {
        return RecordJson.write(1024, json -> {
            RecordJson.CDS.beginTask(json, task);
            json.writeNullField("executions");
            json.writeNumberField("nb_executions_total", 0);
            json.writeNumberField("nb_executions_todo", 0);
            if (!task.stopReason().isEmpty()) {
                RecordJson.CDS.text(json, "stop_reason", task.stopReason());
            }
            if (!task.silentIn().isEmpty()) {
                RecordJson.CDS.text(json, "silent_in", task.silentIn());
            }
            if (task.stopMode() != StopMode.STOP) {
                json.writeStringField("stop_mode", task.stopMode().name());
            }
            json.writeNumberField("revision", task.revision());
            json.writeNumberField("created", task.createdAt());
        });
    }

    /**
     * Reads a task.
     *
     * @param stored UTF-8
     * @return the task
     * @throws MalformedRecordException if it is none
     */
    public static TaskRecord decode(byte[] stored) {
        Fields fields = new Fields();
        RecordJson.read(stored, "task", (name, json) -> {
            switch (name) {
                case "uuid" -> fields.uuid = RecordJson.text(json);
                case "type" -> fields.type = RecordJson.text(json);
                case "config" -> fields.config = RecordJson.readConfig(json);
                case "stopped" -> fields.stopped = json.currentToken() == JsonToken.VALUE_TRUE;
                case "stop_reason" -> fields.stopReason = RecordJson.text(json);
                case "silent_in" -> fields.silentIn = RecordJson.text(json);
                case "stop_mode" -> fields.stopMode = stopMode(RecordJson.text(json));
                case "revision" -> fields.revision = json.getLongValue();
                case "created" -> fields.created = json.getLongValue();
                default -> json.skipChildren();
            }
        });
        return new TaskRecord(
                RecordJson.taskId(fields.uuid),
                fields.type,
                fields.config,
                fields.stopped,
                fields.stopReason,
                fields.revision,
                fields.created,
                fields.silentIn,
                fields.stopMode);
    }

    private static StopMode stopMode(String text) {
        for (StopMode mode : StopMode.values()) {
            if (mode.name().equals(text)) {
                return mode;
            }
        }
        throw new MalformedRecordException("the stored task is stopped in a way that is not known: " + text);
    }

    private static final class Fields {
        private String uuid = "";
        private String type = "";
        private Map<String, ConfigValue> config = Map.of();
        private boolean stopped;
        private String stopReason = "";
        private String silentIn = "";
        private StopMode stopMode = StopMode.STOP;
        private long revision;
        private long created;
    }
}
