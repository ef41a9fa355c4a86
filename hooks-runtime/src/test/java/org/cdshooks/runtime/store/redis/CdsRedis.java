package org.cdshooks.runtime.store.redis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.Reply;

/** Fills a Redis as CDS's own service does, and reads it as that service would. */
final class CdsRedis {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final String TASKS = "hooks:tasks";
    private static final String QUEUE = "hooks:scheduler:queue";

    private final RedisServer redis;
    private int saves;

    CdsRedis(RedisServer redis) {
        this.redis = redis;
    }

    /** The dump of a Redis that CDS's service has used. */
    static JsonNode dump() throws IOException {
        try (InputStream in = ExecutionJson.class.getResourceAsStream("redis-dump.json")) {
            return JSON.readTree(in);
        }
    }

    void loadDump() throws IOException {
        for (JsonNode entry : dump()) {
            String key = entry.get("key").asText();
            JsonNode value = entry.get("value");
            switch (entry.get("type").asText()) {
                case "zset" ->
                    value.forEach(member -> redis.command(
                            "ZADD", key, member.get(1).asText(), member.get(0).asText()));
                case "list" -> value.forEach(element -> redis.command("RPUSH", key, element.asText()));
                default -> redis.command("SET", key, value.asText());
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ writing

    void task(String id, String type) throws IOException {
        task(id, type, false);
    }

    void task(String id, String type, boolean stopped) throws IOException {
        ObjectNode task = JSON.createObjectNode().put("uuid", id).put("type", type);
        task.putObject("config")
                .putObject("method")
                .put("value", "POST")
                .put("configurable", true)
                .put("type", "string");
        task.put("stopped", stopped).putNull("executions").put("nb_executions_total", 0);
        saveTask(id, JSON.writeValueAsString(task));
    }

    void saveTask(String id, String json) {
        redis.command("ZADD", TASKS, nowAsScore(), id);
        redis.command("SET", TASKS + ":" + id, json);
    }

    /** An execution that nobody has worked on; what it has besides is for the caller. */
    static ObjectNode execution(String type, String id, long timestamp, String status) {
        ObjectNode execution = JSON.createObjectNode()
                .put("uuid", id)
                .put("type", type)
                .put("timestamp", timestamp)
                .put("nb_errors", 0)
                .put("processing_timestamp", 0)
                .put("workflow_run", 0);
        execution.putObject("config");
        return execution.put("status", status);
    }

    static ObjectNode request(String type, String id, long timestamp, String status) {
        ObjectNode execution = execution(type, id, timestamp, status);
        execution.putObject("webhook").put("request_url", "a=" + timestamp).put("request_body", "e30=");
        return execution;
    }

    static ObjectNode scheduled(String type, String id, long timestamp, String status) {
        ObjectNode execution = execution(type, id, timestamp, status);
        execution.putObject("scheduled_task").put("date_scheduled_execution", "some day");
        return execution;
    }

    static ObjectNode failed(ObjectNode execution, int errors) {
        return execution
                .put("nb_errors", errors)
                .put("last_error", "it failed")
                .put("processing_timestamp", execution.get("timestamp").asLong() + 5);
    }

    String save(ObjectNode execution) throws IOException {
        String timestamp = execution.get("timestamp").asText();
        redis.command("ZADD", index(execution), nowAsScore(), timestamp);
        String key = index(execution) + ":" + timestamp;
        redis.command("SET", key, JSON.writeValueAsString(execution));
        return key;
    }

    private static String index(ObjectNode execution) {
        return TASKS + ":executions:" + execution.get("type").asText() + ":"
                + execution.get("uuid").asText();
    }

    void queue(String element) {
        redis.command("LPUSH", QUEUE, element);
    }

    /** Later than all that the dump has, by the clock of that service. */
    private String nowAsScore() {
        return Double.toString(1.7954891385e18 + 1000 * ++saves);
    }

    // ------------------------------------------------------------------------------------------------ reading

    /** All that is there, but for what belongs to the running of nodes. */
    Map<String, Object> everything() {
        Map<String, Object> all = new TreeMap<>();
        for (String key : redis.command("KEYS", "*").texts()) {
            all.put(
                    key,
                    switch (redis.command("TYPE", key).text()) {
                        case "string" -> redis.command("GET", key).text();
                        case "list" -> redis.command("LRANGE", key, "0", "-1").texts();
                        case "zset" ->
                            redis.command("ZRANGE", key, "0", "-1", "WITHSCORES")
                                    .texts();
                        case "hash" -> hash(key);
                        default -> new TreeSet<>(redis.command("SMEMBERS", key).texts());
                    });
        }
        return all;
    }

    Map<String, String> hash(String key) {
        List<String> pairs = redis.command("HGETALL", key).texts();
        Map<String, String> hash = new TreeMap<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            // The order of types is that in which Redis found them.
            String value = pairs.get(i + 1);
            hash.put(
                    pairs.get(i),
                    pairs.get(i).equals("types")
                            ? String.join(" ", new TreeSet<>(value.lines().toList()))
                            : value);
        }
        return hash;
    }

    List<String> problems() {
        return redis.command("ZRANGE", "hooks:adopted:problems", "0", "-1").texts();
    }

    List<String> queue() {
        Reply queue = redis.command("LRANGE", QUEUE, "0", "-1");
        return queue.texts();
    }

    List<String> tasks() {
        return redis.command("ZRANGE", TASKS, "0", "-1").texts();
    }
}
